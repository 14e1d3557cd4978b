//! `gold.statements`: what customers were billed, and what they claimed.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder};
use arrow::error::ArrowError;
use chrono::{Days, NaiveDate};

use super::columns::{Counts, Dates, Flags, Hundredths, Words, word};
use super::dice::{self, Dice};
use super::insurer::{self, CHANNELS, MONTHS, PRODUCTS, REGIONS, UNITS, Unit};
use super::slots::Slot;

/// Premium of each product relative to the unit's average.
const PRODUCT_LEVEL: [i64; 5] = [7_200, 9_500, 12_500, 17_000, 8_500];

/// One slot per unit and month, by size, season and growth.
pub(super) fn slots(rows: u64) -> Vec<Slot> {
    let cells: Vec<(u32, usize)> = (0..MONTHS)
        .flat_map(|month| (0..UNITS.len()).map(move |unit| (month, unit)))
        .collect();
    let weights: Vec<u64> = cells
        .iter()
        .map(|(month, unit)| {
            UNITS
                .get(*unit)
                .map_or(0, |unit| insurer::volume(unit, *month))
        })
        .collect();
    cells
        .into_iter()
        .zip(dice::share(rows, &weights))
        .map(|((period, unit), rows)| Slot {
            unit,
            period,
            starts: insurer::month_start(period),
            rows,
        })
        .collect()
}

/// The customers of one unit: its own, and those it shares with the other units.
#[derive(Debug, Clone, Copy)]
struct Customers {
    shared: u32,
    first: u32,
    own: u32,
}

impl Customers {
    /// About thirteen statements per customer; every twentieth customer is shared.
    fn of(unit: usize, rows: u64) -> Self {
        let total = (rows / 13).max(140);
        let shared = (total / 20).max(7);
        let weights: Vec<u64> = UNITS.iter().map(|unit| unit.weight).collect();
        let parts = dice::share(total - shared, &weights);
        let before: u64 = parts.iter().take(unit).sum();
        let own = parts.get(unit).copied().unwrap_or(1);
        Self {
            shared: narrow(shared),
            first: narrow(shared + before),
            own: narrow(own.max(1)),
        }
    }

    fn draw(self, dice: &mut Dice) -> u32 {
        if dice.happens(6_000) {
            dice.below(self.shared)
        } else {
            self.first + dice.below(self.own)
        }
    }
}

#[derive(Debug, Default)]
struct Table {
    statement_date: Dates,
    customer_id: StringBuilder,
    business_unit: Words,
    region: Words,
    product: Words,
    channel: Words,
    written_premium: Hundredths,
    earned_premium: Hundredths,
    claims_incurred: Hundredths,
    claims_paid: Hundredths,
    policies_in_force: Counts,
    broker_commission: Hundredths,
    legal_hold: Flags,
}

/// The columns of one file, in the order of the schema.
pub(super) fn fill(seed: u64, rows: u64, slots: &[Slot]) -> Result<Vec<ArrayRef>, ArrowError> {
    let mut table = Table::default();
    for slot in slots {
        let customers = Customers::of(slot.unit, rows);
        let mut dice = Dice::new(seed, slot.key(1));
        for row in 0..slot.rows {
            let kind = Kind::draw(slot, row, customers, &mut dice);
            table.push(slot, &kind, &mut dice);
        }
    }
    table.finish()
}

/// What kind of statement a row is.
#[derive(Debug)]
struct Kind {
    date: NaiveDate,
    customer: u32,
    region: usize,
    product: usize,
    channel: usize,
}

impl Kind {
    fn draw(slot: &Slot, row: u64, customers: Customers, dice: &mut Dice) -> Self {
        let next = insurer::month_start(slot.period + 1);
        let days = next
            .signed_duration_since(slot.starts)
            .num_days()
            .unsigned_abs();
        let offset = Days::new(row * days / slot.rows.max(1));

        // A customer keeps region, product and channel from statement to statement.
        let unit = slot.unit();
        let customer = customers.draw(dice);
        let fixed = |weights: &[u32], salt| dice::fixed_pick(weights, customer.into(), salt);
        let salt = u64::try_from(slot.unit).unwrap_or(0) * 16;
        Self {
            date: slot.starts.checked_add_days(offset).unwrap_or(slot.starts),
            customer,
            region: fixed(&unit.regions, 1),
            product: fixed(&unit.products, salt + 2),
            channel: fixed(&unit.channels, salt + 3),
        }
    }
}

impl Table {
    fn push(&mut self, slot: &Slot, kind: &Kind, dice: &mut Dice) {
        let unit = slot.unit();
        self.statement_date.push(kind.date);
        self.customer_id
            .append_value(format!("C{}", 1_000_000 + kind.customer));
        self.business_unit.push(unit.name);
        self.region.push(word(&REGIONS, kind.region));
        self.product.push(word(&PRODUCTS, kind.product));
        self.channel.push(word(&CHANNELS, kind.channel));
        self.policies_in_force
            .push(dice.between(unit.policies.0, unit.policies.1));
        self.push_amounts(slot, kind, dice);
        self.legal_hold.push_legal_hold(dice);
    }

    fn push_amounts(&mut self, slot: &Slot, kind: &Kind, dice: &mut Dice) {
        let unit = slot.unit();
        let price = dice::scale(unit.premium, insurer::price_level(slot.period));
        let level = PRODUCT_LEVEL
            .get(kind.product)
            .copied()
            .unwrap_or(dice::ONE);
        let written = dice::scale(dice::scale(price, level), dice.bell());
        let earned = dice::scale(written, dice.between(9_000, 10_400));
        let incurred = claim(unit, kind, earned, dice);

        self.written_premium.push(written);
        self.earned_premium.push(earned);
        self.claims_incurred.push(incurred);
        self.claims_paid
            .push(dice::scale(incurred, dice.between(5_500, 9_500)));
        let through_broker = kind.channel == 0;
        let commission = through_broker.then(|| dice::scale(written, dice.between(800, 1_500)));
        self.broker_commission.push_option(commission);
    }

    fn finish(mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        Ok(vec![
            self.statement_date.finish(),
            Arc::new(self.customer_id.finish()),
            self.business_unit.finish(),
            self.region.finish(),
            self.product.finish(),
            self.channel.finish(),
            self.written_premium.finish(12)?,
            self.earned_premium.finish(12)?,
            self.claims_incurred.finish(12)?,
            self.claims_paid.finish(12)?,
            self.policies_in_force.finish(),
            self.broker_commission.finish(12)?,
            self.legal_hold.finish(),
        ])
    }
}

fn claim(unit: &Unit, kind: &Kind, earned: i64, dice: &mut Dice) -> i64 {
    let hail = insurer::hail_hit(unit, kind.region, kind.date);
    let chance = if hail {
        unit.claim_chance * 7 / 2
    } else {
        unit.claim_chance
    };
    if !dice.happens(chance) {
        return 0;
    }
    let size = dice::scale(dice::scale(earned, unit.claim_size), dice.severity());
    if hail { size * 8 / 5 } else { size }
}

fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
