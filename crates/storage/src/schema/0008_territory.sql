-- Territory: which authority is responsible for which postcode. The list belongs to the installation. No person stands here.
CREATE TABLE territory_version (
  country TEXT NOT NULL, -- ISO 3166-1, two letters
  version INTEGER NOT NULL, -- Counts up from 1 in each country; the highest is in force
  format TEXT NOT NULL, -- rki, csv
  n_offices INTEGER NOT NULL, -- Offices in it
  n_postcodes INTEGER NOT NULL, -- Postcodes that somebody serves
  digest TEXT NOT NULL, -- SHA-256 of the file, hexadecimal
  account_id UUID NOT NULL, -- Who imported it
  imported_at INSTANT NOT NULL, -- When
  PRIMARY KEY (country, version)
) CLUSTERED;

CREATE TABLE territory_office (
  country TEXT NOT NULL, -- Country
  version INTEGER NOT NULL, -- Version of its list
  code TEXT NOT NULL, -- What the list calls it
  name TEXT NOT NULL, -- As people call it
  address TEXT NOT NULL, -- Where it is; empty if unknown
  phone TEXT NOT NULL, -- Telephone; empty if unknown
  email TEXT NOT NULL, -- E-mail; empty if unknown
  PRIMARY KEY (country, version, code)
) CLUSTERED;

CREATE TABLE territory_postcode (
  country TEXT NOT NULL, -- Country
  version INTEGER NOT NULL, -- Version of its list
  postcode TEXT NOT NULL, -- Postcode
  code TEXT NOT NULL, -- An office that serves it; there may be several
  PRIMARY KEY (country, version, postcode, code)
) CLUSTERED;

ALTER TABLE authority ADD COLUMN territory_code TEXT; -- Its code in the list of its country; null if it has none
ALTER TABLE authority ADD COLUMN country TEXT NOT NULL DEFAULT 'DE'; -- ISO 3166-1, two letters; its postcodes are read so
ALTER TABLE authority ADD COLUMN phone_country_code TEXT NOT NULL DEFAULT '49'; -- What stands before telephone numbers of its country: 49
