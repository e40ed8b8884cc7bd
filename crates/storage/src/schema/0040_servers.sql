-- Servers of the cell, as each says of itself, and what was last done for the installation. Neither belongs to an authority.
CREATE TABLE server_beat (
  server_id UUID NOT NULL, -- Drawn when it starts
  name TEXT NOT NULL, -- Name of its host
  version TEXT NOT NULL, -- Version of the program
  schema_version BIGINT NOT NULL, -- Newest step of the schema that it knows
  started_at INSTANT NOT NULL, -- When it started
  seen_at INSTANT NOT NULL, -- When it last said so
  state TEXT NOT NULL, -- serving, draining
  certificate_until INSTANT, -- Until when its certificate holds; null where it has none
  clock_ahead_ms BIGINT, -- How far its clock is before the database's; null on SQLite
  disk_free_bytes BIGINT, -- What is free on the disk of its data folder
  keys TEXT NOT NULL, -- Whether it can open names: open, locked
  PRIMARY KEY (server_id)
) CLUSTERED;

CREATE TABLE last_done (
  what TEXT NOT NULL, -- backup, retention
  done_at INSTANT NOT NULL, -- When it last ended well
  PRIMARY KEY (what)
) CLUSTERED;
