//! `gold.risk_exposure`: what is insured at the end of each month.

use arrow::array::ArrayRef;
use arrow::error::ArrowError;
use chrono::NaiveDate;

use super::columns::{Counts, Dates, Flags, Hundredths, Words, word};
use super::dice::{self, Dice};
use super::insurer::{self, MONTHS, PRODUCTS, REGIONS, UNITS};
use super::slots::Slot;

const BANDS: [&str; 4] = ["low", "moderate", "elevated", "high"];
const BAND_WEIGHTS: [u32; 4] = [44, 32, 17, 7];
/// Loss expectation of each band, in basis points of the average.
const BAND_LOSS: [i64; 4] = [6_500, 9_800, 14_000, 21_000];
const HAZARDS: [&str; 6] = ["fire", "flood", "wind", "liability", "mortality", "market"];

/// One slot per unit and month end.
pub(super) fn slots(rows: u64) -> Vec<Slot> {
    let cells: Vec<(u32, usize)> = (0..MONTHS)
        .flat_map(|month| (0..UNITS.len()).map(move |unit| (month, unit)))
        .collect();
    let weights: Vec<u64> = cells
        .iter()
        .map(|(_, unit)| UNITS.get(*unit).map_or(0, |unit| 12 + unit.weight))
        .collect();
    cells
        .into_iter()
        .zip(dice::share(rows * 12 / 100, &weights))
        .map(|((period, unit), rows)| Slot {
            unit,
            period,
            starts: month_end(period),
            rows,
        })
        .collect()
}

fn month_end(month: u32) -> NaiveDate {
    insurer::month_start(month + 1)
        .pred_opt()
        .unwrap_or(insurer::FIRST_DAY)
}

/// Which hazards a unit carries, as weights.
fn hazards(unit: &str) -> [u32; 6] {
    match unit {
        "auto" => [6, 4, 30, 60, 0, 0],
        "home" => [40, 34, 20, 6, 0, 0],
        "commercial" => [34, 16, 12, 38, 0, 0],
        "travel" => [0, 2, 8, 30, 60, 0],
        "wealth" => [0, 0, 0, 6, 14, 80],
        _ => [0, 0, 0, 4, 90, 6],
    }
}

#[derive(Debug, Default)]
struct Table {
    as_of_date: Dates,
    business_unit: Words,
    region: Words,
    product: Words,
    risk_band: Words,
    hazard: Words,
    exposure: Hundredths,
    reserve: Hundredths,
    earned_premium: Hundredths,
    claims_incurred: Hundredths,
    insured_count: Counts,
    legal_hold: Flags,
}

/// The columns of one file, in the order of the schema.
pub(super) fn fill(seed: u64, slots: &[Slot]) -> Result<Vec<ArrayRef>, ArrowError> {
    let mut table = Table::default();
    for slot in slots {
        let mut dice = Dice::new(seed, slot.key(3));
        for row in 0..slot.rows {
            table.push(slot, row, &mut dice);
        }
    }
    table.finish()
}

impl Table {
    fn push(&mut self, slot: &Slot, row: u64, dice: &mut Dice) {
        let unit = slot.unit();
        let turn = usize::try_from(row + u64::from(slot.period) * slot.rows).unwrap_or(0);
        let region = turn % REGIONS.len();
        let product = turn / REGIONS.len() % PRODUCTS.len();
        let band = dice.pick(&BAND_WEIGHTS);

        self.as_of_date.push(slot.starts);
        self.business_unit.push(unit.name);
        self.region.push(word(&REGIONS, region));
        self.product.push(word(&PRODUCTS, product));
        self.risk_band.push(word(&BANDS, band));
        self.hazard
            .push(word(&HAZARDS, dice.pick(&hazards(unit.name))));
        self.push_amounts(slot, region, band, dice);
        self.legal_hold.push_legal_hold(dice);
    }

    fn push_amounts(&mut self, slot: &Slot, region: usize, band: usize, dice: &mut Dice) {
        let unit = slot.unit();
        let in_region = i64::from(unit.regions.get(region).copied().unwrap_or(1));
        let weight = i64::try_from(unit.weight).unwrap_or(1);
        let insured = dice::scale(weight * in_region * 3 + 8, dice.bell()).max(1);
        let price = dice::scale(unit.premium, insurer::price_level(slot.period));
        let earned = dice::scale(insured * price / 12, dice.bell());
        let ratio = i64::from(unit.claim_chance) * unit.claim_size / 100_000;
        let loss = BAND_LOSS.get(band).copied().unwrap_or(dice::ONE);
        let noise = dice.bell();
        let incurred = dice::scale(dice::scale(dice::scale(earned, ratio), loss), noise);

        self.insured_count.push(insured);
        self.exposure
            .push(dice::scale(insured * price * 140, dice.bell()));
        self.earned_premium.push(earned);
        self.claims_incurred.push(incurred);
        self.reserve
            .push(dice::scale(incurred, dice.between(11_000, 24_000)));
    }

    fn finish(self) -> Result<Vec<ArrayRef>, ArrowError> {
        Ok(vec![
            self.as_of_date.finish(),
            self.business_unit.finish(),
            self.region.finish(),
            self.product.finish(),
            self.risk_band.finish(),
            self.hazard.finish(),
            self.exposure.finish(14)?,
            self.reserve.finish(14)?,
            self.earned_premium.finish(12)?,
            self.claims_incurred.finish(12)?,
            self.insured_count.finish(),
            self.legal_hold.finish(),
        ])
    }
}
