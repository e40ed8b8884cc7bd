-- One thing done to many cases: a journal with a row for each case, so that a job resumes and all of it can be undone.
CREATE TABLE bulk_action (
  authority_id INTEGER NOT NULL, -- Authority
  bulk_id UUID NOT NULL, -- Its id
  account_id UUID NOT NULL, -- Who asked for it
  kind TEXT NOT NULL, -- assign, conclude
  setting TEXT, -- To whom, or why it is over
  note SEALED, -- A comment for each case
  n_rows BIGINT NOT NULL, -- Cases of it
  job_id UUID NOT NULL, -- The job that does it
  undo_job_id UUID, -- The job that undoes it
  created_at INSTANT NOT NULL, -- When it was asked for
  PRIMARY KEY (authority_id, bulk_id)
) CLUSTERED;

CREATE TABLE bulk_row (
  authority_id INTEGER NOT NULL, -- Authority
  bulk_id UUID NOT NULL, -- The bulk action
  place INTEGER NOT NULL, -- Place of the case in it, from 0
  case_id UUID NOT NULL, -- The case
  outcome TEXT NOT NULL, -- waiting, done, unchanged, refused, undone, kept
  reason TEXT, -- Why it was refused, in words of a list
  stood TEXT, -- Where the case stood before, as JSON: words of lists, days, instants, ids of accounts
  done_at INSTANT, -- When it was done
  PRIMARY KEY (authority_id, bulk_id, place)
) CLUSTERED;
CREATE INDEX bulk_row_of_case ON bulk_row (authority_id, case_id);
-- What is still to be done, and what can be undone, without the rest.
CREATE INDEX bulk_row_by_outcome ON bulk_row (authority_id, bulk_id, outcome, place);
