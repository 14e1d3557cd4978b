-- What Weir remembers. Times are milliseconds since 1970-01-01 UTC, digests are 32 bytes.

-- Invariant 10: the audit log. One row is one link of the chain:
-- hash = SHA-256(0x01 || hash of the row before || length of entry, u64 big-endian || entry).
-- at_ms and kind repeat what the entry says, for searching; verification compares them with it.
CREATE TABLE audit_records (
    seq   INTEGER NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind  TEXT    NOT NULL,
    entry TEXT    NOT NULL,
    hash  BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_records_at ON audit_records (at_ms);

-- How many records there must be and what the last one hashes to. A missing tail shows here.
-- synced counts the records known to be on the disk, not only handed to the operating system.
CREATE TABLE audit_head (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    records INTEGER NOT NULL,
    hash    BLOB    NOT NULL CHECK (length(hash) = 32),
    synced  INTEGER NOT NULL
) STRICT;

INSERT INTO audit_head (id, records, hash, synced) VALUES (1, 0, zeroblob(32), 0);

CREATE TRIGGER audit_records_refuse_update BEFORE UPDATE ON audit_records
BEGIN
    SELECT RAISE(ABORT, 'audit records are append-only');
END;

CREATE TRIGGER audit_records_refuse_delete BEFORE DELETE ON audit_records
BEGIN
    SELECT RAISE(ABORT, 'audit records are append-only');
END;

CREATE TRIGGER audit_records_refuse_gap BEFORE INSERT ON audit_records
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_records)
BEGIN
    SELECT RAISE(ABORT, 'audit records are appended in order');
END;

CREATE TRIGGER audit_head_refuse_rewind BEFORE UPDATE ON audit_head
WHEN NEW.records < OLD.records
BEGIN
    SELECT RAISE(ABORT, 'the audit head only moves forward');
END;

CREATE TRIGGER audit_head_refuse_insert BEFORE INSERT ON audit_head
BEGIN
    SELECT RAISE(ABORT, 'the audit head is one row');
END;

CREATE TRIGGER audit_head_refuse_delete BEFORE DELETE ON audit_head
BEGIN
    SELECT RAISE(ABORT, 'the audit head is one row');
END;

-- Member sessions, found by the SHA-256 of the id in the cookie.
CREATE TABLE sessions (
    key_hash      BLOB    NOT NULL PRIMARY KEY CHECK (length(key_hash) = 32),
    subject       BLOB    NOT NULL CHECK (length(subject) = 32),
    payload       TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_subject ON sessions (subject);
CREATE INDEX sessions_expiry ON sessions (expires_at_ms);

-- Sign-ins under way, found by the SHA-256 of the state parameter.
CREATE TABLE pending_logins (
    state_hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(state_hash) = 32),
    payload       TEXT    NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX pending_logins_expiry ON pending_logins (expires_at_ms);

-- Single-use launch codes, found by the SHA-256 of the code. A used code has no token any more.
CREATE TABLE launch_codes (
    code_hash     BLOB    NOT NULL PRIMARY KEY CHECK (length(code_hash) = 32),
    token         TEXT,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER,
    CHECK ((token IS NULL) = (used_at_ms IS NOT NULL))
) STRICT;

CREATE INDEX launch_codes_expiry ON launch_codes (expires_at_ms);
