-- Of two accounts of one person one acts; the other is kept, so that parting the two gives it back.
ALTER TABLE enrolment ADD COLUMN superseded_by UUID; -- Account that acts in its place since two persons became one; null while this one acts
