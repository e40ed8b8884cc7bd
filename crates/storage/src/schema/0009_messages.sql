-- Mails and letters, and events: what leaves in the transaction of the change that it tells of.
CREATE TABLE message (
  authority_id INTEGER NOT NULL, -- Authority
  message_id UUID NOT NULL, -- Its id, also that by which a mail's receiver knows a second copy
  case_id UUID, -- The case that it is about
  person_id UUID, -- Whom it is written to
  kind TEXT NOT NULL, -- invitation, reminder, new_contact_case, quarantine_changed, reset, order, release, test
  channel TEXT NOT NULL, -- mail, letter
  status TEXT NOT NULL, -- waiting, held, sending, sent, failed, cancelled
  language TEXT NOT NULL, -- Language of who is written to
  sender_name TEXT, -- Name of the authority as sender; null for the installation's
  reply_to TEXT, -- The authority's own mail address for answers; null if it has none
  recipient SEALED, -- Mail address, or the lines of a letter's address; null when erased
  subject SEALED, -- Subject; null when erased
  body_text SEALED, -- Text; null when erased
  body_html SEALED, -- The same as HTML; null when erased
  not_before INSTANT NOT NULL, -- Until then what it tells of can be undone
  due_at INSTANT, -- When a server may take it; null if no server may
  holder UUID, -- The server that is sending it
  n_tries INTEGER NOT NULL, -- How often it was tried since it was last asked for
  first_tried_at INSTANT, -- When first
  failure TEXT, -- Why the last try failed: a word and a reply code, never what a server said
  sent_at INSTANT, -- When the mail server took it
  created_at INSTANT NOT NULL, -- When it was queued
  PRIMARY KEY (authority_id, message_id)
) CLUSTERED;
CREATE INDEX message_due ON message (authority_id, due_at, message_id);
CREATE INDEX message_by_status ON message (authority_id, status, message_id);
CREATE INDEX message_of_person ON message (authority_id, person_id, message_id);
CREATE INDEX message_of_case ON message (authority_id, case_id, message_id);

CREATE TABLE message_log (
  authority_id INTEGER NOT NULL, -- Authority
  message_id UUID NOT NULL, -- The message
  step_no INTEGER NOT NULL, -- Counts up from 1 in each message
  person_id UUID, -- Whom it is written to, with whom this goes
  step TEXT NOT NULL, -- queued, sending, sent, put_off, failed, cancelled, retried, held, released
  failure TEXT, -- Why it didn't go: a word and a reply code
  account_id UUID, -- Who did it; null if the server did
  happened_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, message_id, step_no)
) CLUSTERED;
CREATE INDEX message_log_of_person ON message_log (authority_id, person_id);

CREATE TABLE message_template (
  authority_id INTEGER NOT NULL, -- Authority
  kind TEXT NOT NULL, -- What the message is about
  language TEXT NOT NULL, -- de, en, tr
  version INTEGER NOT NULL, -- Counts up from 1; the highest is in force
  subject TEXT, -- Its own subject; null: the text that the program has
  body_text TEXT, -- Its own text
  body_html TEXT, -- Its own HTML, within the frame
  account_id UUID NOT NULL, -- Who wrote it
  created_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, kind, language, version)
) CLUSTERED;

CREATE TABLE outbox (
  authority_id INTEGER NOT NULL, -- Authority
  outbox_id UUID NOT NULL, -- Its id
  kind TEXT NOT NULL, -- What happened, such as case.opened
  case_id UUID, -- The case that it is about
  person_id UUID, -- The person that it is about
  subject_id UUID, -- Anything else that it is about
  due_at INSTANT, -- When it may be taken; null when it is done
  attempts INTEGER NOT NULL, -- How often it was taken
  done_at INSTANT, -- When it was done
  created_at INSTANT NOT NULL, -- When it happened
  PRIMARY KEY (authority_id, outbox_id)
) CLUSTERED;
CREATE INDEX outbox_due ON outbox (authority_id, due_at, outbox_id);
CREATE INDEX outbox_of_person ON outbox (authority_id, person_id);
CREATE INDEX outbox_of_case ON outbox (authority_id, case_id);
