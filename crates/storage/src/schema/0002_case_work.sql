-- Case work: persons, cases, and the facts that connect persons.
CREATE TABLE membership (
  authority_id INTEGER NOT NULL, -- Authority
  account_id UUID NOT NULL REFERENCES account (account_id), -- Who may act in it
  role TEXT NOT NULL CHECK (role IN ('administrator', 'case_worker', 'analyst')), -- What they may do
  created_at INSTANT NOT NULL, -- Since when
  PRIMARY KEY (authority_id, account_id)
) CLUSTERED;

CREATE TABLE rule_set (
  authority_id INTEGER NOT NULL, -- Authority
  disease TEXT NOT NULL, -- For which disease
  version INTEGER NOT NULL, -- Kept with every decision; from 1
  first_day DAY, -- First day on which it holds; null since ever
  last_day DAY, -- Last day on which it holds; null until further notice
  settings TEXT NOT NULL, -- The numbers, as JSON
  account_id UUID NOT NULL, -- Who set it
  created_at INSTANT NOT NULL, -- When
  PRIMARY KEY (authority_id, disease, version)
) CLUSTERED;

CREATE TABLE person (
  authority_id INTEGER NOT NULL, -- Authority
  person_id UUID NOT NULL, -- Its id
  sex TEXT, -- As imported, in clear
  postcode TEXT, -- In clear, for counts by area
  first_name SEALED, -- Given names
  last_name SEALED, -- Family names
  born SEALED, -- Date of birth
  phone SEALED, -- Telephone
  email SEALED, -- E-mail
  street SEALED, -- Street
  house_number SEALED, -- House number
  city SEALED, -- City
  created_at INSTANT NOT NULL, -- When it was made
  PRIMARY KEY (authority_id, person_id)
) CLUSTERED;

CREATE TABLE person_reference (
  authority_id INTEGER NOT NULL, -- Authority
  reference TEXT NOT NULL, -- What imported files call the person; never a name
  person_id UUID NOT NULL, -- The person
  PRIMARY KEY (authority_id, reference)
) CLUSTERED;
CREATE INDEX person_reference_of_person ON person_reference (authority_id, person_id, reference);

CREATE TABLE person_change (
  authority_id INTEGER NOT NULL, -- Authority
  seq BIGINT NOT NULL, -- Counts up without gaps, from counter
  person_id UUID NOT NULL, -- The person whose details changed
  PRIMARY KEY (authority_id, seq)
) CLUSTERED;

CREATE TABLE counter (
  authority_id INTEGER NOT NULL, -- Authority
  name TEXT NOT NULL, -- What is counted
  value BIGINT NOT NULL, -- Last number given
  PRIMARY KEY (authority_id, name)
) CLUSTERED;

CREATE TABLE facility (
  authority_id INTEGER NOT NULL, -- Authority
  facility_id UUID NOT NULL, -- Its id
  name TEXT NOT NULL, -- Hospital, school, restaurant; in clear
  created_at INSTANT NOT NULL, -- When it was made
  PRIMARY KEY (authority_id, facility_id)
) CLUSTERED;
CREATE UNIQUE INDEX facility_by_name ON facility (authority_id, name);

CREATE TABLE outbreak_case (
  authority_id INTEGER NOT NULL, -- Authority
  case_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Whose case it is
  disease TEXT NOT NULL, -- Which disease
  classification TEXT NOT NULL, -- suspected, probable, confirmed
  symptom_onset DAY, -- First day with symptoms
  tested_on DAY, -- Day of the specimen
  reported_on DAY, -- Day on which the authority was told
  exposed_first DAY, -- First day on which the infection may have happened
  exposed_last DAY, -- Last such day
  died_on DAY, -- Day of death
  outcome TEXT, -- As imported
  setting TEXT, -- Kind of place of the infection
  facility_id UUID, -- Place
  age_band TEXT, -- Ten years, in clear
  age SEALED, -- Age in years
  note SEALED, -- Free text
  concluded_on DAY, -- Day on which it was concluded
  created_at INSTANT NOT NULL, -- When it was made
  PRIMARY KEY (authority_id, case_id)
) CLUSTERED;
CREATE UNIQUE INDEX case_of_person ON outbreak_case (authority_id, person_id, disease, case_id);

CREATE TABLE history (
  authority_id INTEGER NOT NULL, -- Authority
  history_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- The person it is about
  case_id UUID, -- The case, if it is about one
  changed_at INSTANT NOT NULL, -- When
  account_id UUID NOT NULL, -- Who
  field TEXT NOT NULL, -- Which field; created for a new row
  before_clear TEXT, -- Value before, of a field in clear
  after_clear TEXT, -- Value after
  before_sealed SEALED, -- Value before, of a sealed field
  after_sealed SEALED, -- Value after
  why TEXT NOT NULL, -- What it was done for, such as import
  PRIMARY KEY (authority_id, history_id)
) CLUSTERED;
CREATE INDEX history_of_person ON history (authority_id, person_id, history_id);

CREATE TABLE infection_link (
  authority_id INTEGER NOT NULL, -- Authority
  infector_id UUID NOT NULL, -- Who infected
  infected_id UUID NOT NULL, -- Whom
  link_id UUID NOT NULL, -- Its id
  setting TEXT, -- Kind of place, as written
  infected_on DAY, -- Day of infection
  created_at INSTANT NOT NULL, -- When it was stored
  PRIMARY KEY (authority_id, infector_id, infected_id)
) CLUSTERED;
CREATE INDEX infection_link_of_infected ON infection_link (authority_id, infected_id);

CREATE TABLE refused_link (
  authority_id INTEGER NOT NULL, -- Authority
  infector TEXT NOT NULL, -- Reference of who infected
  infected TEXT NOT NULL, -- Reference of whom
  disease TEXT NOT NULL, -- Disease of the import
  reason TEXT NOT NULL, -- Why it was refused
  created_at INSTANT NOT NULL, -- When first
  PRIMARY KEY (authority_id, disease, infector, infected)
) CLUSTERED;

CREATE TABLE contact (
  authority_id INTEGER NOT NULL, -- Authority
  contact_id UUID NOT NULL, -- Its id
  declared_by UUID NOT NULL, -- Who declared it, or of whom it was declared
  met UUID NOT NULL, -- Whom they met
  kind TEXT NOT NULL, -- household, face_to_face, same_room, care, transport, other
  first_day DAY NOT NULL, -- First day
  last_day DAY NOT NULL, -- Last day, included
  created_at INSTANT NOT NULL, -- When it was stored
  PRIMARY KEY (authority_id, contact_id)
) CLUSTERED;
CREATE INDEX contact_of_declarer ON contact (authority_id, declared_by, last_day);
CREATE INDEX contact_of_met ON contact (authority_id, met, last_day);

CREATE TABLE encounter (
  authority_id INTEGER NOT NULL, -- Authority
  person_id UUID NOT NULL, -- One of the two; each encounter stands here from both sides
  started_at INSTANT NOT NULL, -- First instant
  other_id UUID NOT NULL, -- The other one
  ended_at INSTANT NOT NULL, -- First instant after it, on the same day in UTC
  distance_m REAL, -- Nearest distance in metres, if measured
  stored_on DAY NOT NULL, -- Day of the import
  PRIMARY KEY (authority_id, person_id, started_at, other_id) COVERING (ended_at, distance_m)
) CLUSTERED;

CREATE TABLE visit (
  authority_id INTEGER NOT NULL, -- Authority
  visit_id UUID NOT NULL, -- Its id
  person_id UUID NOT NULL, -- Who
  facility_id UUID NOT NULL, -- Where
  area TEXT NOT NULL, -- Ward, table, room; empty for the whole
  arrived_at INSTANT NOT NULL, -- First instant
  left_at INSTANT NOT NULL, -- First instant after it
  stored_on DAY NOT NULL, -- Day of the import
  PRIMARY KEY (authority_id, visit_id)
) CLUSTERED;
CREATE UNIQUE INDEX visit_of_person ON visit (authority_id, person_id, facility_id, area, arrived_at);

CREATE TABLE visit_day (
  authority_id INTEGER NOT NULL, -- Authority
  facility_id UUID NOT NULL, -- Where
  area TEXT NOT NULL, -- Area
  day DAY NOT NULL, -- A day in UTC that the stay touches
  visit_id UUID NOT NULL, -- The visit
  PRIMARY KEY (authority_id, facility_id, area, day, visit_id)
) CLUSTERED;
