//! The insurer of the sample lake: who it is, how big its units are, and what happened to it.
//!
//! Every unit sells the same products through the same channels in the same regions, and some
//! customers hold policies of several units. A row that leaks from one unit into another therefore
//! looks perfectly ordinary and shows only in the sums, which is what the checks must catch.

use chrono::{Datelike, Months, NaiveDate};

/// First day of the sample data.
pub(super) const FIRST_DAY: NaiveDate = day(2023, 11, 1);
/// The day after its last day.
pub(super) const END: NaiveDate = day(2026, 11, 1);
/// Where the second snapshot begins.
pub(super) const SECOND_SNAPSHOT: NaiveDate = day(2025, 11, 1);
/// Where the third one begins.
pub(super) const THIRD_SNAPSHOT: NaiveDate = day(2026, 8, 1);
/// Months of data.
pub(super) const MONTHS: u32 = 36;

pub(super) const REGIONS: [&str; 10] = [
    "montreal",
    "quebec_city",
    "monteregie",
    "laurentides",
    "estrie",
    "outaouais",
    "saguenay",
    "abitibi",
    "mauricie",
    "gaspesie",
];
pub(super) const PRODUCTS: [&str; 5] = ["essential", "plus", "premium", "elite", "flex"];
pub(super) const CHANNELS: [&str; 5] = ["broker", "direct_web", "agent", "call_center", "affinity"];

/// What distinguishes one business unit from another. Amounts are cents, factors basis points,
/// chances in a hundred thousand.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) name: &'static str,
    /// Share of all rows, in hundredths.
    pub(super) weight: u64,
    /// Premium of one statement.
    pub(super) premium: i64,
    /// How likely a statement carries a claim.
    pub(super) claim_chance: u32,
    /// What the average claim costs, relative to the earned premium of its statement. Times the
    /// chance this is the loss ratio.
    pub(super) claim_size: i64,
    pub(super) policies: (i64, i64),
    pub(super) regions: [u32; 10],
    pub(super) products: [u32; 5],
    pub(super) channels: [u32; 5],
    /// Claim types it handles: positions in [`super::claims::TYPES`].
    pub(super) claim_types: &'static [usize],
    /// Volume per calendar month, January first; 100 is an average month.
    pub(super) season: [u64; 12],
}

pub(super) const UNITS: [Unit; 7] = [
    Unit {
        name: "auto",
        weight: 34,
        premium: 78_000,
        claim_chance: 16_000,
        claim_size: 42_000,
        policies: (1, 3),
        regions: [23, 13, 18, 13, 8, 8, 6, 4, 5, 2],
        products: [30, 28, 20, 8, 14],
        channels: [34, 27, 20, 13, 6],
        claim_types: &[0, 2],
        season: [88, 86, 104, 116, 118, 110, 100, 98, 104, 102, 90, 84],
    },
    Unit {
        name: "home",
        weight: 26,
        premium: 91_000,
        claim_chance: 11_000,
        claim_size: 55_000,
        policies: (1, 2),
        regions: [18, 14, 20, 15, 9, 8, 6, 3, 5, 2],
        products: [26, 32, 24, 10, 8],
        channels: [38, 22, 22, 12, 6],
        claim_types: &[1, 2, 3],
        season: [84, 84, 96, 106, 116, 128, 124, 106, 98, 92, 84, 82],
    },
    Unit {
        name: "life",
        weight: 12,
        premium: 56_000,
        claim_chance: 5_000,
        claim_size: 104_000,
        policies: (1, 2),
        regions: [24, 15, 16, 11, 9, 8, 6, 3, 5, 3],
        products: [24, 26, 28, 16, 6],
        channels: [24, 14, 42, 8, 12],
        claim_types: &[4],
        season: [112, 106, 104, 98, 96, 94, 90, 88, 98, 102, 106, 106],
    },
    Unit {
        name: "travel",
        weight: 10,
        premium: 16_500,
        claim_chance: 14_000,
        claim_size: 40_000,
        policies: (1, 1),
        regions: [34, 16, 16, 11, 6, 8, 3, 2, 3, 1],
        products: [36, 24, 14, 6, 20],
        channels: [12, 52, 8, 14, 14],
        claim_types: &[5, 4, 2],
        season: [126, 122, 112, 84, 82, 100, 122, 104, 80, 78, 86, 104],
    },
    Unit {
        name: "commercial",
        weight: 8,
        premium: 270_000,
        claim_chance: 13_000,
        claim_size: 48_000,
        policies: (2, 9),
        regions: [30, 14, 18, 10, 7, 7, 5, 4, 4, 1],
        products: [18, 28, 30, 18, 6],
        channels: [62, 4, 24, 4, 6],
        claim_types: &[3, 1, 2],
        season: [118, 96, 98, 108, 98, 96, 100, 90, 98, 98, 94, 106],
    },
    Unit {
        name: "group_benefits",
        weight: 4,
        premium: 520_000,
        claim_chance: 45_000,
        claim_size: 16_200,
        policies: (15, 240),
        regions: [32, 18, 15, 9, 7, 8, 4, 3, 3, 1],
        products: [14, 30, 34, 18, 4],
        channels: [46, 2, 38, 2, 12],
        claim_types: &[4],
        season: [136, 100, 94, 96, 94, 96, 96, 92, 100, 98, 96, 102],
    },
    Unit {
        name: "wealth",
        weight: 6,
        premium: 190_000,
        claim_chance: 6_000,
        claim_size: 80_000,
        policies: (1, 4),
        regions: [34, 19, 15, 10, 7, 6, 3, 2, 3, 1],
        products: [10, 20, 32, 32, 6],
        channels: [20, 10, 54, 4, 12],
        claim_types: &[3],
        season: [104, 148, 118, 94, 92, 94, 88, 86, 94, 96, 94, 92],
    },
];

/// The hail of July 2025: home and auto, Laurentides and Montérégie.
pub(super) fn hail_hit(unit: &Unit, region: usize, on: NaiveDate) -> bool {
    let in_july = on.year() == 2025 && on.month() == 7;
    in_july && matches!(unit.name, "auto" | "home") && matches!(region, 2 | 3)
}

/// The weeks in which its claims were being handled.
pub(super) fn hail_backlog(unit: &Unit, region: usize, week: NaiveDate) -> bool {
    let handled = week >= day(2025, 7, 7) && week < day(2025, 10, 6);
    handled && matches!(unit.name, "auto" | "home") && matches!(region, 2 | 3)
}

/// Prices `month` months after the start: 2.5 % a year, in basis points.
pub(super) fn price_level(month: u32) -> i64 {
    10_000 + 250 * i64::from(month) / 12
}

/// Volume weight of a unit in a month: its size, its season, and 1.5 % growth a year, which with
/// the price level makes about 4 %.
pub(super) fn volume(unit: &Unit, month: u32) -> u64 {
    let season = unit
        .season
        .get(calendar_month(month))
        .copied()
        .unwrap_or(100);
    unit.weight * season * (10_000 + 150 * u64::from(month) / 12)
}

/// Position of the month in its calendar year, January being 0.
pub(super) fn calendar_month(month: u32) -> usize {
    // The data begins in November, which is position 10.
    usize::try_from((month + 10) % 12).unwrap_or(0)
}

/// First day of the month, `month` months after the start.
pub(super) fn month_start(month: u32) -> NaiveDate {
    FIRST_DAY
        .checked_add_months(Months::new(month))
        .unwrap_or(FIRST_DAY)
}

/// Months between the start of the data and `on`.
pub(super) fn month_of(on: NaiveDate) -> u32 {
    let months = (on.year() - FIRST_DAY.year()) * 12 + i32::try_from(on.month0()).unwrap_or(0)
        - i32::try_from(FIRST_DAY.month0()).unwrap_or(0);
    u32::try_from(months).unwrap_or(0)
}

/// Which of the three snapshots brings the rows of a day.
pub(super) fn snapshot_of(on: NaiveDate) -> usize {
    usize::from(on >= SECOND_SNAPSHOT) + usize::from(on >= THIRD_SNAPSHOT)
}

/// Days since 1970-01-01, as Arrow and Iceberg count them.
pub(super) fn epoch_days(on: NaiveDate) -> i32 {
    let since = on.signed_duration_since(NaiveDate::default()).num_days();
    i32::try_from(since).unwrap_or(0)
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_covers_thirty_six_months() {
        assert_eq!(month_start(MONTHS), END);
        assert_eq!(month_of(day(2026, 10, 31)), 35);
        assert_eq!(calendar_month(0), 10);
        assert_eq!(epoch_days(day(1970, 1, 2)), 1);
    }

    #[test]
    fn loss_ratios_are_believable() {
        for unit in &UNITS {
            let ratio = i64::from(unit.claim_chance) * unit.claim_size / 10_000_000;

            assert!((45..=75).contains(&ratio), "{}: {ratio} %", unit.name);
        }
    }

    #[test]
    fn unit_weights_are_percentages() {
        assert_eq!(UNITS.iter().map(|unit| unit.weight).sum::<u64>(), 100);
    }
}
