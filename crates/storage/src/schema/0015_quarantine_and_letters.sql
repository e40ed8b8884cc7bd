-- Quarantine and isolation: what was decided, by which rules, and the letters that say so.
ALTER TABLE outbreak_case ADD COLUMN quarantine_kind TEXT; -- quarantine, isolation; null where none is set, or by the type of the case
ALTER TABLE outbreak_case ADD COLUMN order_sent_on DAY; -- Day on which the person was told of the days that are set
ALTER TABLE outbreak_case ADD COLUMN order_sent_how TEXT; -- post, mail, handed_over, phone
ALTER TABLE history ADD COLUMN why_sealed SEALED; -- Why, where somebody wrote it in words of their own

CREATE TABLE quarantine_decision (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case
  decision_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose case it is
  what TEXT NOT NULL, -- ordered, changed, lifted, accepted, dismissed
  kind_before TEXT, -- quarantine, isolation; null where none was set
  first_before DAY, -- First day before
  last_before DAY, -- Last day before, included
  kind_after TEXT, -- The same after it; of a dismissed proposal what was proposed
  first_after DAY, -- First day after
  last_after DAY, -- Last day after, included
  reason TEXT, -- Why the rules proposed it; null where a person set it
  rule_kind TEXT, -- What the rules reckoned then: quarantine, isolation; null where they could reckon nothing
  rule_basis TEXT, -- Counted from: last_contact, onset, test
  rule_basis_on DAY, -- Its day
  rule_days INTEGER, -- Days added
  rule_last DAY, -- Last day, included
  rule_version INTEGER, -- Version of the rules; 0 is the built-in one
  note SEALED, -- Why, in words
  account_id UUID NOT NULL, -- Who decided
  decided_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, case_id, decision_id)
) CLUSTERED;
CREATE INDEX quarantine_decision_of_person ON quarantine_decision (authority_id, person_id);

CREATE TABLE letter (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case
  letter_id UUID NOT NULL, -- Its id, the same as of the message in the queue
  person_id UUID NOT NULL, -- Whom it is written to
  kind TEXT NOT NULL, -- quarantine_order, isolation_order, quarantine_release, isolation_release
  language TEXT NOT NULL, -- Language of who is written to
  first_day DAY NOT NULL, -- First day that it names
  last_day DAY NOT NULL, -- Last day that it names, included
  sheet SEALED NOT NULL, -- All that stands on it, as JSON
  account_id UUID NOT NULL, -- Who made it
  made_at INSTANT NOT NULL, -- When
  sent_on DAY, -- Day on which it left
  sent_how TEXT, -- post, mail, handed_over, phone
  sent_by UUID, -- Who said so
  PRIMARY KEY (authority_id, case_id, letter_id)
) CLUSTERED;
CREATE INDEX letter_of_person ON letter (authority_id, person_id);

CREATE TABLE letterhead (
  authority_id INTEGER NOT NULL, -- Authority
  version INTEGER NOT NULL, -- Counts up from 1; the highest is in force
  street TEXT NOT NULL, -- Street and number
  postcode TEXT NOT NULL, -- Postcode
  city TEXT NOT NULL, -- City, also the place above signatures
  phone_index TEXT NOT NULL, -- Telephone for cases
  phone_contacts TEXT NOT NULL, -- Telephone for contacts; empty where it is the same
  email TEXT NOT NULL, -- E-mail; may be empty
  legal_note TEXT NOT NULL, -- Legal basis and remedies; may be empty
  account_id UUID NOT NULL, -- Who wrote it
  created_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, version)
) CLUSTERED;
