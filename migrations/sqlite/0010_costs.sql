-- What answers cost. Days and hours are UTC; '' stands for no dashboard, tile, request or id, and for
-- readers of no unit or several.
--
-- One row that every change of money takes first: reservations are decided one after the other, so
-- no two of them fit where only one does. changes counts the changes of budgets.
CREATE TABLE cost_turn (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    changes INTEGER NOT NULL
) STRICT;

INSERT INTO cost_turn (id, changes) VALUES (1, 0);

-- How much may be spent in a day: for everything, one unit, one dashboard, or for warming caches.
CREATE TABLE budgets (
    kind          TEXT    NOT NULL,
    value         TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    bytes         INTEGER,
    micro_dollars INTEGER,
    changed_by    TEXT    NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT;

-- Bytes that runs under way were estimated to cost. One that is never settled ends by itself.
CREATE TABLE cost_reservations (
    run           TEXT    NOT NULL PRIMARY KEY,
    day           INTEGER NOT NULL,
    dashboard     TEXT    NOT NULL,
    business_unit TEXT    NOT NULL,
    prewarm       INTEGER NOT NULL,
    bytes         INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;

-- What was billed, by day and by whatever can have a budget.
CREATE TABLE cost_days (
    day          INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    value        TEXT    NOT NULL,
    billed_bytes INTEGER NOT NULL,
    PRIMARY KEY (day, kind, value)
) STRICT;

-- That a budget was used up to a part: once a day each.
CREATE TABLE cost_alerts (
    day         INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    percent     INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    spent_bytes INTEGER NOT NULL,
    limit_bytes INTEGER NOT NULL,
    PRIMARY KEY (day, kind, value, percent)
) STRICT;

-- The ledger: one row for each run of a statement, whoever waited for it.
CREATE TABLE executions (
    run             TEXT    NOT NULL PRIMARY KEY,
    at_ms           INTEGER NOT NULL,
    request         TEXT    NOT NULL,
    dashboard       TEXT    NOT NULL,
    tile            TEXT    NOT NULL,
    business_unit   TEXT    NOT NULL,
    purpose         TEXT    NOT NULL,
    policy_revision INTEGER,
    dataset         TEXT    NOT NULL,
    snapshot        TEXT    NOT NULL,
    fingerprint     BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    ran             TEXT    NOT NULL,
    outcome         TEXT    NOT NULL,
    execution       TEXT    NOT NULL,
    scanned_bytes   INTEGER NOT NULL,
    billed_bytes    INTEGER NOT NULL,
    queued_ms       INTEGER NOT NULL,
    planning_ms     INTEGER NOT NULL,
    running_ms      INTEGER NOT NULL,
    service_ms      INTEGER NOT NULL,
    total_ms        INTEGER NOT NULL,
    answer_rows     INTEGER,
    truncated       INTEGER NOT NULL
) STRICT;

CREATE INDEX executions_at ON executions (at_ms);

-- The ledger and what readers got, summed up by hour. avoided_* is what answers from the cache would
-- have cost again.
CREATE TABLE cost_hours (
    hour_ms              INTEGER NOT NULL,
    dashboard            TEXT    NOT NULL,
    business_unit        TEXT    NOT NULL,
    runs                 INTEGER NOT NULL,
    reused               INTEGER NOT NULL,
    scanned_bytes        INTEGER NOT NULL,
    billed_bytes         INTEGER NOT NULL,
    views                INTEGER NOT NULL,
    views_without_engine INTEGER NOT NULL,
    computed             INTEGER NOT NULL,
    cached               INTEGER NOT NULL,
    coalesced            INTEGER NOT NULL,
    stale                INTEGER NOT NULL,
    refused              INTEGER NOT NULL,
    failed               INTEGER NOT NULL,
    avoided_scanned      INTEGER NOT NULL,
    avoided_billed       INTEGER NOT NULL,
    PRIMARY KEY (hour_ms, dashboard, business_unit)
) STRICT;
