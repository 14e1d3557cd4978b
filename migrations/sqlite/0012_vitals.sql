-- How fast pages were in the browsers of those who looked, as histograms by day (UTC). bucket counts
-- from 0 in the bounds that the program has; what is only counted stands in bucket 0. business_unit
-- is '' where a reader had none or several. Nothing in here is about a person.
CREATE TABLE vital_days (
    day           INTEGER NOT NULL,
    dashboard     TEXT    NOT NULL,
    business_unit TEXT    NOT NULL,
    host          TEXT    NOT NULL,
    weir_release  TEXT    NOT NULL,
    measure       TEXT    NOT NULL,
    bucket        INTEGER NOT NULL,
    seen          INTEGER NOT NULL,
    PRIMARY KEY (day, dashboard, business_unit, host, weir_release, measure, bucket)
) STRICT;

-- The same pages by five minutes: how many there were, and how many were slower than promised. What
-- the last hours and days did to the promise is reckoned from it.
CREATE TABLE vital_paces (
    slot_ms       INTEGER NOT NULL,
    dashboard     TEXT    NOT NULL,
    business_unit TEXT    NOT NULL,
    host          TEXT    NOT NULL,
    weir_release  TEXT    NOT NULL,
    loads         INTEGER NOT NULL,
    slow          INTEGER NOT NULL,
    PRIMARY KEY (slot_ms, dashboard, business_unit, host, weir_release)
) STRICT;
