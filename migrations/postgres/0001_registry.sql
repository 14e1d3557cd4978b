-- What Weir remembers. Times are milliseconds since 1970-01-01 UTC, digests are 32 bytes.

-- Invariant 10: the audit log. One row is one link of the chain:
-- hash = SHA-256(0x01 || hash of the row before || length of entry, u64 big-endian || entry).
-- at_ms and kind repeat what the entry says, for searching; verification compares them with it.
CREATE TABLE audit_records (
    seq   BIGINT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    kind  TEXT   NOT NULL,
    entry TEXT   NOT NULL,
    hash  BYTEA  NOT NULL CHECK (length(hash) = 32)
);

CREATE INDEX audit_records_at ON audit_records (at_ms);

-- How many records there must be and what the last one hashes to. A missing tail shows here.
-- synced counts the records known to be on the disk, not only handed to the operating system.
CREATE TABLE audit_head (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    records BIGINT NOT NULL,
    hash    BYTEA  NOT NULL CHECK (length(hash) = 32),
    synced  BIGINT NOT NULL
);

INSERT INTO audit_head (id, records, hash, synced)
VALUES (1, 0, decode(repeat('00', 32), 'hex'), 0);

-- Refuses whatever it is attached to, with the sentence it is given.
CREATE FUNCTION weir_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END
$$;

CREATE FUNCTION weir_refuse_audit_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_records) THEN
        RAISE EXCEPTION 'audit records are appended in order';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER audit_records_refuse_update BEFORE UPDATE ON audit_records
FOR EACH ROW EXECUTE FUNCTION weir_refuse('audit records are append-only');

CREATE TRIGGER audit_records_refuse_delete BEFORE DELETE ON audit_records
FOR EACH ROW EXECUTE FUNCTION weir_refuse('audit records are append-only');

CREATE TRIGGER audit_records_refuse_truncate BEFORE TRUNCATE ON audit_records
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('audit records are append-only');

CREATE TRIGGER audit_records_refuse_gap BEFORE INSERT ON audit_records
FOR EACH ROW EXECUTE FUNCTION weir_refuse_audit_gap();

CREATE TRIGGER audit_head_refuse_rewind BEFORE UPDATE ON audit_head
FOR EACH ROW WHEN (NEW.records < OLD.records)
EXECUTE FUNCTION weir_refuse('the audit head only moves forward');

CREATE TRIGGER audit_head_refuse_insert BEFORE INSERT ON audit_head
FOR EACH ROW EXECUTE FUNCTION weir_refuse('the audit head is one row');

CREATE TRIGGER audit_head_refuse_delete BEFORE DELETE ON audit_head
FOR EACH ROW EXECUTE FUNCTION weir_refuse('the audit head is one row');

CREATE TRIGGER audit_head_refuse_truncate BEFORE TRUNCATE ON audit_head
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('the audit head is one row');

-- Member sessions, found by the SHA-256 of the id in the cookie.
CREATE TABLE sessions (
    key_hash      BYTEA  NOT NULL PRIMARY KEY CHECK (length(key_hash) = 32),
    subject       BYTEA  NOT NULL CHECK (length(subject) = 32),
    payload       TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX sessions_subject ON sessions (subject);
CREATE INDEX sessions_expiry ON sessions (expires_at_ms);

-- Sign-ins under way, found by the SHA-256 of the state parameter.
CREATE TABLE pending_logins (
    state_hash    BYTEA  NOT NULL PRIMARY KEY CHECK (length(state_hash) = 32),
    payload       TEXT   NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX pending_logins_expiry ON pending_logins (expires_at_ms);

-- Single-use launch codes, found by the SHA-256 of the code. A used code has no token any more.
CREATE TABLE launch_codes (
    code_hash     BYTEA  NOT NULL PRIMARY KEY CHECK (length(code_hash) = 32),
    token         TEXT,
    expires_at_ms BIGINT NOT NULL,
    used_at_ms    BIGINT,
    CHECK ((token IS NULL) = (used_at_ms IS NOT NULL))
);

CREATE INDEX launch_codes_expiry ON launch_codes (expires_at_ms);
