-- What somebody declared of whom they met. Their own copy stays as it was said, whoever the contact turns out to be.
CREATE TABLE declared_contact (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case of whoever declared it
  contact_id UUID NOT NULL, -- Its id, the same as of the contact
  person_id UUID NOT NULL, -- Who declared it
  met_id UUID NOT NULL, -- Whom they met
  contact_case_id UUID, -- The case that was opened of it, or that was there
  kind TEXT NOT NULL, -- household, face_to_face, same_room, care, transport, other
  first_day DAY NOT NULL, -- First day
  last_day DAY NOT NULL, -- Last day, included
  inside INTEGER, -- Whether a day of it lies in the infectious days of the case; null while these are not known
  said SEALED NOT NULL, -- Names, numbers, address, hint and remark as they were said, as JSON
  account_id UUID NOT NULL, -- Who took it down
  declared_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, case_id, contact_id)
) CLUSTERED;
CREATE INDEX declared_contact_of_person ON declared_contact (authority_id, person_id);
CREATE INDEX declared_contact_of_met ON declared_contact (authority_id, met_id);
CREATE INDEX declared_contact_of_case ON declared_contact (authority_id, contact_case_id, contact_id) WHERE contact_case_id IS NOT NULL;
