-- Where the nodes of a run live, by what key they report, and which of those that were asked for have come into being.
ALTER TABLE run ADD COLUMN hosting TEXT NOT NULL DEFAULT 'server'; -- Where its nodes live: server, processes
ALTER TABLE run ADD COLUMN key_hash TEXT; -- SHA-256 of the key by which its nodes report; null while they have none
ALTER TABLE run ADD COLUMN host_id UUID; -- The host that brings nodes into being
ALTER TABLE run ADD COLUMN host_seen_at INSTANT; -- When that host last asked
ALTER TABLE run ADD COLUMN taken_safe BIGINT NOT NULL DEFAULT 0; -- Susceptible nodes that hosts have taken
ALTER TABLE run ADD COLUMN taken_infected BIGINT NOT NULL DEFAULT 0; -- Infected nodes that hosts have taken

-- Whoever watches a run reads what was stored since the last look.
CREATE INDEX run_frame_by_part ON run_frame (run_id, chain, part);
