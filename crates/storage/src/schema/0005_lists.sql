-- Lists of cases: the orders in which they are read, with what is filtered by, so that a filter reads no row that it
-- doesn't show. An unknown day is the smallest, so both orders are one index, read from either end.
@sqlite CREATE INDEX case_by_report ON outbreak_case (authority_id, disease, reported_on, case_id, classification, setting, outcome, facility_id, symptom_onset);
@postgres CREATE INDEX case_by_report ON outbreak_case (authority_id, disease, reported_on NULLS FIRST, case_id) INCLUDE (classification, setting, outcome, facility_id, symptom_onset);
@sqlite CREATE INDEX case_by_onset ON outbreak_case (authority_id, disease, symptom_onset, case_id, classification, setting, outcome, facility_id, reported_on);
@postgres CREATE INDEX case_by_onset ON outbreak_case (authority_id, disease, symptom_onset NULLS FIRST, case_id) INCLUDE (classification, setting, outcome, facility_id, reported_on);
-- What few cases have is found without reading the others, and the values that occur are found by leaps.
CREATE INDEX case_by_place ON outbreak_case (authority_id, disease, facility_id, case_id);
CREATE INDEX case_by_setting ON outbreak_case (authority_id, disease, setting, case_id);
CREATE INDEX case_by_outcome ON outbreak_case (authority_id, disease, outcome, case_id);
-- References that begin with what was typed. SQLite compares bytes anyway; PostgreSQL may sort by a language's rules.
@postgres CREATE INDEX person_reference_by_bytes ON person_reference (authority_id, reference COLLATE "C", person_id);
