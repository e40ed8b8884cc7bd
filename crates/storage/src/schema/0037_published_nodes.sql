-- Nodes of the published system: they belong to runs that nobody made, say neither how near they were to each other nor who
-- infected them, and say a thing twice. SQLite can't take a NOT NULL away, so two tables are written anew.
@postgres ALTER TABLE run ALTER COLUMN owner_id DROP NOT NULL;
@postgres COMMENT ON COLUMN run.owner_id IS 'Account that made it; null where nobody did';
@sqlite CREATE TABLE run_anew (
@sqlite   run_id UUID NOT NULL, -- Its id
@sqlite   name TEXT NOT NULL, -- What its owner calls it
@sqlite   owner_id UUID, -- Account that made it; null where nobody did
@sqlite   visibility TEXT NOT NULL, -- Who sees it: owner, staff, anybody
@sqlite   rehearsal INTEGER NOT NULL, -- 1: its nodes stand for persons, and what they heard shows up as evidence
@sqlite   parameters TEXT NOT NULL, -- What holds for all nodes, as JSON
@sqlite   second_us BIGINT NOT NULL, -- Length of a second of the run, in microseconds
@sqlite   created_at INSTANT NOT NULL, -- When it was made
@sqlite   state TEXT NOT NULL, -- running, paused, stopped
@sqlite   seconds_before BIGINT NOT NULL, -- Seconds of the run that were over when it last began to run
@sqlite   running_since INSTANT, -- Since when it runs; null while it doesn't
@sqlite   ended_at INSTANT, -- When it was stopped
@sqlite   n_safe BIGINT NOT NULL, -- Susceptible nodes that were asked for, all in all
@sqlite   n_infected BIGINT NOT NULL, -- Infected nodes that were asked for, all in all
@sqlite   n_nodes BIGINT NOT NULL, -- Numbers of nodes that were given out
@sqlite   hosting TEXT NOT NULL DEFAULT 'server', -- Where its nodes live: server, processes
@sqlite   key_hash TEXT, -- SHA-256 of the key by which its nodes report; null while they have none
@sqlite   host_id UUID, -- The host that brings nodes into being
@sqlite   host_seen_at INSTANT, -- When that host last asked
@sqlite   taken_safe BIGINT NOT NULL DEFAULT 0, -- Susceptible nodes that hosts have taken
@sqlite   taken_infected BIGINT NOT NULL DEFAULT 0, -- Infected nodes that hosts have taken
@sqlite   PRIMARY KEY (run_id)
@sqlite ) CLUSTERED;
@sqlite INSERT INTO run_anew SELECT run_id, name, owner_id, visibility, rehearsal, parameters, second_us, created_at, state,
@sqlite   seconds_before, running_since, ended_at, n_safe, n_infected, n_nodes, hosting, key_hash, host_id, host_seen_at,
@sqlite   taken_safe, taken_infected FROM run;
@sqlite DROP TABLE run;
@sqlite ALTER TABLE run_anew RENAME TO run;
@sqlite CREATE INDEX run_by_age ON run (created_at, run_id);
ALTER TABLE run ADD COLUMN wire TEXT NOT NULL DEFAULT 'compact'; -- What its nodes speak: compact, json
ALTER TABLE run ADD COLUMN historic_day DAY; -- Of which day, in UTC, it takes what published nodes say; null where somebody made it
ALTER TABLE run ADD COLUMN historic_no INTEGER; -- Which run of that day it is, from 1; null where somebody made it
UPDATE run SET wire = 'json' WHERE parameters LIKE '%"wire":"json"%';
CREATE UNIQUE INDEX run_of_day ON run (historic_day, historic_no) WHERE historic_day IS NOT NULL;
CREATE INDEX run_of_json ON run (created_at, run_id) WHERE wire = 'json';

@postgres ALTER TABLE run_encounter ALTER COLUMN nearest DROP NOT NULL;
@postgres COMMENT ON COLUMN run_encounter.nearest IS 'Smallest distance, in quarters of a step; null where nobody said it';
@sqlite CREATE TABLE run_encounter_anew (
@sqlite   run_id UUID NOT NULL, -- Its run
@sqlite   lower BIGINT NOT NULL, -- Number of the one
@sqlite   higher BIGINT NOT NULL, -- Number of the other
@sqlite   slot BIGINT NOT NULL, -- Which 300 seconds of the run
@sqlite   first_second BIGINT NOT NULL, -- First second in which either heard the other
@sqlite   last_second BIGINT NOT NULL, -- Last one
@sqlite   n_seconds BIGINT NOT NULL, -- Reports of either, one for each second
@sqlite   nearest BIGINT, -- Smallest distance, in quarters of a step; null where nobody said it
@sqlite   PRIMARY KEY (run_id, lower, higher, slot)
@sqlite ) CLUSTERED;
@sqlite INSERT INTO run_encounter_anew SELECT run_id, lower, higher, slot, first_second, last_second, n_seconds, nearest
@sqlite   FROM run_encounter;
@sqlite DROP TABLE run_encounter;
@sqlite ALTER TABLE run_encounter_anew RENAME TO run_encounter;
@sqlite CREATE INDEX run_encounter_by_higher ON run_encounter (run_id, higher, lower, slot);

CREATE TABLE run_message (
  run_id UUID NOT NULL, -- Its run
  no BIGINT NOT NULL, -- Number of the published node that sent it
  told_at BIGINT NOT NULL, -- What its clock showed: microseconds since 1970 in a zone that nobody knows
  recorded_at BIGINT NOT NULL, -- When the log took it: milliseconds since 1970 in UTC
  second BIGINT NOT NULL, -- Which second of the run that was
  PRIMARY KEY (run_id, no, told_at)
) CLUSTERED;
CREATE UNIQUE INDEX run_message_by_second ON run_message (run_id, no, second, recorded_at, told_at);
