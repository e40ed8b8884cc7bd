-- Venues: places that keep a list of their guests, their areas, who works there, and links that were mailed to them.
CREATE TABLE venue (
  authority_id INTEGER NOT NULL, -- Authority
  venue_id TEXT NOT NULL, -- Its id, ten characters, as it stands on posters
  name TEXT NOT NULL, -- As it stands on posters
  kind TEXT NOT NULL, -- restaurant, cafe, bar, hotel, culture, sport, body_care, shop, worship, other
  street TEXT NOT NULL, -- Street
  house_number TEXT NOT NULL, -- House number
  postcode TEXT NOT NULL, -- Postcode
  city TEXT NOT NULL, -- City
  folded TEXT NOT NULL, -- Name, street, postcode and city as they are searched, in small letters
  hours TEXT NOT NULL, -- Opening hours by weekday, as JSON; [] where nobody said
  capacity INTEGER, -- How many guests it holds; null where nobody said
  usual_stay_min INTEGER NOT NULL, -- How long guests usually stay, in minutes
  confirms TEXT NOT NULL, -- Who says that a guest is really there: nobody, staff
  asks_address TEXT NOT NULL, -- Whether guests are asked for their address: no, yes
  version INTEGER NOT NULL, -- Grows with each change, so that nobody writes over another's
  created_at INSTANT NOT NULL, -- When it was registered
  changed_at INSTANT NOT NULL, -- When it last changed
  closed_at INSTANT, -- Since when it takes no guests for good; null while it does
  PRIMARY KEY (authority_id, venue_id)
) CLUSTERED;
CREATE INDEX venue_by_name ON venue (authority_id, name, venue_id);

CREATE TABLE venue_area (
  authority_id INTEGER NOT NULL, -- Authority
  venue_id TEXT NOT NULL, -- The venue
  area_id TEXT NOT NULL, -- Its id, ten characters
  name TEXT NOT NULL, -- As it stands on posters
  place INTEGER NOT NULL, -- Its place among the areas, from 0
  removed_at INSTANT, -- When its owner took it away; null while guests can check in there
  PRIMARY KEY (authority_id, venue_id, area_id)
) CLUSTERED;

CREATE TABLE venue_account (
  authority_id INTEGER NOT NULL, -- Authority
  account_id UUID NOT NULL, -- The account that signs in
  email SEALED NOT NULL, -- E-mail address, as it was typed
  email_token BIGINT NOT NULL, -- Keyed hash of the e-mail address in small letters: unique, and how it is found
  name SEALED NOT NULL, -- What they are called
  phone SEALED, -- Telephone number, if they gave one
  language TEXT NOT NULL, -- de, en, tr
  created_at INSTANT NOT NULL, -- When it was made
  PRIMARY KEY (authority_id, account_id)
) CLUSTERED;
CREATE UNIQUE INDEX venue_account_by_email ON venue_account (authority_id, email_token);

CREATE TABLE venue_member (
  authority_id INTEGER NOT NULL, -- Authority
  venue_id TEXT NOT NULL, -- The venue
  account_id UUID NOT NULL, -- Who works there
  role TEXT NOT NULL, -- owner, list_maker, door
  joined_at INSTANT NOT NULL, -- Since when
  PRIMARY KEY (authority_id, venue_id, account_id)
) CLUSTERED;
CREATE INDEX venue_member_of_account ON venue_member (authority_id, account_id);

CREATE TABLE venue_link (
  authority_id INTEGER NOT NULL, -- Authority
  link_id UUID NOT NULL, -- Its id
  token_hash TEXT NOT NULL, -- SHA-256 of the link's secret; the row goes when it is used
  venue_id TEXT, -- The venue to which it invites; null where it confirms a registration
  role TEXT, -- What the invited will be there; null where it confirms a registration
  told SEALED NOT NULL, -- E-mail address, name, telephone number and the new venue as they were typed, as JSON
  language TEXT NOT NULL, -- In which language it was mailed
  account_id UUID, -- Who invited; null where somebody registers
  created_at INSTANT NOT NULL, -- When it was made
  expires_at INSTANT NOT NULL, -- Until when it works
  PRIMARY KEY (authority_id, link_id)
) CLUSTERED;
CREATE UNIQUE INDEX venue_link_by_token ON venue_link (authority_id, token_hash);
CREATE INDEX venue_link_of_venue ON venue_link (authority_id, venue_id, link_id) WHERE venue_id IS NOT NULL;
CREATE INDEX venue_link_by_end ON venue_link (authority_id, created_at);

-- Staff of venues are members too. SQLite can't change a check, so the table is written anew.
@postgres ALTER TABLE membership DROP CONSTRAINT membership_role_check;
@postgres ALTER TABLE membership ADD CONSTRAINT membership_role_check CHECK (role IN ('administrator', 'case_worker', 'analyst', 'venue'));
@sqlite CREATE TABLE membership_anew (
@sqlite   authority_id INTEGER NOT NULL, -- Authority
@sqlite   account_id UUID NOT NULL REFERENCES account (account_id), -- Who may act in it
@sqlite   role TEXT NOT NULL CHECK (role IN ('administrator', 'case_worker', 'analyst', 'venue')), -- What they may do
@sqlite   created_at INSTANT NOT NULL, -- Since when
@sqlite   PRIMARY KEY (authority_id, account_id)
@sqlite ) CLUSTERED;
@sqlite INSERT INTO membership_anew SELECT authority_id, account_id, role, created_at FROM membership;
@sqlite DROP TABLE membership;
@sqlite ALTER TABLE membership_anew RENAME TO membership;
