-- Enrolment: codes by which patients open an account, the accounts, who is signed in, and which account enrolled which case.
CREATE TABLE activation_code (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case to which it invites
  code_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Who is invited
  code_hash TEXT NOT NULL, -- SHA-256 of the code
  code SEALED, -- The code, so that its letter can be printed again; null when it has ended
  channel TEXT NOT NULL, -- mail, letter
  state TEXT NOT NULL, -- open, redeemed, cancelled, expired, locked
  message_id UUID NOT NULL, -- The mail or letter with it
  n_wrong INTEGER NOT NULL, -- Wrong dates of birth so far
  valid_until INSTANT, -- Until when it works; null until the mail server has taken the mail
  due_at INSTANT, -- When it must be looked at because its time is over; null when there is nothing to do
  account_id UUID NOT NULL, -- Who invited
  created_at INSTANT NOT NULL, -- When
  ended_at INSTANT, -- When it ended, in whichever way
  PRIMARY KEY (authority_id, case_id, code_id)
) CLUSTERED;
CREATE UNIQUE INDEX activation_code_by_hash ON activation_code (authority_id, code_hash);
CREATE INDEX activation_code_of_message ON activation_code (authority_id, message_id);
CREATE INDEX activation_code_of_person ON activation_code (authority_id, person_id);
CREATE INDEX activation_code_due ON activation_code (authority_id, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE patient_account (
  authority_id INTEGER NOT NULL, -- Authority
  patient_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose it is
  user_name SEALED NOT NULL, -- User name, as it was typed
  name_token BIGINT NOT NULL, -- Keyed hash of the user name in small letters: unique, and how it is found
  password_hash TEXT NOT NULL, -- Argon2id with its parameters
  language TEXT NOT NULL, -- de, en, tr
  reset_hash TEXT, -- SHA-256 of the secret of a link that sets a new password; null where there is none
  reset_until INSTANT, -- Until when that works
  reset_wrong INTEGER NOT NULL, -- Wrong dates of birth with that link
  created_at INSTANT NOT NULL, -- When it was opened
  changed_at INSTANT NOT NULL, -- When its password last changed
  PRIMARY KEY (authority_id, patient_id)
) CLUSTERED;
CREATE UNIQUE INDEX patient_account_by_name ON patient_account (authority_id, name_token);
CREATE INDEX patient_account_by_reset ON patient_account (authority_id, reset_hash) WHERE reset_hash IS NOT NULL;
CREATE INDEX patient_account_of_person ON patient_account (authority_id, person_id);

CREATE TABLE patient_session (
  authority_id INTEGER NOT NULL, -- Authority
  session_id UUID NOT NULL, -- Its id
  token_hash TEXT NOT NULL, -- SHA-256 of what the cookie holds
  csrf_token TEXT NOT NULL, -- What requests that change something must repeat
  patient_id UUID NOT NULL, -- The account
  created_at INSTANT NOT NULL, -- When they signed in
  seen_at INSTANT NOT NULL, -- When they last did something, to the minute
  PRIMARY KEY (authority_id, session_id)
) CLUSTERED;
CREATE UNIQUE INDEX patient_session_by_token ON patient_session (authority_id, token_hash);
CREATE INDEX patient_session_of_patient ON patient_session (authority_id, patient_id);
CREATE INDEX patient_session_by_seen ON patient_session (authority_id, seen_at);

CREATE TABLE enrolment (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case
  enrolment_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose case it is
  patient_id UUID NOT NULL, -- The account that acts for it
  privacy_language TEXT NOT NULL, -- In which language the data protection text was accepted
  privacy_version INTEGER NOT NULL, -- Which version of it
  accepted_at INSTANT NOT NULL, -- When it was accepted and the code redeemed
  due_at INSTANT, -- When it is looked at because it isn't complete; null when there is nothing to do
  completed_at INSTANT, -- When everything that is asked was told
  PRIMARY KEY (authority_id, case_id, enrolment_id)
) CLUSTERED;
CREATE INDEX enrolment_of_person ON enrolment (authority_id, person_id);
CREATE INDEX enrolment_of_patient ON enrolment (authority_id, patient_id, case_id);
CREATE INDEX enrolment_due ON enrolment (authority_id, due_at) WHERE due_at IS NOT NULL;

ALTER TABLE message ADD COLUMN late_at INSTANT; -- When somebody was told that it doesn't go; null while it isn't late
