-- The processes that share this registry, each with the last moment it was heard of. Rows are
-- overwritten and removed; nothing hangs on them but how limits of the account are divided.
CREATE TABLE fleet (
    process BYTEA  NOT NULL PRIMARY KEY CHECK (length(process) = 16),
    beat_ms BIGINT NOT NULL
);
