-- Families of tokens that follow each other in one frame. holder is a digest of client, viewer,
-- dashboard and origin; key is the thumbprint of the frame's key, which changes when the page loads
-- itself anew.
CREATE TABLE embed_families (
    id          TEXT    NOT NULL PRIMARY KEY,
    holder      BLOB    NOT NULL CHECK (length(holder) = 32),
    key         BLOB    NOT NULL CHECK (length(key) = 32),
    begun_at_ms INTEGER NOT NULL,
    ends_at_ms  INTEGER NOT NULL
) STRICT;

CREATE INDEX embed_families_key ON embed_families (key);
CREATE INDEX embed_families_end ON embed_families (ends_at_ms);

-- Keys that sign embed tokens, sealed under the master key. The newest has no successor yet; a
-- retired one has lost its secret.
CREATE TABLE signing_keys (
    kid            TEXT    NOT NULL PRIMARY KEY,
    algorithm      TEXT    NOT NULL CHECK (algorithm IN ('EdDSA', 'ES256')),
    sealed         BLOB,
    created_at_ms  INTEGER NOT NULL,
    signs_from_ms  INTEGER NOT NULL,
    signs_until_ms INTEGER,
    retired_at_ms  INTEGER,
    newest         INTEGER UNIQUE CHECK (newest = 1),
    CHECK ((sealed IS NULL) = (retired_at_ms IS NOT NULL)),
    CHECK (newest IS NULL OR (signs_until_ms IS NULL AND retired_at_ms IS NULL))
) STRICT;
