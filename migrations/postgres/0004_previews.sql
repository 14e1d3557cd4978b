-- Dashboards that admins look at through somebody else's eyes, found by the SHA-256 of the id in
-- the address, and only together with the session that opened them.
CREATE TABLE previews (
    id_hash       BYTEA  NOT NULL PRIMARY KEY CHECK (length(id_hash) = 32),
    session_hash  BYTEA  NOT NULL CHECK (length(session_hash) = 32),
    payload       TEXT   NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX previews_expiry ON previews (expires_at_ms);
