-- Embed clients that admins register: the back ends of host pages, and the most each may assert.
-- version is the count of all changes at the time of the client's last one, so no version of a
-- client ever comes back, not even after it was removed. People are JSON: issuer, sub, name.
CREATE TABLE embed_clients (
    id            TEXT    NOT NULL PRIMARY KEY,
    version       INTEGER NOT NULL,
    document      TEXT    NOT NULL,
    created_by    TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    changed_by    TEXT    NOT NULL,
    changed_at_ms INTEGER NOT NULL
) STRICT;

-- The live secrets of a client, as argon2id hashes. version is the client's when it was made: the
-- lower one is the older.
CREATE TABLE embed_client_secrets (
    client        TEXT    NOT NULL REFERENCES embed_clients (id),
    id            TEXT    NOT NULL,
    hash          TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    created_by    TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (client, id)
) STRICT;

-- How many changes there were: other processes look whether it grew.
CREATE TABLE embed_client_changes (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    changes INTEGER NOT NULL
) STRICT;

INSERT INTO embed_client_changes (id, changes) VALUES (1, 0);

CREATE TRIGGER embed_client_changes_refuse_rewind BEFORE UPDATE ON embed_client_changes
WHEN NEW.changes <= OLD.changes
BEGIN
    SELECT RAISE(ABORT, 'changes are only counted up');
END;

CREATE TRIGGER embed_client_changes_refuse_delete BEFORE DELETE ON embed_client_changes
BEGIN
    SELECT RAISE(ABORT, 'the count of changes is one row');
END;

-- Assertions that clients proved themselves with, by the SHA-256 of client and jti: each once.
CREATE TABLE used_assertions (
    id_hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(id_hash) = 32),
    expires_at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX used_assertions_expiry ON used_assertions (expires_at_ms);
