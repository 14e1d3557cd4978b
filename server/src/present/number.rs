//! Numbers as each language writes them. Grouping and the decimal sign come from ICU; what stands
//! around the digits (currency, per cent, `K`/`k`) is put there by the rules of the language.

use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal as Digits;
use icu_decimal::options::DecimalFormatterOptions;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use weir_frontend::model::Tick;
use weir_query::Locale;
use weir_query::catalog::NumberFormat;

use super::{PresentError, text};

/// Keeps what belongs together on one line.
pub(super) const NO_BREAK: char = '\u{a0}';
/// A real minus: screen readers say it, and no line breaks after it.
const MINUS: &str = "\u{2212}";
/// From here on a number is rounded to three digits and a letter.
const LONG: u128 = 10_000;

/// Writes numbers in one language.
#[derive(Debug)]
pub(super) struct Numbers {
    digits: DecimalFormatter,
    locale: Locale,
}

/// A number cut into what goes around it.
struct Pieces<'a> {
    negative: bool,
    digits: String,
    /// `K`, `M`…; empty for the number itself.
    magnitude: &'a str,
}

/// A power of a thousand, for the letter beside the digits.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Thousands(u32);

impl Numbers {
    pub(super) fn new(locale: Locale) -> Result<Self, PresentError> {
        let icu: icu_locale_core::Locale = locale
            .tag()
            .parse()
            .map_err(|_| PresentError::Tag(locale))?;
        let digits = DecimalFormatter::try_new(icu.into(), DecimalFormatterOptions::default())
            .map_err(|_| PresentError::Numbers(locale))?;
        Ok(Self { digits, locale })
    }

    /// A whole number: "1,204".
    pub(super) fn count(&self, count: usize) -> String {
        self.around(&self.plain(Decimal::from(count), 0), &NumberFormat::Integer)
    }

    /// Every digit that the format has, for tooltips and tables.
    pub(super) fn exact(&self, value: Decimal, format: &NumberFormat) -> String {
        let own = value.normalize().scale();
        let (value, decimals) = match format {
            NumberFormat::Percent => (hundredfold(value), 2),
            NumberFormat::Integer => (value, own.min(4)),
            NumberFormat::Currency(code) => (value, cents(code).max(own.min(4))),
            NumberFormat::Decimals(decimals) => (value, u32::from(*decimals)),
        };
        self.around(&self.plain(value, decimals), format)
    }

    /// What the eye can use: three significant digits, whole numbers below ten thousand in full.
    pub(super) fn short(&self, value: Decimal, format: &NumberFormat) -> String {
        match format {
            NumberFormat::Percent => self.around(&self.plain(hundredfold(value), 1), format),
            _ => self.around(&self.compact(value, format), format),
        }
    }

    /// A share of one as a percentage: "31.2%".
    pub(super) fn percent(&self, share: Decimal, decimals: u32) -> String {
        self.around(
            &self.plain(hundredfold(share), decimals),
            &NumberFormat::Percent,
        )
    }

    /// A plain number with this many digits after the point.
    pub(super) fn decimals(&self, value: Decimal, decimals: u32) -> String {
        self.around(&self.plain(value, decimals), &NumberFormat::Integer)
    }

    /// Labels for an axis: one magnitude and one number of digits for all of them, no currency
    /// (the subtitle names the unit).
    pub(super) fn ticks(&self, values: &[f64], format: &NumberFormat) -> Vec<Tick> {
        let percent = *format == NumberFormat::Percent;
        let amounts: Vec<Decimal> = values
            .iter()
            .map(|value| Decimal::try_from(*value).unwrap_or_default())
            .map(|value| if percent { hundredfold(value) } else { value })
            .collect();
        let largest = amounts.iter().map(Decimal::abs).max().unwrap_or_default();
        let scale = if percent {
            Thousands(0)
        } else {
            Thousands::of(whole(largest))
        };
        let scaled: Vec<Decimal> = amounts
            .into_iter()
            .map(|amount| scale.divide(amount))
            .collect();
        let exact_at = |decimals: &u32| {
            scaled
                .iter()
                .all(|amount| amount.round_dp(*decimals) == *amount)
        };
        let decimals = (0..=3).find(exact_at).unwrap_or(3);
        let around = if percent {
            NumberFormat::Percent
        } else {
            NumberFormat::Integer
        };
        let label = |amount: &Decimal| {
            if amount.is_zero() {
                return self.around(&self.plain(*amount, 0), &around);
            }
            let magnitude = scale.letter(self.locale);
            self.around(
                &Pieces {
                    magnitude,
                    ..self.plain(*amount, decimals)
                },
                &around,
            )
        };
        values
            .iter()
            .zip(&scaled)
            .map(|(value, amount)| Tick {
                value: *value,
                label: label(amount),
            })
            .collect()
    }

    fn plain(&self, value: Decimal, decimals: u32) -> Pieces<'static> {
        let rounded = round(value, decimals);
        let scale = i16::try_from(rounded.scale()).unwrap_or(0);
        let mut digits = Digits::from(rounded.mantissa().unsigned_abs());
        digits.multiply_pow10(-scale);
        digits.absolute.trim_end();
        digits
            .absolute
            .pad_end(-i16::try_from(decimals).unwrap_or(0));
        let negative = rounded.is_sign_negative() && !rounded.is_zero();
        Pieces {
            negative,
            digits: self.digits.format(&digits).to_string(),
            magnitude: "",
        }
    }

    fn compact(&self, value: Decimal, format: &NumberFormat) -> Pieces<'static> {
        if whole(round(value, 0)) < LONG {
            return self.plain(value, few_digits(value, format));
        }
        let (digits, mut power) = three_digits(whole(value));
        let scale = Thousands::of(digits.saturating_mul(10_u128.saturating_pow(power)));
        let mut shown = Digits::from(digits);
        let shift = i16::try_from(scale.0 * 3).unwrap_or(0);
        shown.multiply_pow10(i16::try_from(power).unwrap_or(0) - shift);
        power = (scale.0 * 3).saturating_sub(power);
        shown.absolute.pad_end(-i16::try_from(power).unwrap_or(0));
        Pieces {
            negative: value.is_sign_negative(),
            digits: self.digits.format(&shown).to_string(),
            magnitude: scale.letter(self.locale),
        }
    }

    fn around(&self, pieces: &Pieces<'_>, format: &NumberFormat) -> String {
        let Pieces {
            negative,
            digits,
            magnitude,
        } = pieces;
        let sign = if *negative { MINUS } else { "" };
        let space = if magnitude.is_empty() { "" } else { "\u{a0}" };
        match (format, self.locale) {
            (NumberFormat::Percent, Locale::EnCa) => format!("{sign}{digits}{magnitude}%"),
            (NumberFormat::Percent, Locale::FrCa) => {
                format!("{sign}{digits}{space}{magnitude}{NO_BREAK}%")
            }
            (NumberFormat::Currency(code), locale) => {
                let symbol = text::currency(code, locale);
                let gap = if symbol.starts_with(char::is_alphabetic) {
                    "\u{a0}"
                } else {
                    ""
                };
                match locale {
                    Locale::EnCa => {
                        let gap = if symbol.ends_with(char::is_alphabetic) {
                            "\u{a0}"
                        } else {
                            ""
                        };
                        format!("{sign}{symbol}{gap}{digits}{magnitude}")
                    }
                    Locale::FrCa if magnitude.is_empty() => {
                        format!("{sign}{digits}{NO_BREAK}{symbol}")
                    }
                    Locale::FrCa => format!("{sign}{digits}{NO_BREAK}{magnitude}{gap}{symbol}"),
                }
            }
            (_, Locale::EnCa) => format!("{sign}{digits}{magnitude}"),
            (_, Locale::FrCa) => format!("{sign}{digits}{space}{magnitude}"),
        }
    }
}

impl Thousands {
    fn of(amount: u128) -> Self {
        match amount {
            0..LONG => Self(0),
            LONG..1_000_000 => Self(1),
            1_000_000..1_000_000_000 => Self(2),
            1_000_000_000..1_000_000_000_000 => Self(3),
            _ => Self(4),
        }
    }

    fn letter(self, locale: Locale) -> &'static str {
        match (self.0, locale) {
            (0, _) => "",
            (1, Locale::EnCa) => "K",
            (1, Locale::FrCa) => "k",
            (2, _) => "M",
            (3, Locale::EnCa) => "B",
            (3, Locale::FrCa) => "G",
            _ => "T",
        }
    }

    fn divide(self, amount: Decimal) -> Decimal {
        let unit = Decimal::from(1000_u64.saturating_pow(self.0));
        amount.checked_div(unit).unwrap_or(amount).normalize()
    }
}

/// Half away from zero, as people round.
pub(super) fn round(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// The position of a value on a chart.
pub(super) fn position(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

/// Saturates where nobody would read the digits anyway.
fn hundredfold(value: Decimal) -> Decimal {
    value.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(value)
}

fn whole(value: Decimal) -> u128 {
    value.abs().trunc().to_u128().unwrap_or(u128::MAX)
}

/// The first three digits, rounded, and the power of ten they stand before.
fn three_digits(amount: u128) -> (u128, u32) {
    let power = amount.checked_ilog10().unwrap_or(0).saturating_sub(2);
    let unit = 10_u128.saturating_pow(power);
    match (amount + unit / 2) / unit {
        1000 => (100, power + 1),
        digits => (digits, power),
    }
}

/// Digits after the point for a number below ten thousand.
fn few_digits(value: Decimal, format: &NumberFormat) -> u32 {
    let size = value.abs();
    let room = match size {
        size if size < Decimal::TEN => 2,
        size if size < Decimal::ONE_HUNDRED => 1,
        _ => 0,
    };
    match format {
        NumberFormat::Currency(code) if size < Decimal::ONE_HUNDRED => cents(code),
        NumberFormat::Decimals(decimals) => room.min(u32::from(*decimals)),
        _ => 0,
    }
}

fn cents(code: &str) -> u32 {
    if ["JPY", "KRW", "CLP", "ISK", "VND"].contains(&code) {
        0
    } else {
        2
    }
}
