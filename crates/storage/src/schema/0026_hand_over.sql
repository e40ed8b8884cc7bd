-- Hand-over of cases between authorities: the journal that each side keeps, what came in from others, where the rest of a contact is.
CREATE TABLE hand_over (
  authority_id INTEGER NOT NULL, -- Authority
  hand_over_id UUID NOT NULL, -- Its id, the same on both sides
  side TEXT NOT NULL, -- from: this authority has the case and asks; to: it is asked
  other_authority_id INTEGER NOT NULL, -- The authority on the other side
  case_id UUID NOT NULL, -- The case, by the same id on both sides
  person_id UUID NOT NULL, -- Whose case it is, by the same id on both sides
  state TEXT NOT NULL, -- asked, accepted, refused, withdrawn, copied, closed
  because TEXT NOT NULL, -- Why it is asked: lives_there, moved, cared_for_there, other
  refused_because TEXT, -- Why it was refused: not_responsible, known_here, nearly_over, other
  note SEALED, -- What whoever refused wrote
  disease TEXT NOT NULL, -- Which disease
  case_type TEXT NOT NULL, -- Type of the case when it was asked
  age_band TEXT, -- Ten years, when it was asked
  postcode TEXT, -- Where the person lives
  symptom_onset DAY, -- First day with symptoms
  tested_on DAY, -- Day of the specimen
  reported_on DAY, -- Day on which the authority was told
  quarantine_last DAY, -- Last day of quarantine or isolation
  n_alike INTEGER, -- Persons there who may be the same, when it was asked; null on the side that asks
  asked_by UUID, -- Who asked; null on the side that is asked
  asked_at INSTANT NOT NULL, -- When
  decided_by UUID, -- Who accepted or refused; null on the side that asks
  decided_at INSTANT, -- When that, or its being taken back, was known here
  copied_at INSTANT, -- When everything was there
  closed_at INSTANT, -- When the side that asked knew so
  PRIMARY KEY (authority_id, hand_over_id)
) CLUSTERED;
CREATE INDEX hand_over_of_case ON hand_over (authority_id, case_id, hand_over_id);
CREATE INDEX hand_over_of_person ON hand_over (authority_id, person_id);
CREATE INDEX hand_over_open ON hand_over (authority_id, side, hand_over_id) WHERE state IN ('asked', 'accepted');
CREATE INDEX hand_over_by_asking ON hand_over (authority_id, asked_at);

CREATE TABLE inbox (
  authority_id INTEGER NOT NULL, -- Authority that got it
  sender_id INTEGER NOT NULL, -- Authority from which it came
  outbox_id UUID NOT NULL, -- Its id there: what comes twice is known by it
  kind TEXT NOT NULL, -- What it tells, such as hand_over.asked
  received_at INSTANT NOT NULL, -- When it was acted on
  PRIMARY KEY (authority_id, sender_id, outbox_id)
) CLUSTERED;
CREATE INDEX inbox_by_age ON inbox (authority_id, received_at);

ALTER TABLE outbreak_case ADD COLUMN handed_over_to INTEGER; -- Authority that took it over; null while it is here
ALTER TABLE outbreak_case ADD COLUMN handed_over_on DAY; -- Day on which everything was there; null before
CREATE INDEX case_handed_over ON outbreak_case (authority_id, reported_on, case_type) WHERE handed_over_to IS NOT NULL;

ALTER TABLE declared_contact ADD COLUMN other_authority_id INTEGER; -- Authority that has the case at the other end of it; null for this one
