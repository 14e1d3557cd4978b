//! Times, shifts and multiples of the page about speed.

use rust_decimal::Decimal;
use weir_query::Locale;

use super::Presenter;
use super::number::NO_BREAK;

impl Presenter {
    /// "840 ms", "2.2 s": three digits that matter at most.
    pub(crate) fn lasting(&self, milliseconds: u32) -> String {
        if milliseconds < 1000 {
            let number = self.numbers.decimals(Decimal::from(milliseconds), 0);
            return format!("{number}{NO_BREAK}ms");
        }
        let seconds = Decimal::new(milliseconds.into(), 3);
        let decimals = match milliseconds {
            whole if whole % 1000 == 0 => 0,
            tenths if tenths % 100 == 0 || tenths >= 10_000 => 1,
            _ => 2,
        };
        format!("{}{NO_BREAK}s", self.numbers.decimals(seconds, decimals))
    }

    /// "0.012" of 12 thousandths.
    pub(crate) fn shift(&self, thousandths: u32) -> String {
        self.numbers
            .decimals(Decimal::new(thousandths.into(), 3), 3)
    }

    /// "0.4 times" of "0.4".
    pub(crate) fn times(&self, many: &str) -> String {
        let many: Decimal = many.parse().unwrap_or_default();
        let decimals = if many.fract().is_zero() { 0 } else { 2 };
        let number = self.numbers.decimals(many, decimals);
        match self.locale {
            Locale::EnCa => format!("{number}{NO_BREAK}×"),
            Locale::FrCa => format!("{number}{NO_BREAK}fois"),
        }
    }
}
