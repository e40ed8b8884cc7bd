-- Guests' check-ins: the days to which they are sealed. On PostgreSQL blocks and lists lie in partitions by day, in a schema
-- that the role for jobs owns, so that it can make and drop them; with SQLite each day is a file of its own.
CREATE TABLE check_in_day (
  authority_id INTEGER NOT NULL, -- Authority
  day DAY NOT NULL, -- Local day of arrival
  public_key BYTES NOT NULL, -- What guests are sealed to; the other half is in the keyring
  ends_at INSTANT NOT NULL, -- From when the other half must be destroyed; fixed when the key was made, never later
  packed_at INSTANT, -- When the day was closed and packed venue by venue
  destroyed_at INSTANT, -- When the key was destroyed
  dropped_at INSTANT, -- When the rows were gone too
  PRIMARY KEY (authority_id, day)
) CLUSTERED;

@postgres CREATE SCHEMA check_ins;
@postgres CREATE TABLE check_ins.block (
@postgres   authority_id INTEGER NOT NULL, -- Authority
@postgres   day DAY NOT NULL, -- Local day of arrival
@postgres   block_id UUID NOT NULL, -- Made by the server that took them
@postgres   heads BYTES NOT NULL, -- Which venues, and where in the body each begins
@postgres   ids BYTES NOT NULL, -- Keyed fingerprints by which a retry is known
@postgres   body BYTES NOT NULL, -- Check-ins of one commit, sorted by venue; guests sealed to the day
@postgres   PRIMARY KEY (authority_id, day, block_id)
@postgres ) PARTITION BY LIST (day);
@postgres ALTER TABLE check_ins.block ALTER COLUMN body SET STORAGE EXTERNAL;
@postgres CREATE TABLE check_ins.list (
@postgres   authority_id INTEGER NOT NULL, -- Authority
@postgres   day DAY NOT NULL, -- Local day of arrival
@postgres   venue_id BIGINT NOT NULL, -- The venue, as the 50 bits of its id
@postgres   body BYTES NOT NULL, -- Its check-ins of the day; guests sealed to it
@postgres   PRIMARY KEY (authority_id, day, venue_id)
@postgres ) PARTITION BY LIST (day);
@postgres ALTER TABLE check_ins.list ALTER COLUMN body SET STORAGE EXTERNAL;
