-- What the identity provider calls a session, so that it can end it; its tokens, sealed; and when it is
-- asked again who the member is.
ALTER TABLE sessions ADD COLUMN provider_session BYTEA
    CHECK (provider_session IS NULL OR length(provider_session) = 32);
ALTER TABLE sessions ADD COLUMN provider_tokens BYTEA;
ALTER TABLE sessions ADD COLUMN refresh_at_ms BIGINT;

CREATE INDEX sessions_provider_session ON sessions (provider_session);

-- Whose sessions at the identity provider Weir knows or knew, by the SHA-256 of issuer and sid. Kept
-- longer than the sessions here: a logout of one that is over already has succeeded.
CREATE TABLE provider_sessions (
    session_hash  BYTEA    NOT NULL PRIMARY KEY CHECK (length(session_hash) = 32),
    issuer        TEXT    NOT NULL,
    sub           TEXT    NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX provider_sessions_expiry ON provider_sessions (expires_at_ms);

-- Logout tokens that were used, by the SHA-256 of issuer and jti, for as long as they live.
CREATE TABLE logout_tokens (
    token_hash    BYTEA    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX logout_tokens_expiry ON logout_tokens (expires_at_ms);
