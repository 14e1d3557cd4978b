-- How much is used, hour by hour: the audit log's reads and launches summed up, in the transactions
-- that move them into the log. business_unit is '' where a reader had none or several; tile is ''
-- for launches, which are the opens.
CREATE TABLE usage_hours (
    hour_ms       INTEGER NOT NULL,
    dashboard     TEXT    NOT NULL,
    tile          TEXT    NOT NULL,
    business_unit TEXT    NOT NULL,
    opens         INTEGER NOT NULL,
    reads         INTEGER NOT NULL,
    from_engine   INTEGER NOT NULL,
    failed        INTEGER NOT NULL,
    rows_shown    INTEGER NOT NULL,
    bytes_read    INTEGER NOT NULL,
    PRIMARY KEY (hour_ms, dashboard, tile, business_unit)
) STRICT;

-- Who they were, for counting people and nothing else; removed after a month.
CREATE TABLE usage_people (
    hour_ms       INTEGER NOT NULL,
    dashboard     TEXT    NOT NULL,
    business_unit TEXT    NOT NULL,
    subject       BLOB    NOT NULL CHECK (length(subject) = 32),
    PRIMARY KEY (hour_ms, dashboard, business_unit, subject)
) STRICT;
