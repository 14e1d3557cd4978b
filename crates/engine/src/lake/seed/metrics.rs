//! `gold.agg_daily_metrics`: the entity-attribute shape many lakes end up with.
//!
//! Each metric of a unit and day is broken down three times, by region, by channel and by product,
//! and the three breakdowns add up to the same total. To stay small a day's total falls on one or
//! a few values of each key; over a month the shares show.

use arrow::array::ArrayRef;
use arrow::error::ArrowError;
use chrono::{Datelike, Days, Weekday};

use super::columns::{Counts, Dates, Hundredths, Instants, Words, word};
use super::dice::{self, Dice};
use super::insurer::{self, CHANNELS, PRODUCTS, REGIONS, UNITS, Unit};
use super::slots::Slot;

const METRICS: [&str; 6] = [
    "written_premium",
    "claims_count",
    "new_policies",
    "cancellations",
    "call_volume",
    "web_quotes",
];
const KEYS: u64 = 3;

/// One slot per unit and day; in a small lake only every so many days.
pub(super) fn slots(rows: u64) -> Vec<Slot> {
    let days = insurer::END
        .signed_duration_since(insurer::FIRST_DAY)
        .num_days()
        .unsigned_abs();
    let per_slot = u64::try_from(METRICS.len()).unwrap_or(1) * KEYS;
    let units = u64::try_from(UNITS.len()).unwrap_or(1);
    let full = days * units * per_slot;
    let budget = (rows * 54 / 100).max(1);
    let stride = full.div_ceil(budget).max(1);
    let parts = (budget / full).clamp(1, 5);
    (0..days)
        .filter(|day| day % stride == 0)
        .flat_map(|day| (0..UNITS.len()).map(move |unit| (day, unit)))
        .map(|(day, unit)| Slot {
            unit,
            period: u32::try_from(day).unwrap_or(0),
            starts: insurer::FIRST_DAY
                .checked_add_days(Days::new(day))
                .unwrap_or(insurer::FIRST_DAY),
            rows: per_slot * parts,
        })
        .collect()
}

#[derive(Debug, Default)]
struct Table {
    metric_date: Dates,
    business_unit: Words,
    metric_type: Words,
    dimension_key: Words,
    dimension_value: Words,
    metric_value: Hundredths,
    metric_count: Counts,
    computed_at: Instants,
}

/// The columns of one file, in the order of the schema.
pub(super) fn fill(seed: u64, slots: &[Slot]) -> Result<Vec<ArrayRef>, ArrowError> {
    let mut table = Table::default();
    for slot in slots {
        let mut dice = Dice::new(seed, slot.key(4));
        let parts = i64::try_from(slot.rows / KEYS).unwrap_or(6) / 6;
        for (metric, name) in METRICS.iter().enumerate() {
            table.push_metric(slot, metric, name, parts.max(1), &mut dice);
        }
    }
    table.finish()
}

impl Table {
    fn push_metric(
        &mut self,
        slot: &Slot,
        metric: usize,
        name: &'static str,
        parts: i64,
        dice: &mut Dice,
    ) {
        let unit = slot.unit();
        let count = dice::scale(daily_count(slot, metric) * 100, dice.bell()) / 100;
        let value = match metric {
            0 => dice::scale(count * unit.premium, dice.bell()),
            _ => count * 100,
        };
        let region = dice.pick(&unit.regions);
        let channel = dice.pick(&unit.channels);
        let product = dice.pick(&unit.products);
        for part in 0..parts {
            let step = usize::try_from(part).unwrap_or(0);
            let amount = (slice(value, part, parts), slice(count, part, parts));
            self.push(
                slot,
                name,
                "region",
                word(&REGIONS, (region + step) % 10),
                amount,
            );
            self.push(
                slot,
                name,
                "channel",
                word(&CHANNELS, (channel + step) % 5),
                amount,
            );
            self.push(
                slot,
                name,
                "product",
                word(&PRODUCTS, (product + step) % 5),
                amount,
            );
        }
    }

    fn push(
        &mut self,
        slot: &Slot,
        metric: &'static str,
        key: &'static str,
        value: &'static str,
        (amount, count): (i64, i64),
    ) {
        self.metric_date.push(slot.starts);
        self.business_unit.push(slot.unit().name);
        self.metric_type.push(metric);
        self.dimension_key.push(key);
        self.dimension_value.push(value);
        self.metric_value.push(amount);
        self.metric_count.push(count);
        let next = slot.starts.succ_opt().unwrap_or(slot.starts);
        // The nightly job runs unit after unit from a quarter past three.
        self.computed_at
            .push(next, 11_700 + 41 * i64::try_from(slot.unit).unwrap_or(0));
    }

    fn finish(self) -> Result<Vec<ArrayRef>, ArrowError> {
        Ok(vec![
            self.metric_date.finish(),
            self.business_unit.finish(),
            self.metric_type.finish(),
            self.dimension_key.finish(),
            self.dimension_value.finish(),
            self.metric_value.finish(14)?,
            self.metric_count.finish(),
            self.computed_at.finish(),
        ])
    }
}

/// Part `part` of `parts`, so that the parts add up to `whole`.
fn slice(whole: i64, part: i64, parts: i64) -> i64 {
    whole * (part + 1) / parts - whole * part / parts
}

/// How many of a metric an average day of this unit and season brings.
fn daily_count(slot: &Slot, metric: usize) -> i64 {
    let unit: &Unit = slot.unit();
    let month = insurer::month_of(slot.starts);
    let season = unit
        .season
        .get(insurer::calendar_month(month))
        .copied()
        .unwrap_or(100);
    let base = i64::try_from(unit.weight * season).unwrap_or(0);
    let weekend = matches!(slot.starts.weekday(), Weekday::Sat | Weekday::Sun);
    let usual = match metric {
        0 => base * 3 / 100,
        1 => base * i64::from(unit.claim_chance) / 600_000,
        2 => base / 90,
        3 => base / 160,
        4 => base * 9 / 100,
        _ => base * 14 / 100,
    };
    let hail = metric == 1
        && (0..REGIONS.len()).any(|region| insurer::hail_hit(unit, region, slot.starts));
    let busy = if hail { usual * 9 / 4 } else { usual };
    // Nobody answers the phone on a Sunday, but people get quotes.
    if weekend && metric != 5 {
        busy / 4
    } else {
        busy
    }
    .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_add_up() {
        assert_eq!((0..4).map(|part| slice(103, part, 4)).sum::<i64>(), 103);
    }

    #[test]
    fn a_small_lake_skips_days_and_a_large_one_splits_them() {
        let days = |rows| slots(rows).len() / UNITS.len();

        assert_eq!(days(260_000), 1_096);
        assert!(days(6_000) < 50);
        assert_eq!(slots(2_600_000).first().map(|slot| slot.rows), Some(90));
    }
}
