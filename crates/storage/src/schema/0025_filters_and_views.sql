-- Lists of cases: what is filtered by since cases are worked on stands in the index of reports, so that a filter reads no
-- row that it doesn't show; and what few cases have is found without the others.
DROP INDEX case_by_report;
@sqlite CREATE INDEX case_by_report ON outbreak_case (authority_id, disease, reported_on, case_id, classification, setting, outcome, facility_id, symptom_onset, case_type, status, assigned_to, quarantine_first, quarantine_last, tested_on);
@postgres CREATE INDEX case_by_report ON outbreak_case (authority_id, disease, reported_on NULLS FIRST, case_id) INCLUDE (classification, setting, outcome, facility_id, symptom_onset, case_type, status, assigned_to, quarantine_first, quarantine_last, tested_on);
CREATE INDEX case_by_status ON outbreak_case (authority_id, disease, status, case_id);
-- An import gives cases to nobody, so this costs it nothing.
CREATE INDEX case_by_assignee ON outbreak_case (authority_id, assigned_to, case_id) WHERE assigned_to IS NOT NULL;
-- SQLite compares bytes anyway; PostgreSQL may sort by a language's rules.
@sqlite CREATE INDEX person_by_postcode ON person (authority_id, postcode, person_id) WHERE postcode IS NOT NULL;
@postgres CREATE INDEX person_by_postcode ON person (authority_id, postcode COLLATE "C", person_id) WHERE postcode IS NOT NULL;

CREATE TABLE saved_view (
  authority_id INTEGER NOT NULL, -- Authority
  view_id UUID NOT NULL, -- Its id
  account_id UUID NOT NULL, -- Who saved it
  is_shared INTEGER NOT NULL, -- Whether everybody of the authority sees it
  name SEALED NOT NULL, -- What it is called; people write what they like
  query TEXT NOT NULL, -- What it asks for, as the address does: clear columns and ids only
  created_at INSTANT NOT NULL, -- When it was saved
  PRIMARY KEY (authority_id, view_id)
) CLUSTERED;
