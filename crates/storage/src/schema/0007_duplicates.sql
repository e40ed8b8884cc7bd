-- Duplicates: by what a person is found who may be stored twice. Keyed hashes only, and nothing to open.
CREATE TABLE person_token (
  authority_id INTEGER NOT NULL, -- Authority
  kind INTEGER NOT NULL, -- What it is a hash of: 1 telephone, 2 e-mail, 3 birth date and sound of the last name, 4 sounds of both names and year of birth
  token BIGINT NOT NULL, -- First 64 bits of HMAC-SHA-256 under a key of the authority and kind
  person_id UUID NOT NULL, -- Whose it is
  PRIMARY KEY (authority_id, kind, token, person_id)
) CLUSTERED;
CREATE INDEX person_token_of_person ON person_token (authority_id, person_id);
