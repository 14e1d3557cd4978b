-- How fast pages were in the browsers of those who looked, as histograms by day (UTC). bucket counts
-- from 0 in the bounds that the program has; what is only counted stands in bucket 0. business_unit
-- is '' where a reader had none or several. Nothing in here is about a person.
CREATE TABLE vital_days (
    day           BIGINT  NOT NULL,
    dashboard     TEXT    NOT NULL,
    business_unit TEXT    NOT NULL,
    host          TEXT    NOT NULL,
    weir_release  TEXT    NOT NULL,
    measure       TEXT    NOT NULL,
    bucket        BIGINT  NOT NULL,
    seen          BIGINT  NOT NULL,
    PRIMARY KEY (day, dashboard, business_unit, host, weir_release, measure, bucket)
);

-- The same pages by five minutes: how many there were, and how many were slower than promised. What
-- the last hours and days did to the promise is reckoned from it.
CREATE TABLE vital_paces (
    slot_ms       BIGINT  NOT NULL,
    dashboard     TEXT    NOT NULL,
    business_unit TEXT    NOT NULL,
    host          TEXT    NOT NULL,
    weir_release  TEXT    NOT NULL,
    loads         BIGINT  NOT NULL,
    slow          BIGINT  NOT NULL,
    PRIMARY KEY (slot_ms, dashboard, business_unit, host, weir_release)
);
