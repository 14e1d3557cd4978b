-- Everything that is versioned: policies, decision tables, claim mapping, datasets, dashboards.
-- Each text is stored once, found by its SHA-256; a tree names the texts by their paths.
CREATE TABLE content_files (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    text TEXT NOT NULL
) STRICT;

CREATE TABLE content_tree_files (
    tree BLOB NOT NULL CHECK (length(tree) = 32),
    path TEXT NOT NULL,
    file BLOB NOT NULL REFERENCES content_files (hash),
    PRIMARY KEY (tree, path)
) STRICT;

-- Written after its files; from then on the tree is complete.
CREATE TABLE content_trees (
    hash  BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    files INTEGER NOT NULL
) STRICT;

-- What was in force, from published_at_ms until the next number's. People are JSON: issuer, sub,
-- name. Numbers have no gaps, and published_at_ms grows with them. seal is the SHA-256 of the seal
-- before and all other columns (revisions/seal.rs): a row that was edited shows.
CREATE TABLE revisions (
    number          INTEGER NOT NULL PRIMARY KEY,
    content         BLOB    NOT NULL REFERENCES content_trees (hash),
    published_at_ms INTEGER NOT NULL,
    title           TEXT    NOT NULL,
    origin          TEXT    NOT NULL CHECK (origin IN ('folder', 'draft', 'push', 'rollback')),
    rollback_of     INTEGER,
    draft           INTEGER,
    widening        INTEGER NOT NULL CHECK (widening IN (0, 1)),
    author          TEXT    NOT NULL,
    approvers       TEXT    NOT NULL,
    publisher       TEXT    NOT NULL,
    seal            BLOB    NOT NULL CHECK (length(seal) = 32),
    CHECK ((rollback_of IS NOT NULL) = (origin = 'rollback'))
) STRICT;

CREATE INDEX revisions_published_at ON revisions (published_at_ms);

-- A change on its way. version counts the saves.
CREATE TABLE drafts (
    id                INTEGER NOT NULL PRIMARY KEY,
    version           INTEGER NOT NULL,
    state             TEXT    NOT NULL
        CHECK (state IN ('editing', 'in_review', 'scheduled', 'published', 'withdrawn')),
    title             TEXT    NOT NULL,
    base              INTEGER NOT NULL,
    origin            TEXT    NOT NULL CHECK (origin IN ('draft', 'push', 'rollback')),
    rollback_of       INTEGER,
    content           BLOB    NOT NULL REFERENCES content_trees (hash),
    author            TEXT    NOT NULL,
    widening          INTEGER CHECK (widening IN (0, 1)),
    approvals_needed  INTEGER,
    findings          TEXT,
    effective_from_ms INTEGER,
    reason            TEXT,
    created_at_ms     INTEGER NOT NULL,
    updated_at_ms     INTEGER NOT NULL,
    CHECK ((rollback_of IS NOT NULL) = (origin = 'rollback')),
    CHECK ((effective_from_ms IS NOT NULL) <= (state IN ('scheduled', 'published')))
) STRICT;

CREATE INDEX drafts_state ON drafts (state, updated_at_ms);

-- Who saved what. Nobody in here may approve the draft.
CREATE TABLE draft_versions (
    draft   INTEGER NOT NULL REFERENCES drafts (id),
    version INTEGER NOT NULL,
    base    INTEGER NOT NULL,
    title   TEXT    NOT NULL,
    content BLOB    NOT NULL REFERENCES content_trees (hash),
    person  BLOB    NOT NULL CHECK (length(person) = 32),
    editor  TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (draft, version)
) STRICT;

-- Approvals of a draft's current version. person is the digest of (issuer, sub).
CREATE TABLE draft_approvals (
    draft    INTEGER NOT NULL REFERENCES drafts (id),
    version  INTEGER NOT NULL,
    person   BLOB    NOT NULL CHECK (length(person) = 32),
    approver TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (draft, version, person)
) STRICT;

CREATE TRIGGER content_files_refuse_update BEFORE UPDATE ON content_files
BEGIN
    SELECT RAISE(ABORT, 'content is immutable');
END;

CREATE TRIGGER content_files_refuse_delete BEFORE DELETE ON content_files
BEGIN
    SELECT RAISE(ABORT, 'content is immutable');
END;

-- INSERT OR REPLACE would delete past the trigger above.
CREATE TRIGGER content_files_keep_first BEFORE INSERT ON content_files
WHEN EXISTS (SELECT 1 FROM content_files WHERE hash = NEW.hash)
BEGIN
    SELECT RAISE(IGNORE);
END;

CREATE TRIGGER content_tree_files_refuse_update BEFORE UPDATE ON content_tree_files
BEGIN
    SELECT RAISE(ABORT, 'content is immutable');
END;

CREATE TRIGGER content_tree_files_refuse_delete BEFORE DELETE ON content_tree_files
BEGIN
    SELECT RAISE(ABORT, 'content is immutable');
END;

CREATE TRIGGER content_tree_files_refuse_late BEFORE INSERT ON content_tree_files
WHEN EXISTS (SELECT 1 FROM content_trees WHERE hash = NEW.tree)
BEGIN
    SELECT RAISE(ABORT, 'content is immutable');
END;

CREATE TRIGGER content_trees_refuse_update BEFORE UPDATE ON content_trees
BEGIN
    SELECT RAISE(ABORT, 'content is immutable');
END;

CREATE TRIGGER content_trees_refuse_delete BEFORE DELETE ON content_trees
BEGIN
    SELECT RAISE(ABORT, 'content is immutable');
END;

CREATE TRIGGER content_trees_refuse_replace BEFORE INSERT ON content_trees
WHEN EXISTS (SELECT 1 FROM content_trees WHERE hash = NEW.hash)
BEGIN
    SELECT RAISE(ABORT, 'content is immutable');
END;

CREATE TRIGGER revisions_refuse_update BEFORE UPDATE ON revisions
BEGIN
    SELECT RAISE(ABORT, 'revisions are immutable');
END;

CREATE TRIGGER revisions_refuse_delete BEFORE DELETE ON revisions
BEGIN
    SELECT RAISE(ABORT, 'revisions are immutable');
END;

CREATE TRIGGER revisions_refuse_gap BEFORE INSERT ON revisions
WHEN NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM revisions)
    OR NEW.published_at_ms <= (SELECT MAX(published_at_ms) FROM revisions)
BEGIN
    SELECT RAISE(ABORT, 'revisions are published in order');
END;

CREATE TRIGGER drafts_refuse_delete BEFORE DELETE ON drafts
BEGIN
    SELECT RAISE(ABORT, 'drafts are withdrawn, not deleted');
END;

CREATE TRIGGER drafts_refuse_gap BEFORE INSERT ON drafts
WHEN NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM drafts)
BEGIN
    SELECT RAISE(ABORT, 'drafts are numbered in order');
END;

CREATE TRIGGER drafts_refuse_reopening BEFORE UPDATE ON drafts
WHEN OLD.state IN ('published', 'withdrawn')
BEGIN
    SELECT RAISE(ABORT, 'a draft that is published or withdrawn stays so');
END;

CREATE TRIGGER draft_versions_refuse_update BEFORE UPDATE ON draft_versions
BEGIN
    SELECT RAISE(ABORT, 'saved versions are immutable');
END;

CREATE TRIGGER draft_versions_refuse_delete BEFORE DELETE ON draft_versions
BEGIN
    SELECT RAISE(ABORT, 'saved versions are immutable');
END;

CREATE TRIGGER draft_versions_refuse_gap BEFORE INSERT ON draft_versions
WHEN NEW.version <> (
    SELECT COALESCE(MAX(version), 0) + 1 FROM draft_versions WHERE draft = NEW.draft
)
BEGIN
    SELECT RAISE(ABORT, 'versions are saved in order');
END;

CREATE TRIGGER draft_approvals_refuse_update BEFORE UPDATE ON draft_approvals
BEGIN
    SELECT RAISE(ABORT, 'an approval is given or dropped, not changed');
END;

-- The rule of two people, once more where no program can forget it.
CREATE TRIGGER draft_approvals_refuse_own_work BEFORE INSERT ON draft_approvals
WHEN EXISTS (SELECT 1 FROM draft_versions WHERE draft = NEW.draft AND person = NEW.person)
BEGIN
    SELECT RAISE(ABORT, 'nobody approves what they wrote');
END;
