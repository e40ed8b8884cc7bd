-- The diary of those who are followed up: for each half day a temperature and what they feel.
CREATE TABLE diary_entry (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case
  entry_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose case it is
  slot_day DAY NOT NULL, -- Day on which its half day begins
  slot_part TEXT NOT NULL, -- morning, evening
  temperature INTEGER, -- In tenths of a degree Celsius; null where nobody measured
  symptoms TEXT NOT NULL, -- Words of symptoms, separated by spaces; empty where there is none
  contacts TEXT, -- Ids of declared contacts who were met, separated by spaces; null for none
  note SEALED, -- What else was said
  said_by TEXT NOT NULL, -- phone: told to staff; own: written by the patient
  account_id UUID NOT NULL, -- Who wrote it
  created_at INSTANT NOT NULL, -- When
  changed_by UUID, -- Who changed it last
  changed_at INSTANT, -- When
  rule_version INTEGER NOT NULL, -- Version of the rules by which its temperature is looked at
  PRIMARY KEY (authority_id, case_id, entry_id)
) CLUSTERED;
CREATE UNIQUE INDEX diary_entry_of_slot ON diary_entry (authority_id, case_id, slot_day, slot_part);
CREATE INDEX diary_entry_of_person ON diary_entry (authority_id, person_id);
-- Those who are expected to write: looked through at the end of each half day.
CREATE INDEX case_in_tracking ON outbreak_case (authority_id, case_id) WHERE status = 'tracking';
