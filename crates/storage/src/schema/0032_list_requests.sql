-- Stays of cases at venues, codes by which guests show theirs, requests for guest lists, and what was released.
CREATE TABLE case_stay (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case
  stay_id UUID NOT NULL, -- Its id, the same as of the visit among the facts
  person_id UUID NOT NULL, -- Whose case it is
  venue_id TEXT NOT NULL, -- The venue
  area_id TEXT, -- The area; null for the whole venue, or where nobody noted it
  arrived_at INSTANT NOT NULL, -- From when
  leaves_at INSTANT NOT NULL, -- Until when, not included
  source TEXT NOT NULL, -- How it is known: worker, shared, list
  visit_id UUID, -- The check-in that the guest showed, or that stood on the list; null where a case worker took it down
  origin_case_id UUID, -- The case because of which the list was asked for; null where it comes from no list
  account_id UUID, -- Who took it down; null where the guest showed it
  noted_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, case_id, stay_id)
) CLUSTERED;
CREATE INDEX case_stay_of_person ON case_stay (authority_id, person_id);

CREATE TABLE share_code (
  authority_id INTEGER NOT NULL, -- Authority
  share_id UUID NOT NULL, -- Its id
  case_id UUID NOT NULL, -- The case for which it was made; it has one at a time
  person_id UUID NOT NULL, -- Whose case it is
  code_hash TEXT NOT NULL, -- SHA-256 of the code
  account_id UUID NOT NULL, -- Who made it
  created_at INSTANT NOT NULL, -- When
  expires_at INSTANT NOT NULL, -- Until when it works
  PRIMARY KEY (authority_id, share_id)
) CLUSTERED;
CREATE UNIQUE INDEX share_code_by_hash ON share_code (authority_id, code_hash);
CREATE INDEX share_code_of_case ON share_code (authority_id, case_id);
CREATE INDEX share_code_of_person ON share_code (authority_id, person_id);

CREATE TABLE list_request (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case because of which it is asked
  request_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose case it is
  stay_id UUID NOT NULL, -- The stay because of which it is asked
  venue_id TEXT NOT NULL, -- The venue that is asked
  asked_from INSTANT NOT NULL, -- From when the list is asked
  asked_until INSTANT NOT NULL, -- Until when, not included
  state TEXT NOT NULL, -- asked, released, withdrawn, expired
  account_id UUID NOT NULL, -- Who asked
  asked_at INSTANT NOT NULL, -- When
  ended_by UUID, -- Who released or withdrew it; null while it is asked, and where its days were deleted
  ended_at INSTANT, -- When
  PRIMARY KEY (authority_id, case_id, request_id)
) CLUSTERED;
CREATE INDEX list_request_of_venue ON list_request (authority_id, venue_id, request_id);
CREATE INDEX list_request_of_person ON list_request (authority_id, person_id);

CREATE TABLE released_visit (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- The case because of which it was asked
  request_id UUID NOT NULL, -- The request that was released
  visit_id UUID NOT NULL, -- The check-in
  venue_id TEXT NOT NULL, -- The venue
  area_id TEXT, -- The area; null for the whole venue
  arrived_at INSTANT NOT NULL, -- From when the guest was there
  leaves_at INSTANT NOT NULL, -- Until when, not included
  household INTEGER NOT NULL, -- People of the same household beside the guest
  marks INTEGER NOT NULL, -- What stood out, as bits
  guest SEALED NOT NULL, -- Name, telephone, e-mail and address of the guest, as JSON
  guest_person_id UUID, -- The person that the guest became, or was found to be; null until somebody decides
  contact_case_id UUID, -- The contact case that rests on it; null until somebody decides
  together_min INTEGER, -- Minutes in the same area when that was decided
  aired_min INTEGER, -- Minutes before the room was aired, when that was decided
  decided_by UUID, -- Who decided
  decided_at INSTANT, -- When
  PRIMARY KEY (authority_id, case_id, request_id, visit_id)
) CLUSTERED;
CREATE INDEX released_visit_of_guest ON released_visit (authority_id, guest_person_id) WHERE guest_person_id IS NOT NULL;
CREATE INDEX released_visit_of_case ON released_visit (authority_id, contact_case_id) WHERE contact_case_id IS NOT NULL;

ALTER TABLE venue ADD COLUMN facility_id UUID; -- The facility under which stays there stand among the facts; null until the first
CREATE UNIQUE INDEX venue_by_facility ON venue (authority_id, facility_id) WHERE facility_id IS NOT NULL;
