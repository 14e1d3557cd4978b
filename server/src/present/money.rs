//! Bytes, dollars and rates of the page about costs.

use rust_decimal::Decimal;
use weir_query::Locale;

use super::Presenter;
use super::number::NO_BREAK;

impl Presenter {
    /// "1.25 GB": three digits that matter, in powers of a thousand as providers bill.
    pub(crate) fn bytes(&self, many: u64) -> String {
        let units = match self.locale {
            Locale::EnCa => ["B", "kB", "MB", "GB", "TB", "PB"],
            Locale::FrCa => ["o", "ko", "Mo", "Go", "To", "Po"],
        };
        let mut units = units.into_iter();
        let (mut value, mut unit) = (Decimal::from(many), units.next().unwrap_or_default());
        for next in units {
            if value < Decimal::ONE_THOUSAND {
                break;
            }
            (value, unit) = (value / Decimal::ONE_THOUSAND, next);
        }
        let decimals = match value {
            value if value.fract().is_zero() || value >= Decimal::ONE_HUNDRED => 0,
            value if value >= Decimal::TEN => 1,
            _ => 2,
        };
        format!("{}{NO_BREAK}{unit}", self.numbers.decimals(value, decimals))
    }

    /// "US$0.06". Less than a dollar has four decimals: answers cost little, and add up.
    pub(crate) fn us_dollars(&self, dollars: &str) -> String {
        let dollars: Decimal = dollars.parse().unwrap_or_default();
        let whole_cents = (dollars * Decimal::ONE_HUNDRED).fract().is_zero();
        let decimals = if whole_cents || dollars >= Decimal::ONE {
            2
        } else {
            4
        };
        let number = self.numbers.decimals(dollars, decimals);
        match self.locale {
            Locale::EnCa => format!("US${number}"),
            Locale::FrCa => format!("{number}{NO_BREAK}$\u{a0}US"),
        }
    }

    /// "93.1%" of a part of one.
    pub(crate) fn rate(&self, rate: &str) -> String {
        self.numbers.percent(rate.parse().unwrap_or_default(), 1)
    }

    /// "80%".
    pub(crate) fn whole_percent(&self, percent: u64) -> String {
        let share = Decimal::from(percent) / Decimal::ONE_HUNDRED;
        self.numbers.percent(share, 0)
    }

    /// A day: "21 Nov 2026".
    pub(crate) fn day(&self, day: chrono::NaiveDate) -> String {
        self.dates.day(day)
    }
}
