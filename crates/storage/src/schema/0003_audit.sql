-- The audit log: appended before an answer leaves, chained by hash within a second.
CREATE TABLE audit_record (
  authority_id INTEGER NOT NULL, -- Authority
  audit_id UUID NOT NULL, -- Its id
  recorded_at INSTANT NOT NULL, -- When
  account_id UUID NOT NULL, -- Who
  role TEXT NOT NULL, -- In which role
  operation TEXT NOT NULL, -- What
  subjects TEXT NOT NULL, -- Ids shown or changed; never names
  n_subjects BIGINT NOT NULL, -- Persons or rows that it was about
  reason TEXT NOT NULL, -- Why, where a reason is asked for
  source TEXT NOT NULL, -- Where from: command_line, loopback, network
  seq BIGINT, -- Number in the chain; null until chained
  hash TEXT, -- SHA-256 over the record and the hash before it, hexadecimal
  PRIMARY KEY (authority_id, audit_id)
) CLUSTERED;
CREATE UNIQUE INDEX audit_record_by_seq ON audit_record (authority_id, seq);

CREATE TABLE audit_chain (
  authority_id INTEGER NOT NULL, -- Authority
  head_seq BIGINT NOT NULL, -- Last number chained
  head_hash TEXT NOT NULL, -- Its hash
  anchor_seq BIGINT NOT NULL, -- Last number that retention has deleted
  anchor_hash TEXT NOT NULL, -- Its hash
  PRIMARY KEY (authority_id)
) CLUSTERED;

@sqlite CREATE TRIGGER audit_record_stays BEFORE DELETE ON audit_record
@sqlite WHEN OLD.seq IS NULL OR OLD.seq > (SELECT anchor_seq FROM audit_chain WHERE authority_id = OLD.authority_id)
@sqlite BEGIN SELECT RAISE(ABORT, 'audit records are only deleted by retention'); END;
@sqlite CREATE TRIGGER audit_record_is_written_once BEFORE UPDATE OF
@sqlite authority_id, audit_id, recorded_at, account_id, role, operation, subjects, n_subjects, reason, source ON audit_record
@sqlite BEGIN SELECT RAISE(ABORT, 'audit records are written once'); END;
@sqlite CREATE TRIGGER audit_record_is_chained_once BEFORE UPDATE OF seq, hash ON audit_record WHEN OLD.seq IS NOT NULL
@sqlite BEGIN SELECT RAISE(ABORT, 'audit records are chained once'); END;
