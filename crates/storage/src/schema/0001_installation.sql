-- The installation: authorities, accounts, leases. No person of case work stands here.
CREATE TABLE installation (
  only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1), -- There is one row
  next_authority_id INTEGER NOT NULL -- The next authority gets this number; never reused
) HEAP;
INSERT INTO installation (only_row, next_authority_id) VALUES (1, 1);

CREATE TABLE authority (
  authority_id INTEGER NOT NULL PRIMARY KEY, -- Small, unique in a country, never reused
  short_code TEXT NOT NULL UNIQUE, -- Two to eight letters
  name TEXT NOT NULL, -- As people call it
  region TEXT NOT NULL, -- Where its rows must stay
  time_zone TEXT NOT NULL, -- IANA name; its days are counted here
  languages TEXT NOT NULL, -- Language tags, separated by commas
  default_disease TEXT NOT NULL, -- Disease of imports that name none
  state TEXT NOT NULL CHECK (state IN ('active', 'frozen', 'moved')), -- Whether it may be written here
  epoch BIGINT NOT NULL, -- Grows with each move to another cell
  canary SEALED, -- A known text under its key, so that a foreign keyring is noticed
  created_at INSTANT NOT NULL -- When it was made
) HEAP;

CREATE TABLE account (
  account_id UUID NOT NULL PRIMARY KEY, -- Its id
  name TEXT NOT NULL UNIQUE, -- User name; the command line is cli:<user of the system>
  operator INTEGER NOT NULL CHECK (operator IN (0, 1)), -- Whether it may run the installation
  created_at INSTANT NOT NULL -- When it was made
) HEAP;

CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY, -- The job that only one may do
  holder UUID NOT NULL, -- Who does it
  held_until INSTANT NOT NULL -- Until when; then anybody may take it
) HEAP;
