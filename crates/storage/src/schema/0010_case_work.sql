-- Work on cases: where each stands, who works on it, what must be looked at, who was telephoned, what laboratories said.
ALTER TABLE person ADD COLUMN mobile SEALED; -- Mobile telephone
ALTER TABLE person ADD COLUMN language TEXT; -- Language tag of letters and mails; null for the authority's first
ALTER TABLE person ADD COLUMN says_no_email INTEGER NOT NULL DEFAULT 0; -- Whether they said that they have no e-mail

ALTER TABLE outbreak_case ADD COLUMN case_type TEXT NOT NULL DEFAULT 'index'; -- index, contact, contact_medical, contact_vulnerable
ALTER TABLE outbreak_case ADD COLUMN file_number TEXT; -- The authority's own reference of the case; never a name
ALTER TABLE outbreak_case ADD COLUMN status TEXT NOT NULL DEFAULT 'open'; -- Where it stands
ALTER TABLE outbreak_case ADD COLUMN status_since INSTANT; -- Since when; null since it was made
ALTER TABLE outbreak_case ADD COLUMN status_before TEXT; -- Where it stood before it was concluded
ALTER TABLE outbreak_case ADD COLUMN conclusion TEXT; -- Why it was concluded
ALTER TABLE outbreak_case ADD COLUMN assigned_to UUID; -- Whose it is
ALTER TABLE outbreak_case ADD COLUMN quarantine_first DAY; -- First day of quarantine or isolation
ALTER TABLE outbreak_case ADD COLUMN quarantine_last DAY; -- Last day, included
ALTER TABLE outbreak_case ADD COLUMN priority INTEGER NOT NULL DEFAULT 0; -- Weights of the items that wait, in tenths; 0 where none does
ALTER TABLE outbreak_case ADD COLUMN waiting_since INSTANT; -- When the oldest of them arose
ALTER TABLE outbreak_case ADD COLUMN reported_at INSTANT; -- When the authority was told
ALTER TABLE outbreak_case ADD COLUMN assigned_at INSTANT; -- When somebody took it on
ALTER TABLE outbreak_case ADD COLUMN first_call_at INSTANT; -- When the person was reached for the first time
ALTER TABLE outbreak_case ADD COLUMN contacts_named_at INSTANT; -- When contacts were named
ALTER TABLE outbreak_case ADD COLUMN contacts_notified_at INSTANT; -- When they were told
ALTER TABLE outbreak_case ADD COLUMN quarantined_at INSTANT; -- When quarantine or isolation was ordered
-- The worklist: only cases that wait are in it, the most urgent first, then the oldest.
CREATE INDEX case_by_priority ON outbreak_case (authority_id, priority DESC, waiting_since, case_id) WHERE priority > 0;
CREATE INDEX case_by_worker ON outbreak_case (authority_id, assigned_to, priority DESC, waiting_since, case_id) WHERE priority > 0;
CREATE UNIQUE INDEX case_by_file_number ON outbreak_case (authority_id, file_number) WHERE file_number IS NOT NULL;
CREATE INDEX case_by_quarantine_last ON outbreak_case (authority_id, quarantine_last, case_id) WHERE quarantine_last IS NOT NULL;
CREATE INDEX history_of_case ON history (authority_id, case_id, history_id) WHERE case_id IS NOT NULL;

CREATE TABLE action_item (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case
  item_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose case it is
  kind TEXT NOT NULL, -- What must be looked at
  cause TEXT NOT NULL, -- What made it: an id, a day, an instant, words; never a name
  arose_at INSTANT NOT NULL, -- When
  hidden_until INSTANT, -- Until when nobody needs to look; null now
  resolution TEXT, -- How it ended: checked, by_itself, dismissed, concluded; null while it waits
  resolved_at INSTANT, -- When
  resolved_by UUID, -- By whom; null by itself
  note SEALED, -- Why it was dismissed
  PRIMARY KEY (authority_id, case_id, item_id)
) CLUSTERED;
CREATE INDEX action_item_of_person ON action_item (authority_id, person_id);
CREATE INDEX action_item_hidden ON action_item (authority_id, hidden_until, case_id) WHERE hidden_until IS NOT NULL;

CREATE TABLE phone_call (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case
  call_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose case it is
  called_at INSTANT NOT NULL, -- When
  account_id UUID NOT NULL, -- By whom
  outcome TEXT NOT NULL, -- reached, not_reached, call_back, wrong_number
  call_back_at INSTANT, -- When to call again
  note SEALED, -- What was said
  PRIMARY KEY (authority_id, case_id, call_id)
) CLUSTERED;
CREATE INDEX phone_call_of_person ON phone_call (authority_id, person_id);

CREATE TABLE case_comment (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case
  comment_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose case it is
  written_at INSTANT NOT NULL, -- When
  account_id UUID NOT NULL, -- By whom
  note SEALED NOT NULL, -- The text
  PRIMARY KEY (authority_id, case_id, comment_id)
) CLUSTERED;
CREATE INDEX case_comment_of_person ON case_comment (authority_id, person_id);

CREATE TABLE laboratory_result (
  authority_id INTEGER NOT NULL, -- Authority
  laboratory TEXT NOT NULL, -- Who examined it, as written
  sample TEXT NOT NULL, -- Its number there
  result_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose sample
  case_id UUID NOT NULL, -- The case that it belongs to
  disease TEXT NOT NULL, -- Which disease was looked for
  outcome TEXT NOT NULL, -- positive, negative, indeterminate
  method TEXT, -- How, as written
  specimen_on DAY, -- Day on which the sample was taken
  reported_at INSTANT NOT NULL, -- When the authority was told
  created_at INSTANT NOT NULL, -- When it was stored
  PRIMARY KEY (authority_id, laboratory, sample)
) CLUSTERED;
CREATE INDEX laboratory_result_of_case ON laboratory_result (authority_id, case_id);
CREATE INDEX laboratory_result_of_person ON laboratory_result (authority_id, person_id);
