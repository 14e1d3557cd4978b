-- Records are acknowledged from local segments and moved here in order.

-- Which segments are this log's: a random name, made up once.
CREATE TABLE audit_log (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    name TEXT   NOT NULL
);

CREATE TRIGGER audit_log_refuse_change BEFORE UPDATE OR DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION weir_refuse('the name of the audit log does not change');

CREATE TRIGGER audit_log_refuse_truncate BEFORE TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('the name of the audit log does not change');

-- How many lines of a segment the records above hold. A row stays when its file is removed: a
-- file that comes back must not be moved again.
CREATE TABLE audit_streams (
    stream TEXT   NOT NULL PRIMARY KEY,
    moved  BIGINT NOT NULL
);

CREATE TRIGGER audit_streams_refuse_rewind BEFORE UPDATE ON audit_streams
FOR EACH ROW WHEN (NEW.moved < OLD.moved OR NEW.stream <> OLD.stream)
EXECUTE FUNCTION weir_refuse('a segment only moves forward');

CREATE TRIGGER audit_streams_refuse_delete BEFORE DELETE ON audit_streams
FOR EACH ROW EXECUTE FUNCTION weir_refuse('a segment only moves forward');

CREATE TRIGGER audit_streams_refuse_truncate BEFORE TRUNCATE ON audit_streams
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('a segment only moves forward');

-- The end of the chain at some moment, signed with a key that is not in the database. There is
-- no foreign key: a checkpoint must outlive the record it is about.
CREATE TABLE audit_checkpoints (
    seq       BIGINT NOT NULL PRIMARY KEY,
    hash      BYTEA  NOT NULL CHECK (length(hash) = 32),
    at_ms     BIGINT NOT NULL,
    key_id    TEXT   NOT NULL,
    signature TEXT   NOT NULL
);

CREATE TRIGGER audit_checkpoints_refuse_change BEFORE UPDATE OR DELETE ON audit_checkpoints
FOR EACH ROW EXECUTE FUNCTION weir_refuse('audit checkpoints are append-only');

CREATE TRIGGER audit_checkpoints_refuse_truncate BEFORE TRUNCATE ON audit_checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('audit checkpoints are append-only');

-- These repeat what the entry says too, for searching; verification compares them with it.
-- audit_head.synced is not written any more: what is not in the database yet is in a segment.
ALTER TABLE audit_records ADD COLUMN subject TEXT;
ALTER TABLE audit_records ADD COLUMN dashboard TEXT;
ALTER TABLE audit_records ADD COLUMN revision BIGINT;

ALTER TABLE audit_records DISABLE TRIGGER audit_records_refuse_update;

UPDATE audit_records
SET subject = COALESCE(entry::json #>> '{fact,subject}', entry::json #>> '{fact,by}'),
    dashboard = entry::json #>> '{fact,dashboard}',
    revision = COALESCE(
        entry::json #>> '{fact,policy_revision}',
        entry::json #>> '{fact,revision}'
    )::bigint;

ALTER TABLE audit_records ENABLE TRIGGER audit_records_refuse_update;

CREATE INDEX audit_records_subject ON audit_records (subject, seq);
CREATE INDEX audit_records_dashboard ON audit_records (dashboard, seq);
CREATE INDEX audit_records_kind ON audit_records (kind, seq);
