-- What answers cost. Days and hours are UTC; '' stands for no dashboard, tile, request or id, and for
-- readers of no unit or several.
--
-- One row that every change of money takes first: reservations are decided one after the other, so
-- no two of them fit where only one does. changes counts the changes of budgets.
CREATE TABLE cost_turn (
    id      BIGINT  NOT NULL PRIMARY KEY CHECK (id = 1),
    changes BIGINT  NOT NULL
);

INSERT INTO cost_turn (id, changes) VALUES (1, 0);

-- How much may be spent in a day: for everything, one unit, one dashboard, or for warming caches.
CREATE TABLE budgets (
    kind          TEXT    NOT NULL,
    value         TEXT    NOT NULL,
    version       BIGINT  NOT NULL,
    bytes         BIGINT,
    micro_dollars BIGINT,
    changed_by    TEXT    NOT NULL,
    changed_at_ms BIGINT  NOT NULL,
    PRIMARY KEY (kind, value)
);

-- Bytes that runs under way were estimated to cost. One that is never settled ends by itself.
CREATE TABLE cost_reservations (
    run           TEXT    NOT NULL PRIMARY KEY,
    day           BIGINT  NOT NULL,
    dashboard     TEXT    NOT NULL,
    business_unit TEXT    NOT NULL,
    prewarm       BIGINT  NOT NULL,
    bytes         BIGINT  NOT NULL,
    expires_at_ms BIGINT  NOT NULL
);

-- What was billed, by day and by whatever can have a budget.
CREATE TABLE cost_days (
    day          BIGINT  NOT NULL,
    kind         TEXT    NOT NULL,
    value        TEXT    NOT NULL,
    billed_bytes BIGINT  NOT NULL,
    PRIMARY KEY (day, kind, value)
);

-- That a budget was used up to a part: once a day each.
CREATE TABLE cost_alerts (
    day         BIGINT  NOT NULL,
    kind        TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    percent     BIGINT  NOT NULL,
    at_ms       BIGINT  NOT NULL,
    spent_bytes BIGINT  NOT NULL,
    limit_bytes BIGINT  NOT NULL,
    PRIMARY KEY (day, kind, value, percent)
);

-- The ledger: one row for each run of a statement, whoever waited for it.
CREATE TABLE executions (
    run             TEXT    NOT NULL PRIMARY KEY,
    at_ms           BIGINT  NOT NULL,
    request         TEXT    NOT NULL,
    dashboard       TEXT    NOT NULL,
    tile            TEXT    NOT NULL,
    business_unit   TEXT    NOT NULL,
    purpose         TEXT    NOT NULL,
    policy_revision BIGINT,
    dataset         TEXT    NOT NULL,
    snapshot        TEXT    NOT NULL,
    fingerprint     BYTEA   NOT NULL CHECK (length(fingerprint) = 32),
    ran             TEXT    NOT NULL,
    outcome         TEXT    NOT NULL,
    execution       TEXT    NOT NULL,
    scanned_bytes   BIGINT  NOT NULL,
    billed_bytes    BIGINT  NOT NULL,
    queued_ms       BIGINT  NOT NULL,
    planning_ms     BIGINT  NOT NULL,
    running_ms      BIGINT  NOT NULL,
    service_ms      BIGINT  NOT NULL,
    total_ms        BIGINT  NOT NULL,
    answer_rows     BIGINT,
    truncated       BIGINT  NOT NULL
);

CREATE INDEX executions_at ON executions (at_ms);

-- The ledger and what readers got, summed up by hour. avoided_* is what answers from the cache would
-- have cost again.
CREATE TABLE cost_hours (
    hour_ms              BIGINT  NOT NULL,
    dashboard            TEXT    NOT NULL,
    business_unit        TEXT    NOT NULL,
    runs                 BIGINT  NOT NULL,
    reused               BIGINT  NOT NULL,
    scanned_bytes        BIGINT  NOT NULL,
    billed_bytes         BIGINT  NOT NULL,
    views                BIGINT  NOT NULL,
    views_without_engine BIGINT  NOT NULL,
    computed             BIGINT  NOT NULL,
    cached               BIGINT  NOT NULL,
    coalesced            BIGINT  NOT NULL,
    stale                BIGINT  NOT NULL,
    refused              BIGINT  NOT NULL,
    failed               BIGINT  NOT NULL,
    avoided_scanned      BIGINT  NOT NULL,
    avoided_billed       BIGINT  NOT NULL,
    PRIMARY KEY (hour_ms, dashboard, business_unit)
);
