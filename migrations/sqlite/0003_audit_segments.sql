-- Records are acknowledged from local segments and moved here in order.

-- Which segments are this log's: a random name, made up once.
CREATE TABLE audit_log (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    name TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_log_refuse_update BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the name of the audit log does not change');
END;

CREATE TRIGGER audit_log_refuse_delete BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the name of the audit log does not change');
END;

-- How many lines of a segment the records above hold. A row stays when its file is removed: a
-- file that comes back must not be moved again.
CREATE TABLE audit_streams (
    stream TEXT    NOT NULL PRIMARY KEY,
    moved  INTEGER NOT NULL
) STRICT;

CREATE TRIGGER audit_streams_refuse_rewind BEFORE UPDATE ON audit_streams
WHEN NEW.moved < OLD.moved OR NEW.stream <> OLD.stream
BEGIN
    SELECT RAISE(ABORT, 'a segment only moves forward');
END;

CREATE TRIGGER audit_streams_refuse_delete BEFORE DELETE ON audit_streams
BEGIN
    SELECT RAISE(ABORT, 'a segment only moves forward');
END;

-- The end of the chain at some moment, signed with a key that is not in the database. There is
-- no foreign key: a checkpoint must outlive the record it is about.
CREATE TABLE audit_checkpoints (
    seq       INTEGER NOT NULL PRIMARY KEY,
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    at_ms     INTEGER NOT NULL,
    key_id    TEXT    NOT NULL,
    signature TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_checkpoints_refuse_update BEFORE UPDATE ON audit_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'audit checkpoints are append-only');
END;

CREATE TRIGGER audit_checkpoints_refuse_delete BEFORE DELETE ON audit_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'audit checkpoints are append-only');
END;

-- These repeat what the entry says too, for searching; verification compares them with it.
-- audit_head.synced is not written any more: what is not in the database yet is in a segment.
ALTER TABLE audit_records ADD COLUMN subject TEXT;
ALTER TABLE audit_records ADD COLUMN dashboard TEXT;
ALTER TABLE audit_records ADD COLUMN revision INTEGER;

DROP TRIGGER audit_records_refuse_update;

UPDATE audit_records
SET subject = COALESCE(json_extract(entry, '$.fact.subject'), json_extract(entry, '$.fact.by')),
    dashboard = json_extract(entry, '$.fact.dashboard'),
    revision = COALESCE(
        json_extract(entry, '$.fact.policy_revision'),
        json_extract(entry, '$.fact.revision')
    );

CREATE TRIGGER audit_records_refuse_update BEFORE UPDATE ON audit_records
BEGIN
    SELECT RAISE(ABORT, 'audit records are append-only');
END;

CREATE INDEX audit_records_subject ON audit_records (subject, seq);
CREATE INDEX audit_records_dashboard ON audit_records (dashboard, seq);
CREATE INDEX audit_records_kind ON audit_records (kind, seq);
