-- The number of the newest row of revocations, also of one that was removed since. Whoever adds a
-- row holds this one until the end of the transaction: rows are committed in the order of their
-- numbers, and whoever has read up to a number misses nothing.
CREATE TABLE revocation_head (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    newest INTEGER NOT NULL
) STRICT;

INSERT INTO revocation_head (id, newest) VALUES (1, 0);

CREATE TRIGGER revocation_head_refuse_rewind BEFORE UPDATE ON revocation_head
WHEN NEW.newest < OLD.newest
BEGIN
    SELECT RAISE(ABORT, 'the revocations only move forward');
END;

-- Which embed tokens are worth nothing, until no token can be meant any more. `spent`: used up by
-- its own frame; nobody took it back. `client`: only tokens that this client asked for.
CREATE TABLE revocations (
    id              INTEGER NOT NULL PRIMARY KEY,
    kind            TEXT    NOT NULL CHECK (kind IN ('spent', 'jti', 'family', 'subject',
                        'business_unit', 'dashboard', 'client', 'all')),
    issuer          TEXT,
    value           TEXT,
    client          TEXT,
    issued_up_to_ms INTEGER NOT NULL,
    until_ms        INTEGER NOT NULL,
    actor           TEXT,
    reason          TEXT,
    at_ms           INTEGER NOT NULL,
    CHECK ((kind = 'subject') = (issuer IS NOT NULL)),
    CHECK ((kind = 'all') = (value IS NULL)),
    CHECK ((kind = 'spent') = (actor IS NULL)),
    CHECK ((actor IS NULL) = (reason IS NULL))
) STRICT;

CREATE INDEX revocations_expiry ON revocations (until_ms);
CREATE UNIQUE INDEX revocations_spent ON revocations (value) WHERE kind = 'spent';

-- What nobody may look at for the time being, and what nobody may look at no longer. `value` is
-- empty where everything is meant.
CREATE TABLE lockdowns (
    id           INTEGER NOT NULL PRIMARY KEY,
    kind         TEXT    NOT NULL CHECK (kind IN ('all', 'dashboard', 'business_unit')),
    value        TEXT    NOT NULL,
    actor        TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    at_ms        INTEGER NOT NULL,
    lifted_by    TEXT,
    lifted_at_ms INTEGER,
    CHECK ((kind = 'all') = (value = '')),
    CHECK ((lifted_by IS NULL) = (lifted_at_ms IS NULL))
) STRICT;

CREATE UNIQUE INDEX lockdowns_in_force ON lockdowns (kind, value) WHERE lifted_at_ms IS NULL;
