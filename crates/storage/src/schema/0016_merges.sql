-- Merges of persons: where an old id leads, what a merge moved, and who was found not to be the same.
CREATE TABLE person_redirect (
  authority_id INTEGER NOT NULL, -- Authority
  gone_id UUID NOT NULL, -- Id of a person who was merged into another
  person_id UUID NOT NULL, -- Who that is now
  PRIMARY KEY (authority_id, gone_id)
) CLUSTERED;
CREATE INDEX person_redirect_of_person ON person_redirect (authority_id, person_id);

CREATE TABLE case_redirect (
  authority_id INTEGER NOT NULL, -- Authority
  gone_id UUID NOT NULL, -- Id of a case that was merged into another
  case_id UUID NOT NULL, -- The case that it is part of now
  person_id UUID NOT NULL, -- Whose case that is
  merge_id UUID NOT NULL, -- By which merge of persons
  PRIMARY KEY (authority_id, gone_id)
) CLUSTERED;
CREATE INDEX case_redirect_of_case ON case_redirect (authority_id, case_id);
CREATE INDEX case_redirect_of_person ON case_redirect (authority_id, person_id);

CREATE TABLE person_merge (
  authority_id INTEGER NOT NULL, -- Authority
  merge_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Who stays
  gone_id UUID NOT NULL, -- Who was merged into them
  account_id UUID NOT NULL, -- Who merged them
  merged_at INSTANT NOT NULL, -- When
  undone_at INSTANT, -- When it was undone; null while it holds
  told TEXT NOT NULL, -- What the merge answered, as JSON; ids and counts only
  record TEXT, -- The rows that it changed, as they were and as they became, as JSON; sealed cells stay sealed; null once undone
  PRIMARY KEY (authority_id, merge_id)
) CLUSTERED;
CREATE INDEX person_merge_of_person ON person_merge (authority_id, person_id);
CREATE INDEX person_merge_of_gone ON person_merge (authority_id, gone_id);

CREATE TABLE distinct_person (
  authority_id INTEGER NOT NULL, -- Authority
  person_id UUID NOT NULL, -- One of two who look alike; the smaller id
  other_id UUID NOT NULL, -- The other one
  account_id UUID NOT NULL, -- Who said that they are not the same
  said_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, person_id, other_id)
) CLUSTERED;
CREATE INDEX distinct_person_of_other ON distinct_person (authority_id, other_id);

-- Of two entries for one half day, which a merge can bring together, one holds and the other is kept beside it.
ALTER TABLE diary_entry ADD COLUMN superseded_by UUID; -- The entry that holds instead, of two that a merge of cases brought together; null where this one holds
DROP INDEX diary_entry_of_slot;
CREATE UNIQUE INDEX diary_entry_of_slot ON diary_entry (authority_id, case_id, slot_day, slot_part) WHERE superseded_by IS NULL;
