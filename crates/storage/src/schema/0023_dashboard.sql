-- How many cases there are of each kind, kept by the database itself in the transaction of each change.
-- SQLite has one writer, so it counts in place. PostgreSQL notes differences, so that nobody waits for anybody; they are
-- folded together from time to time.
CREATE TABLE case_tally (
  authority_id INTEGER NOT NULL, -- Authority
  disease TEXT NOT NULL, -- Which disease
  case_type TEXT NOT NULL, -- index, contact, contact_medical, contact_vulnerable
  status TEXT NOT NULL, -- Where they stand
  tally_id UUID NOT NULL, -- Tells differences of one kind apart
  n BIGINT NOT NULL, -- How many more, or fewer
  PRIMARY KEY (authority_id, disease, case_type, status, tally_id)
) CLUSTERED;
@sqlite INSERT INTO case_tally SELECT authority_id, disease, case_type, status, zeroblob(16), count(*) FROM outbreak_case GROUP BY 1, 2, 3, 4;
@sqlite CREATE TRIGGER case_tally_more AFTER INSERT ON outbreak_case
@sqlite BEGIN INSERT INTO case_tally VALUES (NEW.authority_id, NEW.disease, NEW.case_type, NEW.status, zeroblob(16), 1) ON CONFLICT (authority_id, disease, case_type, status, tally_id) DO UPDATE SET n = n + 1; END;
@sqlite CREATE TRIGGER case_tally_fewer AFTER DELETE ON outbreak_case
@sqlite BEGIN UPDATE case_tally SET n = n - 1 WHERE authority_id = OLD.authority_id AND disease = OLD.disease AND case_type = OLD.case_type AND status = OLD.status; END;
@sqlite CREATE TRIGGER case_tally_other AFTER UPDATE OF disease, case_type, status ON outbreak_case
@sqlite WHEN OLD.disease <> NEW.disease OR OLD.case_type <> NEW.case_type OR OLD.status <> NEW.status
@sqlite BEGIN UPDATE case_tally SET n = n - 1 WHERE authority_id = OLD.authority_id AND disease = OLD.disease AND case_type = OLD.case_type AND status = OLD.status; INSERT INTO case_tally VALUES (NEW.authority_id, NEW.disease, NEW.case_type, NEW.status, zeroblob(16), 1) ON CONFLICT (authority_id, disease, case_type, status, tally_id) DO UPDATE SET n = n + 1; END;
@postgres ALTER TABLE outbreak_case NO FORCE ROW LEVEL SECURITY;
@postgres INSERT INTO case_tally SELECT authority_id, disease, case_type, status, gen_random_uuid(), count(*) FROM outbreak_case GROUP BY 1, 2, 3, 4;
@postgres CREATE FUNCTION tally_more_cases() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO case_tally SELECT authority_id, disease, case_type, status, gen_random_uuid(), count(*) FROM after_it GROUP BY 1, 2, 3, 4; RETURN NULL; END $$;
@postgres CREATE FUNCTION tally_fewer_cases() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO case_tally SELECT authority_id, disease, case_type, status, gen_random_uuid(), -count(*) FROM before_it GROUP BY 1, 2, 3, 4; RETURN NULL; END $$;
@postgres CREATE FUNCTION tally_other_cases() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO case_tally SELECT authority_id, disease, case_type, status, gen_random_uuid(), sum(one) FROM (SELECT authority_id, disease, case_type, status, 1 AS one FROM after_it UNION ALL SELECT authority_id, disease, case_type, status, -1 FROM before_it) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0; RETURN NULL; END $$;
@postgres CREATE TRIGGER case_tally_more AFTER INSERT ON outbreak_case REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION tally_more_cases();
@postgres CREATE TRIGGER case_tally_fewer AFTER DELETE ON outbreak_case REFERENCING OLD TABLE AS before_it FOR EACH STATEMENT EXECUTE FUNCTION tally_fewer_cases();
@postgres CREATE TRIGGER case_tally_other AFTER UPDATE ON outbreak_case REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION tally_other_cases();
CREATE INDEX case_in_quarantine ON outbreak_case (authority_id, quarantine_last, quarantine_first, status) WHERE quarantine_last IS NOT NULL;
CREATE INDEX case_by_day_of_report ON outbreak_case (authority_id, reported_on, case_type) WHERE reported_on IS NOT NULL;
