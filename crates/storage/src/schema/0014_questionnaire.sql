-- What cases answered to the questions that everybody is asked once.
CREATE TABLE questionnaire (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case
  person_id UUID NOT NULL, -- Whose case it is
  has_symptoms INTEGER, -- Whether they have or had symptoms; null where it wasn't asked
  symptoms TEXT NOT NULL, -- Which, by their words, parted by spaces
  infected_on DAY, -- Day on which they think they were infected
  says_no_contacts INTEGER NOT NULL DEFAULT 0, -- Whether they say that they met nobody in the infectious days
  told SEALED, -- Doctor, place of the infection, conditions, staff, vulnerable people, as JSON
  account_id UUID NOT NULL, -- Who wrote it down last
  answered_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, case_id)
) CLUSTERED;
CREATE INDEX questionnaire_of_person ON questionnaire (authority_id, person_id);
