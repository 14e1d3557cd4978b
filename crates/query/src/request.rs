//! What one page view asks for: the period and filter values, merged once from token and viewer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate};
use weir_policy::{ColumnName, Comparison as Compare, Predicate, Value};

use crate::catalog::Dataset;
use crate::dashboard::{Comparison, Dashboard, Filter};
use crate::name::FilterId;

/// Days from `from` to `to`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

impl Period {
    /// `None` when `from` is later than `to`.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// The `months` whole months before the month of `today`.
    #[must_use]
    pub fn last_months(today: NaiveDate, months: Months) -> Self {
        let this_month = today.with_day(1).unwrap_or(today);
        let from = this_month.checked_sub_months(months).unwrap_or(this_month);
        let to = this_month
            .checked_sub_days(Days::new(1))
            .unwrap_or(this_month);
        Self {
            from: from.min(to),
            to,
        }
    }

    /// The first day.
    #[must_use]
    pub fn from(self) -> NaiveDate {
        self.from
    }

    /// The last day.
    #[must_use]
    pub fn to(self) -> NaiveDate {
        self.to
    }

    /// What this period is compared with.
    #[must_use]
    pub fn before(self, comparison: Comparison) -> Option<Self> {
        match comparison {
            Comparison::PreviousYear => self.shifted_back(Months::new(12)),
            Comparison::PreviousPeriod => {
                let days = Days::new(u64::try_from((self.to - self.from).num_days()).ok()?);
                let to = self.from.checked_sub_days(Days::new(1))?;
                Self::new(to.checked_sub_days(days)?, to)
            }
        }
    }

    /// Month ends stay month ends: the year before 2024-02-29 ended on 2023-02-28, and the year
    /// before 2025-02-28 on 2024-02-29.
    fn shifted_back(self, months: Months) -> Option<Self> {
        let day_after = self.to.succ_opt()?;
        let to = match day_after.day() {
            1 => day_after.checked_sub_months(months)?.pred_opt()?,
            _ => self.to.checked_sub_months(months)?,
        };
        Self::new(self.from.checked_sub_months(months)?, to)
    }
}

/// Filter values that a token fixes: a viewer may narrow them, never leave them.
pub type Locked = BTreeMap<String, Vec<String>>;

/// Period and filter values of one page view, typed and checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Bound {
    period: Option<Period>,
    locked: BTreeMap<FilterId, Narrowing>,
    chosen: BTreeMap<FilterId, Narrowing>,
}

/// The values of one column that may pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Narrowing {
    column: ColumnName,
    values: BTreeSet<Value>,
}

/// A parameter that can't be used. The client sent it, so it may read the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// The dashboard has no such filter.
    #[error("this dashboard has no filter with that name")]
    Unknown,
    /// The text is not a value of the filter's column.
    #[error("a value of filter `{0}` is not a valid {1}")]
    Mistyped(FilterId, weir_policy::ValueType),
    /// The token fixes other values.
    #[error("filter `{0}` is fixed to other values")]
    OutsideLocked(FilterId),
    /// Too many values or parameters.
    #[error("too many filter values: at most {MAX_VALUES} per filter")]
    TooMany,
    /// `from` or `to` is no day, the wrong way round, or the page has no period.
    #[error("`from` and `to` must be days such as 2026-01-31, in order, on a page with a period")]
    Period,
    /// A parameter that takes one value stands twice.
    #[error("a parameter that takes one value was given twice")]
    Twice,
}

/// The most values one filter takes.
const MAX_VALUES: usize = 100;

impl Dashboard {
    /// Merges what the token fixes with what the viewer chose, on the day `today`.
    ///
    /// # Errors
    /// [`BindError`]; nothing is ever dropped silently.
    pub fn bind(
        &self,
        locked: &Locked,
        chosen: &[(String, String)],
        today: NaiveDate,
    ) -> Result<Bound, BindError> {
        let mut bound = Bound {
            period: self.default_period().map(|period| period.on(today)),
            ..Bound::default()
        };
        for (name, values) in locked {
            let filter = self.filter_named(name)?;
            let values = values
                .iter()
                .map(|raw| parse(filter, raw))
                .collect::<Result<_, _>>()?;
            let narrowing = Narrowing {
                column: filter.column.clone(),
                values,
            };
            bound.locked.insert(filter.id.clone(), narrowing);
        }
        bound.period = Self::chosen_period(chosen, bound.period)?;
        for (name, raw) in chosen.iter().filter(|(name, _)| !is_period(name)) {
            let filter = self.filter_named(name)?;
            bound.choose(filter, parse(filter, raw)?)?;
        }
        Ok(bound)
    }

    fn filter_named(&self, name: &str) -> Result<&Filter, BindError> {
        self.filters()
            .iter()
            .find(|filter| filter.id.as_str() == name)
            .ok_or(BindError::Unknown)
    }

    fn chosen_period(
        chosen: &[(String, String)],
        default: Option<Period>,
    ) -> Result<Option<Period>, BindError> {
        let (from, to) = (one(chosen, "from")?, one(chosen, "to")?);
        if from.is_none() && to.is_none() {
            return Ok(default);
        }
        let default = default.ok_or(BindError::Period)?;
        let day = |raw: Option<&str>, otherwise: NaiveDate| match raw {
            Some(raw) => day(raw).ok_or(BindError::Period),
            None => Ok(otherwise),
        };
        let period = Period::new(day(from, default.from())?, day(to, default.to())?);
        period.map(Some).ok_or(BindError::Period)
    }
}

fn is_period(name: &str) -> bool {
    name == "from" || name == "to"
}

fn one<'a>(chosen: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, BindError> {
    let mut found = chosen
        .iter()
        .filter(|(given, _)| given == name)
        .map(|(_, raw)| raw.as_str());
    match (found.next(), found.next()) {
        (value, None) => Ok(value),
        _ => Err(BindError::Twice),
    }
}

/// Exactly `YYYY-MM-DD` in a range that every engine can hold.
fn day(raw: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(raw, "%Y-%m-%d").ok()?;
    (raw.len() == 10 && (1900..=2200).contains(&day.year())).then_some(day)
}

fn parse(filter: &Filter, raw: &str) -> Result<Value, BindError> {
    let mistyped = || BindError::Mistyped(filter.id.clone(), filter.value_type);
    if raw.len() > 256 || raw.chars().any(char::is_control) {
        return Err(mistyped());
    }
    Value::parse(raw, filter.value_type).map_err(|_| mistyped())
}

impl Bound {
    fn choose(&mut self, filter: &Filter, value: Value) -> Result<(), BindError> {
        let locked = self.locked.get(&filter.id);
        if locked.is_some_and(|locked| !locked.values.contains(&value)) {
            return Err(BindError::OutsideLocked(filter.id.clone()));
        }
        let fresh = || Narrowing {
            column: filter.column.clone(),
            values: BTreeSet::new(),
        };
        let narrowing = self.chosen.entry(filter.id.clone()).or_insert_with(fresh);
        narrowing.values.insert(value);
        if narrowing.values.len() > MAX_VALUES {
            return Err(BindError::TooMany);
        }
        Ok(())
    }

    /// The page's period.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        self.period
    }

    /// What the viewer chose for `filter`; empty means everything.
    pub fn chosen(&self, filter: &FilterId) -> impl Iterator<Item = &Value> {
        self.chosen
            .get(filter)
            .into_iter()
            .flat_map(|narrowing| &narrowing.values)
    }

    /// Whether the token fixes `filter`.
    #[must_use]
    pub fn is_locked(&self, filter: &FilterId) -> bool {
        self.locked.contains_key(filter)
    }

    /// The same period and locked values, without the viewer's choice: what filter values are
    /// listed under.
    #[must_use]
    pub fn locked_only(&self) -> Self {
        Self {
            chosen: BTreeMap::new(),
            ..self.clone()
        }
    }

    /// Whether the viewer narrowed the page.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        !self.chosen.is_empty()
    }

    /// What the filters let through. An empty locked list lets nothing through; a choice lies
    /// within the locked values, so it replaces them.
    pub(crate) fn filters(&self) -> impl Iterator<Item = Predicate> {
        let mut effective: BTreeMap<_, _> = self.locked.iter().collect();
        effective.extend(&self.chosen);
        effective.into_values().map(|narrowing| {
            Predicate::is_in(narrowing.column.clone(), narrowing.values.iter().cloned())
        })
    }

    /// The condition a period puts on `dataset`.
    pub(crate) fn within(period: Period, dataset: &Dataset) -> Option<Predicate> {
        let time = dataset.time()?.clone();
        let from = Predicate::compare(time.clone(), Compare::Ge, Value::Date(period.from()));
        let to = Predicate::compare(time, Compare::Le, Value::Date(period.to()));
        Some(Predicate::all([from, to]))
    }
}
