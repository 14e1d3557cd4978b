//! `gold.claims_operations`: how claims were handled, week by week.

use arrow::array::ArrayRef;
use arrow::error::ArrowError;
use chrono::{Days, NaiveDate};

use super::columns::{Counts, Dates, Flags, Hundredths, Words, word};
use super::dice::{self, Dice};
use super::insurer::{self, REGIONS, UNITS};
use super::slots::Slot;

/// Claim types; units name theirs by position.
pub(super) const TYPES: [&str; 6] = [
    "collision",
    "water_damage",
    "theft",
    "liability",
    "illness",
    "travel_delay",
];
/// Days to settle a claim of each type, in hundredths.
const DAYS: [i64; 6] = [1_450, 2_100, 1_700, 4_800, 2_300, 900];
const TEAMS: [&str; 6] = ["team_a", "team_b", "team_c", "team_d", "team_e", "team_f"];
const TEAM_WEIGHTS: [u32; 6] = [22, 20, 18, 16, 14, 10];
const WEEKS: u32 = 156;
/// The first Monday of the data.
const FIRST_WEEK_OFFSET: u64 = 5;

/// One slot per unit and week, by size and season.
pub(super) fn slots(rows: u64) -> Vec<Slot> {
    let cells: Vec<(u32, NaiveDate, usize)> = (0..WEEKS)
        .flat_map(|week| (0..UNITS.len()).map(move |unit| (week, week_start(week), unit)))
        .collect();
    // A handling table has a row per region, type and team whatever the volume: rows differ less
    // between units than volumes do.
    let weights: Vec<u64> = cells
        .iter()
        .map(|(_, _, unit)| UNITS.get(*unit).map_or(0, |unit| 12 + unit.weight))
        .collect();
    cells
        .into_iter()
        .zip(dice::share(rows * 17 / 100, &weights))
        .map(|((period, starts, unit), rows)| Slot {
            unit,
            period,
            starts,
            rows,
        })
        .collect()
}

fn week_start(week: u32) -> NaiveDate {
    let days = Days::new(FIRST_WEEK_OFFSET + 7 * u64::from(week));
    insurer::FIRST_DAY
        .checked_add_days(days)
        .unwrap_or(insurer::FIRST_DAY)
}

#[derive(Debug, Default)]
struct Table {
    week_start: Dates,
    business_unit: Words,
    region: Words,
    claim_type: Words,
    handler_team: Words,
    opened: Counts,
    closed: Counts,
    reopened: Counts,
    backlog: Counts,
    handling_days_total: Hundredths,
    closed_within_sla: Counts,
    paid: Hundredths,
    legal_hold: Flags,
}

/// The columns of one file, in the order of the schema.
pub(super) fn fill(seed: u64, slots: &[Slot]) -> Result<Vec<ArrayRef>, ArrowError> {
    let mut table = Table::default();
    for slot in slots {
        let mut dice = Dice::new(seed, slot.key(2));
        for row in 0..slot.rows {
            table.push(slot, row, &mut dice);
        }
    }
    table.finish()
}

impl Table {
    fn push(&mut self, slot: &Slot, row: u64, dice: &mut Dice) {
        let unit = slot.unit();
        // Regions and types take turns, so that even a small lake has all of them.
        let turn = usize::try_from(row + u64::from(slot.period) * slot.rows).unwrap_or(0);
        let region = turn % REGIONS.len();
        let types = unit.claim_types;
        let kind = types
            .get(turn / REGIONS.len() % types.len())
            .copied()
            .unwrap_or(0);

        self.week_start.push(slot.starts);
        self.business_unit.push(unit.name);
        self.region.push(word(&REGIONS, region));
        self.claim_type.push(word(&TYPES, kind));
        self.handler_team
            .push(word(&TEAMS, dice.pick(&TEAM_WEIGHTS)));
        self.push_work(slot, region, kind, dice);
        self.legal_hold.push_legal_hold(dice);
    }

    fn push_work(&mut self, slot: &Slot, region: usize, kind: usize, dice: &mut Dice) {
        let unit = slot.unit();
        let hail = insurer::hail_backlog(unit, region, slot.starts);
        let month = insurer::month_of(slot.starts);
        let season = unit
            .season
            .get(insurer::calendar_month(month))
            .copied()
            .unwrap_or(100);
        let in_region = unit.regions.get(region).copied().unwrap_or(1);
        let volume = i64::try_from(unit.weight * season * u64::from(in_region)).unwrap_or(0) / 350;
        let usual = dice::scale(volume + 200, dice.bell()) / 100;
        let opened = if hail { usual * 4 + 6 } else { usual };
        let closed = dice::scale(opened * 100, dice.between(8_400, 11_200)) / 100;
        let waiting = dice::scale(opened * 100, dice.between(9_000, 22_000)) / 100;
        let days = dice::scale(DAYS.get(kind).copied().unwrap_or(2_000), dice.bell());
        let in_time = if hail {
            dice.between(3_800, 6_200)
        } else {
            dice.between(7_400, 9_700)
        };

        self.opened.push(opened);
        self.closed.push(closed);
        self.reopened
            .push(dice::scale(closed * 100, dice.between(0, 900)) / 100);
        self.backlog.push(if hail { waiting * 3 } else { waiting });
        self.handling_days_total
            .push(closed * if hail { days * 8 / 5 } else { days });
        self.closed_within_sla
            .push(dice::scale(closed * 100, in_time) / 100);
        let average = dice::scale(unit.premium, unit.claim_size);
        self.paid.push(closed * dice::scale(average, dice.bell()));
    }

    fn finish(self) -> Result<Vec<ArrayRef>, ArrowError> {
        Ok(vec![
            self.week_start.finish(),
            self.business_unit.finish(),
            self.region.finish(),
            self.claim_type.finish(),
            self.handler_team.finish(),
            self.opened.finish(),
            self.closed.finish(),
            self.reopened.finish(),
            self.backlog.finish(),
            self.handling_days_total.finish(12)?,
            self.closed_within_sla.finish(),
            self.paid.finish(12)?,
            self.legal_hold.finish(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Weekday};

    use super::*;

    #[test]
    fn weeks_begin_on_monday_and_stay_inside_the_data() {
        assert_eq!(week_start(0).weekday(), Weekday::Mon);
        assert!(week_start(WEEKS - 1) < insurer::END);
    }
}
