-- Guest lists of venues in another authority's area: keys, messages on their way, the journal of each side, venues elsewhere.
CREATE TABLE authority_key (
  authority_id INTEGER NOT NULL, -- Whose public halves these are; other authorities read them
  key_no INTEGER NOT NULL, -- Number of the key in the keyring from which the private halves come
  signing_half BYTES NOT NULL, -- Verifies what it signs: Ed25519
  sealing_half BYTES NOT NULL, -- What others seal to it with: X25519
  valid_from INSTANT NOT NULL, -- When it was made known
  valid_until INSTANT, -- Since when another takes its place; null for the newest
  PRIMARY KEY (authority_id, key_no)
) CLUSTERED;

CREATE TABLE authority_message (
  authority_id INTEGER NOT NULL, -- Authority that sends it
  message_id UUID NOT NULL, -- Its id, the same as of the event that tells of it
  receiver_id INTEGER NOT NULL, -- Authority to which it goes
  request_id UUID NOT NULL, -- The request that it is about
  signed BYTES NOT NULL, -- The signed message; its body is sealed to the receiver, and can't be opened here
  sent_at INSTANT NOT NULL, -- When it was written
  PRIMARY KEY (authority_id, message_id)
) HEAP;
CREATE INDEX authority_message_of_request ON authority_message (authority_id, request_id);
CREATE INDEX authority_message_by_age ON authority_message (authority_id, sent_at);

CREATE TABLE request_elsewhere (
  authority_id INTEGER NOT NULL, -- Authority that asks
  request_id UUID NOT NULL, -- Its id, the same on both sides
  case_id UUID NOT NULL, -- The case because of which it is asked; the other side doesn't learn it
  person_id UUID NOT NULL, -- Whose case it is
  stay_id UUID NOT NULL, -- The stay; one of the case as soon as the venue is known
  other_authority_id INTEGER NOT NULL, -- Authority that is asked
  place SEALED NOT NULL, -- What is known of the venue
  venue_id TEXT, -- The venue: as a poster's address said, or as the other authority found it; null before
  area_id TEXT, -- The area, as the poster's address said
  arrived_at INSTANT NOT NULL, -- From when the case was there
  leaves_at INSTANT NOT NULL, -- Until when, not included
  asked_from INSTANT NOT NULL, -- From when the list is asked
  asked_until INSTANT NOT NULL, -- Until when, not included
  state TEXT NOT NULL, -- asked, released, declined, withdrawn
  declined_because TEXT, -- Why there is no list: no_such_venue, not_ours, no_list, other
  note SEALED, -- What whoever declined wrote
  account_id UUID NOT NULL, -- Who asked
  asked_at INSTANT NOT NULL, -- When
  ended_at INSTANT, -- When it was released, declined or withdrawn
  PRIMARY KEY (authority_id, request_id)
) CLUSTERED;
CREATE INDEX request_elsewhere_of_case ON request_elsewhere (authority_id, case_id, request_id);
CREATE INDEX request_elsewhere_of_person ON request_elsewhere (authority_id, person_id);

CREATE TABLE request_from_other (
  authority_id INTEGER NOT NULL, -- Authority that is asked
  request_id UUID NOT NULL, -- Its id, the same on both sides
  other_authority_id INTEGER NOT NULL, -- Authority that asks
  disease TEXT NOT NULL, -- Because of which disease
  place SEALED NOT NULL, -- What the other authority knows of the venue
  venue_id TEXT, -- The venue: as a poster's address said, or as somebody here found it; null before
  asked_from INSTANT NOT NULL, -- From when the list is asked
  asked_until INSTANT NOT NULL, -- Until when, not included
  state TEXT NOT NULL, -- asked, passed, released, declined, withdrawn
  declined_because TEXT, -- Why it was declined: no_such_venue, not_ours, no_list, other
  note SEALED, -- What whoever declined wrote
  asked_at INSTANT NOT NULL, -- When the other authority asked
  passed_by UUID, -- Who found the venue and asked it
  passed_at INSTANT, -- When
  ended_by UUID, -- Who released or declined it; null where the other authority withdrew it, or its days were deleted
  ended_at INSTANT, -- When it was released, declined or withdrawn
  PRIMARY KEY (authority_id, request_id)
) CLUSTERED;
CREATE INDEX request_from_other_of_venue ON request_from_other (authority_id, venue_id, request_id);
CREATE INDEX request_from_other_open ON request_from_other (authority_id, request_id) WHERE state IN ('asked', 'passed');
CREATE INDEX request_from_other_by_age ON request_from_other (authority_id, asked_at);

CREATE TABLE venue_elsewhere (
  authority_id INTEGER NOT NULL, -- Authority that was told of it
  venue_id TEXT NOT NULL, -- The venue
  other_authority_id INTEGER NOT NULL, -- Authority in whose area it is
  name TEXT NOT NULL, -- As it stands on its posters
  city TEXT NOT NULL, -- Where it is
  areas TEXT NOT NULL, -- Its areas, as JSON: name by id
  facility_id UUID NOT NULL, -- The facility under which stays there stand among the facts
  told_at INSTANT NOT NULL, -- When the other authority told of it last
  PRIMARY KEY (authority_id, venue_id)
) CLUSTERED;
CREATE UNIQUE INDEX venue_elsewhere_by_facility ON venue_elsewhere (authority_id, facility_id);
