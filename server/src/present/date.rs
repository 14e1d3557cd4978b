//! Dates, periods and ages as each language writes them, and the steps of a time axis.
//!
//! Moments are shown in Eastern time (America/Toronto), where the readers are; the machine-readable
//! twin in the view-model keeps its offset.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, Timelike, Utc};
use icu_calendar::{Date, Gregorian};
use icu_datetime::fieldsets::{M, MD, YM, YMD, YMDT};
use icu_datetime::input::{DateTime as Moment, Time};
use icu_datetime::{DateTimeFormatterPreferences, FixedCalendarDateTimeFormatter};
use weir_frontend::model::CategoryVm;
use weir_query::catalog::Grain;
use weir_query::{Locale, Period};

use super::{PresentError, text};

/// The longest time axis; beyond it a stray date has come in, and only what is there is drawn.
const LONGEST_AXIS: usize = 1500;

/// Writes dates in one language.
#[derive(Debug)]
pub(super) struct Dates {
    locale: Locale,
    day: FixedCalendarDateTimeFormatter<Gregorian, YMD>,
    moment: FixedCalendarDateTimeFormatter<Gregorian, YMDT>,
    month: FixedCalendarDateTimeFormatter<Gregorian, YM>,
    month_alone: FixedCalendarDateTimeFormatter<Gregorian, M>,
    day_of_year: FixedCalendarDateTimeFormatter<Gregorian, MD>,
}

impl Dates {
    pub(super) fn new(locale: Locale) -> Result<Self, PresentError> {
        // Day before month and the 24-hour clock in both languages: en-CA of CLDR has neither.
        let tag = match locale {
            Locale::EnCa => "en-GB",
            Locale::FrCa => "fr-CA",
        };
        let icu: icu_locale_core::Locale = tag.parse().map_err(|_| PresentError::Tag(locale))?;
        let prefs = DateTimeFormatterPreferences::from(icu);
        Ok(Self {
            locale,
            day: FixedCalendarDateTimeFormatter::try_new(prefs, YMD::medium())?,
            moment: FixedCalendarDateTimeFormatter::try_new(prefs, YMD::medium().with_time_hm())?,
            month: FixedCalendarDateTimeFormatter::try_new(prefs, YM::medium())?,
            month_alone: FixedCalendarDateTimeFormatter::try_new(prefs, M::medium())?,
            day_of_year: FixedCalendarDateTimeFormatter::try_new(prefs, MD::medium())?,
        })
    }

    /// "21 Nov 2026", « 1er nov. 2026 ».
    pub(super) fn day(&self, day: NaiveDate) -> String {
        self.written(day, |date| self.day.format(date).to_string())
    }

    /// "21 Nov 2026, 09:05" in Eastern time.
    pub(super) fn moment(&self, moment: DateTime<Utc>) -> String {
        self.clock(
            moment
                .with_timezone(&chrono_tz::America::Toronto)
                .naive_local(),
        )
    }

    fn clock(&self, local: NaiveDateTime) -> String {
        let (hour, minute) = (small(local.hour()), small(local.minute()));
        let time = Time::try_new(hour, minute, 0, 0).unwrap_or_else(|_| Time::start_of_day());
        let written = self.written(local.date(), |date| {
            self.moment
                .format(&Moment { date: *date, time })
                .to_string()
        });
        // « 14 h 05 » stays on one line.
        written.replace(" h ", "\u{a0}h\u{a0}")
    }

    /// "Oct 2026".
    pub(super) fn month(&self, day: NaiveDate) -> String {
        self.written(day, |date| self.month.format(date).to_string())
    }

    /// "Nov 2025 to Oct 2026"; days where the ends are not those of months.
    pub(super) fn range(&self, period: Period) -> String {
        let (from, to) = (period.from(), period.to());
        let next = to.succ_opt().unwrap_or(to);
        match (from == to, from.day() == 1 && next.day() == 1) {
            (true, _) => self.day(from),
            (false, true) if from.month() == to.month() && from.year() == to.year() => {
                self.month(from)
            }
            (false, true) => text::from_to(&self.month(from), &self.month(to), self.locale),
            (false, false) => text::between_days(&self.day(from), &self.day(to), self.locale),
        }
    }

    /// A date cut to `grain`: "Oct 2026", "Q3 2026", "Week of 5 Oct 2026".
    pub(super) fn cut(&self, day: NaiveDate, grain: Grain) -> String {
        match grain {
            Grain::Day => self.day(day),
            Grain::Week => text::week_of(&self.day(day), self.locale),
            Grain::Month => self.month(day),
            Grain::Quarter => format!("{} {}", self.quarter(day), day.year()),
            Grain::Year => day.year().to_string(),
        }
    }

    /// The positions of a time axis, each year named where it begins.
    pub(super) fn axis(&self, days: &[NaiveDate], grain: Grain) -> Vec<CategoryVm> {
        let mut year = None;
        let category = |day: &NaiveDate| {
            let named = year.replace(day.year()) == Some(day.year()) || grain == Grain::Year;
            CategoryVm {
                label: self.cut(*day, grain),
                short: self.short(*day, grain),
                group: (!named).then(|| day.year().to_string()),
            }
        };
        days.iter().map(category).collect()
    }

    fn short(&self, day: NaiveDate, grain: Grain) -> String {
        match grain {
            Grain::Day | Grain::Week => {
                self.written(day, |date| self.day_of_year.format(date).to_string())
            }
            Grain::Month => self.written(day, |date| self.month_alone.format(date).to_string()),
            Grain::Quarter => self.quarter(day),
            Grain::Year => String::new(),
        }
    }

    fn quarter(&self, day: NaiveDate) -> String {
        text::quarter(day.month0() / 3 + 1, self.locale)
    }

    /// How long ago `then` was: "3 h old".
    pub(super) fn age(&self, then: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let minutes = (now - then).num_minutes();
        match minutes {
            ..1 => text::just_now(self.locale).to_owned(),
            1..60 => text::minutes_old(minutes, self.locale),
            60..2880 => text::hours_old(minutes / 60, self.locale),
            _ => text::days_old(minutes / 1440, self.locale),
        }
    }

    /// Formats, with the French first of the month and ISO where ICU has no such date.
    fn written(&self, day: NaiveDate, format: impl Fn(&Date<Gregorian>) -> String) -> String {
        let date = Date::try_new_gregorian(day.year(), small(day.month()), small(day.day()));
        let Ok(date) = date else {
            return day.to_string();
        };
        let text = format(&date).replace('\u{202f}', "\u{a0}");
        match (self.locale, text.strip_prefix("1 ")) {
            (Locale::FrCa, Some(rest)) if day.day() == 1 => format!("1er {rest}"),
            _ => text,
        }
    }
}

fn small(part: u32) -> u8 {
    u8::try_from(part).unwrap_or_default()
}

/// Every step between the first and the last day of the data and of the period, so that what is
/// missing stays a gap. Steps that begin before the period are there only if the data has them.
pub(super) fn timeline(
    present: &BTreeSet<NaiveDate>,
    grain: Grain,
    period: Option<Period>,
) -> Vec<NaiveDate> {
    let in_period = period.and_then(|period| {
        let first = floor(period.from(), grain)?;
        let first = if first < period.from() {
            next(first, grain)?
        } else {
            first
        };
        let last = floor(period.to(), grain)?;
        (first <= last).then_some((first, last))
    });
    let ends = present.first().copied().zip(present.last().copied());
    let (first, last) = match (ends, in_period) {
        (Some((a, b)), Some((c, d))) => (a.min(c), b.max(d)),
        (Some(ends), None) => ends,
        (None, _) => return Vec::new(),
    };
    let steps = std::iter::successors(floor(first, grain), |day| next(*day, grain));
    let mut steps: BTreeSet<_> = steps
        .take_while(|day| *day <= last)
        .take(LONGEST_AXIS + 1)
        .collect();
    if steps.len() > LONGEST_AXIS {
        steps.clear();
    }
    steps.extend(present);
    steps.into_iter().collect()
}

fn floor(day: NaiveDate, grain: Grain) -> Option<NaiveDate> {
    match grain {
        Grain::Day => Some(day),
        Grain::Week => {
            day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))
        }
        Grain::Month => day.with_day(1),
        Grain::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        Grain::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
    }
}

fn next(day: NaiveDate, grain: Grain) -> Option<NaiveDate> {
    match grain {
        Grain::Day => day.succ_opt(),
        Grain::Week => day.checked_add_days(Days::new(7)),
        Grain::Month => day.checked_add_months(Months::new(1)),
        Grain::Quarter => day.checked_add_months(Months::new(3)),
        Grain::Year => day.checked_add_months(Months::new(12)),
    }
}

/// How many whole months a period is, if it is whole months.
pub(super) fn whole_months(period: Period) -> Option<i32> {
    let next = period.to().succ_opt()?;
    let months = |day: NaiveDate| day.year() * 12 + i32::try_from(day.month0()).unwrap_or_default();
    (period.from().day() == 1 && next.day() == 1).then(|| months(next) - months(period.from()))
}
