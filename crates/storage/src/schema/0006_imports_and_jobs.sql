-- Files that people bring in through the page, and work that goes on after the answer.
CREATE TABLE import_file (
  authority_id INTEGER NOT NULL, -- Authority
  import_id UUID NOT NULL, -- Its id
  account_id UUID NOT NULL, -- Who brought it in
  kind TEXT NOT NULL, -- cases, infections, encounters, visits
  file_name SEALED NOT NULL, -- As its owner calls it
  n_bytes BIGINT NOT NULL, -- Its size
  state TEXT NOT NULL, -- uploaded, checking, checked, running, done, failed
  settings TEXT, -- Which column is which field, and how to read them, as JSON
  summary TEXT, -- What became of its rows, as JSON; counts only
  n_refused BIGINT NOT NULL, -- Rows that were refused and wait for correction
  job_id UUID, -- The last job that read it
  created_at INSTANT NOT NULL, -- When it was brought in
  PRIMARY KEY (authority_id, import_id)
) CLUSTERED;

CREATE TABLE import_part (
  authority_id INTEGER NOT NULL, -- Authority
  import_id UUID NOT NULL, -- The file
  what TEXT NOT NULL, -- file: its bytes; refused: rows that were refused, as JSON
  part INTEGER NOT NULL, -- Number of the part, from 0
  content SEALED NOT NULL, -- A piece of it
  PRIMARY KEY (authority_id, import_id, what, part)
) CLUSTERED;

CREATE TABLE job (
  authority_id INTEGER NOT NULL, -- Authority
  job_id UUID NOT NULL, -- Its id
  kind TEXT NOT NULL, -- import.check, import.run
  subject_id UUID NOT NULL, -- What it works on
  account_id UUID NOT NULL, -- For whom
  role TEXT NOT NULL, -- In which role
  state TEXT NOT NULL, -- waiting, running, done, failed, cancelled
  settings TEXT NOT NULL, -- How, as JSON; no person
  done BIGINT NOT NULL, -- Rows done so far
  total BIGINT, -- Rows in all, if known
  problem TEXT, -- Why it failed, in words without persons
  holder UUID, -- The server that works on it
  held_until INSTANT, -- Until when; then another server goes on with it
  created_at INSTANT NOT NULL, -- When it was asked for
  finished_at INSTANT, -- When it ended
  PRIMARY KEY (authority_id, job_id)
) CLUSTERED;
