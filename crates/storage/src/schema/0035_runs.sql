-- Runs of the proximity network. They belong to no authority and hold no person. On SQLite they lie in a file of their own.
CREATE TABLE run (
  run_id UUID NOT NULL, -- Its id
  name TEXT NOT NULL, -- What its owner calls it
  owner_id UUID NOT NULL, -- Account that made it
  visibility TEXT NOT NULL, -- Who sees it: owner, staff, anybody
  rehearsal INTEGER NOT NULL, -- 1: its nodes stand for persons, and what they heard shows up as evidence
  parameters TEXT NOT NULL, -- What holds for all nodes, as JSON
  second_us BIGINT NOT NULL, -- Length of a second of the run, in microseconds
  created_at INSTANT NOT NULL, -- When it was made
  state TEXT NOT NULL, -- running, paused, stopped
  seconds_before BIGINT NOT NULL, -- Seconds of the run that were over when it last began to run
  running_since INSTANT, -- Since when it runs; null while it doesn't
  ended_at INSTANT, -- When it was stopped
  n_safe BIGINT NOT NULL, -- Susceptible nodes that were asked for, all in all
  n_infected BIGINT NOT NULL, -- Infected nodes that were asked for, all in all
  n_nodes BIGINT NOT NULL, -- Numbers of nodes that were given out
  PRIMARY KEY (run_id)
) CLUSTERED;
CREATE INDEX run_by_age ON run (created_at, run_id);

CREATE TABLE run_node (
  run_id UUID NOT NULL, -- Its run
  no BIGINT NOT NULL, -- Its number in the run, from 0
  tag BIGINT NOT NULL, -- First 6 bytes of BLAKE3 of its id: by it others name it
  node_id UUID, -- Its id; null while only others heard it
  boot BIGINT, -- Number that it drew when it started
  first_second BIGINT, -- Of which second it reported first
  died_at BIGINT, -- Second of its last message; null while it lives
  PRIMARY KEY (run_id, no)
) CLUSTERED;
CREATE UNIQUE INDEX run_node_by_tag ON run_node (run_id, tag);

CREATE TABLE run_frame (
  run_id UUID NOT NULL, -- Its run
  second BIGINT NOT NULL, -- Which second of the run it tells of
  kind INTEGER NOT NULL, -- 1 key, 2 amendment, 3 part
  chain INTEGER NOT NULL, -- Partition of the log from which it was made
  part BIGINT NOT NULL, -- Number in the chain
  bytes BYTES NOT NULL, -- The frame, compressed by Zstandard
  PRIMARY KEY (run_id, second, kind, chain, part)
) CLUSTERED;

CREATE TABLE run_encounter (
  run_id UUID NOT NULL, -- Its run
  lower BIGINT NOT NULL, -- Number of the one
  higher BIGINT NOT NULL, -- Number of the other
  slot BIGINT NOT NULL, -- Which 300 seconds of the run
  first_second BIGINT NOT NULL, -- First second in which either heard the other
  last_second BIGINT NOT NULL, -- Last one
  n_seconds BIGINT NOT NULL, -- Reports of either, one for each second
  nearest BIGINT NOT NULL, -- Smallest distance, in quarters of a step
  PRIMARY KEY (run_id, lower, higher, slot)
) CLUSTERED;
CREATE INDEX run_encounter_by_higher ON run_encounter (run_id, higher, lower, slot);

CREATE TABLE run_infection (
  run_id UUID NOT NULL, -- Its run
  no BIGINT NOT NULL, -- Who was infected
  second BIGINT NOT NULL, -- In which second
  infector BIGINT NOT NULL, -- By whom
  PRIMARY KEY (run_id, no, second)
) CLUSTERED;

CREATE TABLE log_offset (
  log_id TEXT NOT NULL, -- Which log
  topic TEXT NOT NULL, -- Which topic of it
  partition_no INTEGER NOT NULL, -- Which partition of that
  next_offset BIGINT NOT NULL, -- The first record that is not stored yet
  n_gaps BIGINT NOT NULL, -- How many records were gone before they were read
  PRIMARY KEY (log_id, topic, partition_no)
) CLUSTERED;

CREATE TABLE dead_letter (
  log_id TEXT NOT NULL, -- Which log
  topic TEXT NOT NULL, -- Which topic of it
  partition_no INTEGER NOT NULL, -- Which partition of that
  record_offset BIGINT NOT NULL, -- Which record
  reason TEXT NOT NULL, -- Why it can't be stored
  noted_at INSTANT NOT NULL, -- When it was put aside
  bytes BYTES NOT NULL, -- The record
  PRIMARY KEY (log_id, topic, partition_no, record_offset)
) CLUSTERED;
CREATE INDEX dead_letter_by_age ON dead_letter (noted_at);

CREATE TABLE run_view (
  account_id UUID NOT NULL, -- Whose
  kind TEXT NOT NULL, -- map: how they look at it; parameters: what they start with
  chosen TEXT NOT NULL, -- What they chose, as JSON
  PRIMARY KEY (account_id, kind)
) CLUSTERED;
