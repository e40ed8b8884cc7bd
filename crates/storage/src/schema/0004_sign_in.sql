-- Sign-in: what accounts prove themselves with, who is signed in, keys of programs. No person of case work stands here.
CREATE TABLE credential (
  account_id UUID NOT NULL PRIMARY KEY REFERENCES account (account_id), -- Whose
  password_hash TEXT, -- Argon2id with its parameters; null until the invitation is accepted
  totp SEALED, -- Secret of the second factor; null where none is asked for
  totp_step BIGINT NOT NULL, -- Last time step that was used: a code works once
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)), -- Whether it is kept from signing in
  changed_at INSTANT NOT NULL -- When password or second factor last changed
) HEAP;

CREATE TABLE recovery_code (
  account_id UUID NOT NULL, -- Whose
  code_hash TEXT NOT NULL, -- SHA-256 of the code; the row goes when it is used
  PRIMARY KEY (account_id, code_hash)
) CLUSTERED;

CREATE TABLE session (
  session_id UUID NOT NULL PRIMARY KEY, -- Its id
  token_hash TEXT NOT NULL UNIQUE, -- SHA-256 of what the cookie holds
  previous_hash TEXT, -- That of the cookie before the last rotation, good for a moment
  csrf_token TEXT NOT NULL, -- What requests that change something must repeat
  account_id UUID NOT NULL REFERENCES account (account_id), -- Who
  signed_in_to INTEGER NOT NULL, -- The authority they act in
  created_at INSTANT NOT NULL, -- When they signed in
  rotated_at INSTANT NOT NULL, -- When the cookie last changed
  seen_at INSTANT NOT NULL -- When they last did something, to the minute
) HEAP;
CREATE UNIQUE INDEX session_by_previous ON session (previous_hash);
CREATE INDEX session_of_account ON session (account_id);

CREATE TABLE invitation (
  token_hash TEXT NOT NULL PRIMARY KEY, -- SHA-256 of the link's secret; the row goes when it is used
  account_id UUID NOT NULL REFERENCES account (account_id), -- Who is invited
  invited_to INTEGER NOT NULL, -- The authority they will act in
  totp SEALED, -- Secret of the second factor that is shown to them
  created_at INSTANT NOT NULL, -- When it was made
  expires_at INSTANT NOT NULL -- Until when it works
) HEAP;
CREATE INDEX invitation_of_account ON invitation (account_id);

CREATE TABLE api_token (
  token_id UUID NOT NULL PRIMARY KEY, -- Its id
  token_hash TEXT NOT NULL UNIQUE, -- SHA-256 of the token
  account_id UUID NOT NULL REFERENCES account (account_id), -- For whom it acts
  acts_in INTEGER NOT NULL, -- In which authority
  name TEXT NOT NULL, -- What it is for, as its maker called it
  scopes TEXT NOT NULL, -- What it may do, separated by spaces; never more than the account
  created_at INSTANT NOT NULL, -- When it was made
  expires_at INSTANT NOT NULL, -- Until when it works
  last_used_on DAY -- Last day on which it was used
) HEAP;
CREATE INDEX api_token_of_account ON api_token (account_id);

CREATE INDEX audit_record_by_operation ON audit_record (authority_id, operation);
