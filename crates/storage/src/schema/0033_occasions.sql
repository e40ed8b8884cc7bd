-- Occasions, whose visitors are handed in afterwards, sealed to the day on which they come in.
CREATE TABLE occasion (
  authority_id INTEGER NOT NULL, -- Authority
  occasion_id UUID NOT NULL, -- Its id
  title SEALED NOT NULL, -- What it is called
  place SEALED NOT NULL, -- Where it was
  contact SEALED, -- Whom to ask for the list; null where nobody said
  from_at INSTANT NOT NULL, -- Its beginning
  until_at INSTANT NOT NULL, -- Its end, not included
  code_hash TEXT NOT NULL, -- SHA-256 of the code by which visitors are handed in
  code SEALED NOT NULL, -- The code, to be given out again
  origin_case_id UUID, -- The case because of which it was made; null without one
  account_id UUID NOT NULL, -- Who made it
  created_at INSTANT NOT NULL, -- When
  closed_at INSTANT, -- Since when nobody hands in any more; null while they may
  n_visitors BIGINT NOT NULL, -- How many visitors were handed in, also those who are deleted by now
  PRIMARY KEY (authority_id, occasion_id)
) CLUSTERED;
CREATE UNIQUE INDEX occasion_by_code ON occasion (authority_id, code_hash);
CREATE INDEX occasion_by_end ON occasion (authority_id, until_at);

CREATE TABLE upload_day (
  authority_id INTEGER NOT NULL, -- Authority
  day DAY NOT NULL, -- Local day on which visitors were handed in
  public_key BYTES NOT NULL, -- What they are sealed to; the other half is in the keyring
  ends_at INSTANT NOT NULL, -- From when the other half must be destroyed; fixed when the key was made
  destroyed_at INSTANT, -- When the key was destroyed
  dropped_at INSTANT, -- When the rows were gone too
  PRIMARY KEY (authority_id, day)
) CLUSTERED;

CREATE TABLE occasion_block (
  authority_id INTEGER NOT NULL, -- Authority
  day DAY NOT NULL, -- Local day on which it was handed in
  occasion_id UUID NOT NULL, -- The occasion
  sender BIGINT NOT NULL, -- Number of what came in together
  sealed_key BYTES NOT NULL, -- The key of its visitors, sealed to the day
  uploaded_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, day, occasion_id, sender)
) CLUSTERED;
CREATE INDEX occasion_block_of_occasion ON occasion_block (authority_id, occasion_id);
CREATE INDEX occasion_block_by_end ON occasion_block (authority_id, uploaded_at);

CREATE TABLE occasion_visitor (
  authority_id INTEGER NOT NULL, -- Authority
  occasion_id UUID NOT NULL, -- The occasion
  visitor_id UUID NOT NULL, -- Made by whoever handed them in
  day DAY NOT NULL, -- Local day on which they were handed in
  sender BIGINT NOT NULL, -- With which block
  print BIGINT NOT NULL, -- By which a retry is known; keyed with the day's key
  visitor BYTES NOT NULL, -- Name, ways to reach them, seat, stay, sealed to the day
  uploaded_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, occasion_id, visitor_id)
) CLUSTERED;
CREATE INDEX occasion_visitor_by_day ON occasion_visitor (authority_id, day);
CREATE INDEX occasion_visitor_by_end ON occasion_visitor (authority_id, uploaded_at);

CREATE TABLE occasion_opening (
  authority_id INTEGER NOT NULL, -- Authority
  opening_id UUID NOT NULL, -- Its id
  occasion_id UUID NOT NULL, -- The occasion
  account_id UUID NOT NULL, -- Who opened its list
  opened_at INSTANT NOT NULL, -- When
  reason TEXT NOT NULL, -- infection_reported, asked_by_authority, own_outbreak, other
  note SEALED, -- What else was said, if anything
  n_visitors INTEGER NOT NULL, -- How many visitors were on it
  PRIMARY KEY (authority_id, opening_id)
) CLUSTERED;
CREATE INDEX occasion_opening_of_occasion ON occasion_opening (authority_id, occasion_id, opening_id);
CREATE INDEX occasion_opening_by_end ON occasion_opening (authority_id, opened_at);

CREATE TABLE occasion_contact (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The index case because of which visitors were chosen
  step_id UUID NOT NULL, -- The step in which they were chosen
  visitor_id UUID NOT NULL, -- The visitor
  occasion_id UUID NOT NULL, -- The occasion
  outcome TEXT NOT NULL, -- waiting, done, oneself, gone
  guest_person_id UUID, -- The person that the visitor became; null until then
  contact_case_id UUID, -- The contact case; null until it is made
  decided_by UUID NOT NULL, -- Who chose
  decided_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, case_id, step_id, visitor_id)
) CLUSTERED;
CREATE INDEX occasion_contact_of_guest ON occasion_contact (authority_id, guest_person_id) WHERE guest_person_id IS NOT NULL;
CREATE INDEX occasion_contact_of_case ON occasion_contact (authority_id, contact_case_id) WHERE contact_case_id IS NOT NULL;
