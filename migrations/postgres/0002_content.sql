-- Everything that is versioned: policies, decision tables, claim mapping, datasets, dashboards.
-- Each text is stored once, found by its SHA-256; a tree names the texts by their paths.
CREATE TABLE content_files (
    hash BYTEA NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    text TEXT  NOT NULL
);

CREATE TABLE content_tree_files (
    tree BYTEA NOT NULL CHECK (length(tree) = 32),
    path TEXT  NOT NULL,
    file BYTEA NOT NULL REFERENCES content_files (hash),
    PRIMARY KEY (tree, path)
);

-- Written after its files; from then on the tree is complete.
CREATE TABLE content_trees (
    hash  BYTEA  NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    files BIGINT NOT NULL
);

-- What was in force, from published_at_ms until the next number's. People are JSON: issuer, sub,
-- name. Numbers have no gaps, and published_at_ms grows with them. seal is the SHA-256 of the seal
-- before and all other columns (revisions/seal.rs): a row that was edited shows.
CREATE TABLE revisions (
    number          BIGINT NOT NULL PRIMARY KEY,
    content         BYTEA  NOT NULL REFERENCES content_trees (hash),
    published_at_ms BIGINT NOT NULL,
    title           TEXT   NOT NULL,
    origin          TEXT   NOT NULL CHECK (origin IN ('folder', 'draft', 'push', 'rollback')),
    rollback_of     BIGINT,
    draft           BIGINT,
    widening        BIGINT NOT NULL CHECK (widening IN (0, 1)),
    author          TEXT   NOT NULL,
    approvers       TEXT   NOT NULL,
    publisher       TEXT   NOT NULL,
    seal            BYTEA  NOT NULL CHECK (length(seal) = 32),
    CHECK ((rollback_of IS NOT NULL) = (origin = 'rollback'))
);

CREATE INDEX revisions_published_at ON revisions (published_at_ms);

-- A change on its way. version counts the saves.
CREATE TABLE drafts (
    id                BIGINT NOT NULL PRIMARY KEY,
    version           BIGINT NOT NULL,
    state             TEXT   NOT NULL
        CHECK (state IN ('editing', 'in_review', 'scheduled', 'published', 'withdrawn')),
    title             TEXT   NOT NULL,
    base              BIGINT NOT NULL,
    origin            TEXT   NOT NULL CHECK (origin IN ('draft', 'push', 'rollback')),
    rollback_of       BIGINT,
    content           BYTEA  NOT NULL REFERENCES content_trees (hash),
    author            TEXT   NOT NULL,
    widening          BIGINT CHECK (widening IN (0, 1)),
    approvals_needed  BIGINT,
    findings          TEXT,
    effective_from_ms BIGINT,
    reason            TEXT,
    created_at_ms     BIGINT NOT NULL,
    updated_at_ms     BIGINT NOT NULL,
    CHECK ((rollback_of IS NOT NULL) = (origin = 'rollback')),
    CHECK ((effective_from_ms IS NOT NULL) <= (state IN ('scheduled', 'published')))
);

CREATE INDEX drafts_state ON drafts (state, updated_at_ms);

-- Who saved what. Nobody in here may approve the draft.
CREATE TABLE draft_versions (
    draft   BIGINT NOT NULL REFERENCES drafts (id),
    version BIGINT NOT NULL,
    base    BIGINT NOT NULL,
    title   TEXT   NOT NULL,
    content BYTEA  NOT NULL REFERENCES content_trees (hash),
    person  BYTEA  NOT NULL CHECK (length(person) = 32),
    editor  TEXT   NOT NULL,
    at_ms   BIGINT NOT NULL,
    PRIMARY KEY (draft, version)
);

-- Approvals of a draft's current version. person is the digest of (issuer, sub).
CREATE TABLE draft_approvals (
    draft    BIGINT NOT NULL REFERENCES drafts (id),
    version  BIGINT NOT NULL,
    person   BYTEA  NOT NULL CHECK (length(person) = 32),
    approver TEXT   NOT NULL,
    at_ms    BIGINT NOT NULL,
    PRIMARY KEY (draft, version, person)
);

CREATE FUNCTION weir_refuse_late_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM content_trees WHERE hash = NEW.tree) THEN
        RAISE EXCEPTION 'content is immutable';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION weir_refuse_revision_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM revisions)
        OR NEW.published_at_ms <= (SELECT MAX(published_at_ms) FROM revisions) THEN
        RAISE EXCEPTION 'revisions are published in order';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION weir_refuse_draft_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM drafts) THEN
        RAISE EXCEPTION 'drafts are numbered in order';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION weir_refuse_version_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> (
        SELECT COALESCE(MAX(version), 0) + 1 FROM draft_versions WHERE draft = NEW.draft
    ) THEN
        RAISE EXCEPTION 'versions are saved in order';
    END IF;
    RETURN NEW;
END
$$;

-- The rule of two people, once more where no program can forget it.
CREATE FUNCTION weir_refuse_own_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM draft_versions WHERE draft = NEW.draft AND person = NEW.person) THEN
        RAISE EXCEPTION 'nobody approves what they wrote';
    END IF;
    RETURN NEW;
END
$$;

-- Every process that listens hears of a revision when, and only when, it is committed.
CREATE FUNCTION weir_announce_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('weir_revisions', NEW.number::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER content_files_refuse_change BEFORE UPDATE OR DELETE ON content_files
FOR EACH ROW EXECUTE FUNCTION weir_refuse('content is immutable');

CREATE TRIGGER content_files_refuse_truncate BEFORE TRUNCATE ON content_files
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('content is immutable');

CREATE TRIGGER content_tree_files_refuse_change BEFORE UPDATE OR DELETE ON content_tree_files
FOR EACH ROW EXECUTE FUNCTION weir_refuse('content is immutable');

CREATE TRIGGER content_tree_files_refuse_truncate BEFORE TRUNCATE ON content_tree_files
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('content is immutable');

CREATE TRIGGER content_tree_files_refuse_late BEFORE INSERT ON content_tree_files
FOR EACH ROW EXECUTE FUNCTION weir_refuse_late_file();

CREATE TRIGGER content_trees_refuse_change BEFORE UPDATE OR DELETE ON content_trees
FOR EACH ROW EXECUTE FUNCTION weir_refuse('content is immutable');

CREATE TRIGGER content_trees_refuse_truncate BEFORE TRUNCATE ON content_trees
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('content is immutable');

CREATE TRIGGER revisions_refuse_change BEFORE UPDATE OR DELETE ON revisions
FOR EACH ROW EXECUTE FUNCTION weir_refuse('revisions are immutable');

CREATE TRIGGER revisions_refuse_truncate BEFORE TRUNCATE ON revisions
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('revisions are immutable');

CREATE TRIGGER revisions_refuse_gap BEFORE INSERT ON revisions
FOR EACH ROW EXECUTE FUNCTION weir_refuse_revision_gap();

CREATE TRIGGER revisions_announce AFTER INSERT ON revisions
FOR EACH ROW EXECUTE FUNCTION weir_announce_revision();

CREATE TRIGGER drafts_refuse_delete BEFORE DELETE ON drafts
FOR EACH ROW EXECUTE FUNCTION weir_refuse('drafts are withdrawn, not deleted');

CREATE TRIGGER drafts_refuse_truncate BEFORE TRUNCATE ON drafts
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('drafts are withdrawn, not deleted');

CREATE TRIGGER drafts_refuse_gap BEFORE INSERT ON drafts
FOR EACH ROW EXECUTE FUNCTION weir_refuse_draft_gap();

CREATE TRIGGER drafts_refuse_reopening BEFORE UPDATE ON drafts
FOR EACH ROW WHEN (OLD.state IN ('published', 'withdrawn'))
EXECUTE FUNCTION weir_refuse('a draft that is published or withdrawn stays so');

CREATE TRIGGER draft_versions_refuse_change BEFORE UPDATE OR DELETE ON draft_versions
FOR EACH ROW EXECUTE FUNCTION weir_refuse('saved versions are immutable');

CREATE TRIGGER draft_versions_refuse_truncate BEFORE TRUNCATE ON draft_versions
FOR EACH STATEMENT EXECUTE FUNCTION weir_refuse('saved versions are immutable');

CREATE TRIGGER draft_versions_refuse_gap BEFORE INSERT ON draft_versions
FOR EACH ROW EXECUTE FUNCTION weir_refuse_version_gap();

CREATE TRIGGER draft_approvals_refuse_update BEFORE UPDATE ON draft_approvals
FOR EACH ROW EXECUTE FUNCTION weir_refuse('an approval is given or dropped, not changed');

CREATE TRIGGER draft_approvals_refuse_own_work BEFORE INSERT ON draft_approvals
FOR EACH ROW EXECUTE FUNCTION weir_refuse_own_work();
