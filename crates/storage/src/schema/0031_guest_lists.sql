-- Guest lists: which were opened, by whom, why; and who may open them. No guest stands here.
CREATE TABLE guest_list_opening (
  authority_id INTEGER NOT NULL, -- Authority
  opening_id UUID NOT NULL, -- Its id
  venue_id TEXT NOT NULL, -- The venue
  account_id UUID NOT NULL, -- Who opened it
  opened_by TEXT NOT NULL, -- For whom: venue, authority
  opened_at INSTANT NOT NULL, -- When
  opened_on DAY NOT NULL, -- The authority's local day of that
  number INTEGER, -- Which one of the venue's own on that day, from 1; null for the authority's
  from_at INSTANT NOT NULL, -- Beginning of the window
  until_at INSTANT NOT NULL, -- End of the window, not included
  area_id TEXT, -- The area; null for the whole venue
  reason TEXT NOT NULL, -- infection_reported, asked_by_authority, own_outbreak, other
  note SEALED, -- What else was said, if anything
  n_visits INTEGER NOT NULL, -- How many visits were on it
  PRIMARY KEY (authority_id, opening_id)
) CLUSTERED;
CREATE UNIQUE INDEX guest_list_opening_of_day ON guest_list_opening (authority_id, venue_id, opened_on, number);
CREATE INDEX guest_list_opening_of_venue ON guest_list_opening (authority_id, venue_id, opening_id);
CREATE INDEX guest_list_opening_by_end ON guest_list_opening (authority_id, opened_at);

CREATE TABLE guest_list_setting (
  authority_id INTEGER NOT NULL, -- Authority
  version INTEGER NOT NULL, -- Counts up from 1; the highest is in force
  opens TEXT NOT NULL, -- Who opens lists: venues (and the authority), authority (alone)
  kept_days INTEGER NOT NULL, -- Days that guests' data is kept, 1 to 14
  account_id UUID NOT NULL, -- Who set it
  created_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, version)
) CLUSTERED;
