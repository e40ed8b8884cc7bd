-- What each worker has: the cases that are at work, counted from an index. Most cases of an authority are over.
CREATE INDEX case_at_work ON outbreak_case (authority_id, assigned_to, priority, status) WHERE status NOT IN ('concluded', 'handed_over', 'anonymised');
