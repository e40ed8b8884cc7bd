-- Files that leave: whose ids went with them, and workbooks that are made by a job.
CREATE TABLE audit_block (
  authority_id INTEGER NOT NULL, -- Authority
  audit_id UUID NOT NULL, -- The record whose ids these are; it holds their digest
  ids BYTES NOT NULL, -- Ids of the cases, 16 bytes each, in the order of the file, deflated
  PRIMARY KEY (authority_id, audit_id)
) CLUSTERED;

CREATE TABLE export_file (
  authority_id INTEGER NOT NULL, -- Authority
  export_id UUID NOT NULL, -- Its id
  account_id UUID NOT NULL, -- Who asked for it
  kind TEXT NOT NULL, -- What it holds
  settings TEXT NOT NULL, -- Which cases and in which language, as JSON: clear columns only
  job_id UUID NOT NULL, -- The job that makes it
  n_rows BIGINT, -- Rows in it; null until it is ready
  n_bytes BIGINT, -- Its size; null until it is ready
  created_at INSTANT NOT NULL, -- When it was asked for
  PRIMARY KEY (authority_id, export_id)
) CLUSTERED;

CREATE TABLE export_part (
  authority_id INTEGER NOT NULL, -- Authority
  export_id UUID NOT NULL, -- The file
  part INTEGER NOT NULL, -- Counts from 0
  content SEALED NOT NULL, -- At most a MiB of the file
  PRIMARY KEY (authority_id, export_id, part)
) CLUSTERED;

CREATE INDEX quarantine_decision_by_day ON quarantine_decision (authority_id, decided_at, case_id);
CREATE INDEX case_without_quarantine ON outbreak_case (authority_id, case_id) WHERE quarantine_last IS NULL AND case_type <> 'index';
CREATE INDEX case_external ON outbreak_case (authority_id, case_id) WHERE status = 'external';
