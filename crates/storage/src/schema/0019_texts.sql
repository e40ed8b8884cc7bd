-- What an authority tells everybody, in versions; and where contacts write to.
CREATE TABLE public_text (
  authority_id INTEGER NOT NULL, -- Authority
  kind TEXT NOT NULL, -- welcome, terms, imprint, data_protection
  language TEXT NOT NULL, -- de, en, tr
  version INTEGER NOT NULL, -- Counts up from 1; the highest is in force
  markup TEXT, -- The text; null: there is none from then on
  account_id UUID NOT NULL, -- Who wrote it
  created_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, kind, language, version)
) CLUSTERED;

ALTER TABLE letterhead ADD COLUMN email_contacts TEXT NOT NULL DEFAULT ''; -- E-mail for contacts; empty where it is the same

CREATE INDEX message_by_kind ON message (authority_id, kind, message_id);
