-- Contacts that a node united because it had heard so many: sent twice, they must count once, whoever stores them the second time.
ALTER TABLE run_node ADD COLUMN united_boot BIGINT; -- Number that it drew when it started, of the last united contacts that are stored; null where there are none
ALTER TABLE run_node ADD COLUMN united_seq BIGINT; -- Which of its reports since then they were
