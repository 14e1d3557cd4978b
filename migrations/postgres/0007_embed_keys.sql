-- Families of tokens that follow each other in one frame. holder is a digest of client, viewer,
-- dashboard and origin; key is the thumbprint of the frame's key, which changes when the page loads
-- itself anew.
CREATE TABLE embed_families (
    id          TEXT   NOT NULL PRIMARY KEY,
    holder      BYTEA  NOT NULL CHECK (length(holder) = 32),
    key         BYTEA  NOT NULL CHECK (length(key) = 32),
    begun_at_ms BIGINT NOT NULL,
    ends_at_ms  BIGINT NOT NULL
);

CREATE INDEX embed_families_key ON embed_families (key);
CREATE INDEX embed_families_end ON embed_families (ends_at_ms);

-- Keys that sign embed tokens, sealed under the master key. The newest has no successor yet; a
-- retired one has lost its secret.
CREATE TABLE signing_keys (
    kid            TEXT   NOT NULL PRIMARY KEY,
    algorithm      TEXT   NOT NULL CHECK (algorithm IN ('EdDSA', 'ES256')),
    sealed         BYTEA,
    created_at_ms  BIGINT NOT NULL,
    signs_from_ms  BIGINT NOT NULL,
    signs_until_ms BIGINT,
    retired_at_ms  BIGINT,
    newest         BIGINT UNIQUE CHECK (newest = 1),
    CHECK ((sealed IS NULL) = (retired_at_ms IS NOT NULL)),
    CHECK (newest IS NULL OR (signs_until_ms IS NULL AND retired_at_ms IS NULL))
);
