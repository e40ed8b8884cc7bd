-- The pulse, by which a database is known that was restored: it counts, and a file beside the keyring remembers how far.
CREATE TABLE pulse (
  only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1), -- There is one row
  beats BIGINT NOT NULL, -- Grows with each beat of a server; the file remembers the highest that was committed
  ledger_bytes BIGINT NOT NULL -- Length of the ledger of erasures up to which they are done here
) HEAP;
INSERT INTO pulse (only_row, beats, ledger_bytes) VALUES (1, 0, 0);
