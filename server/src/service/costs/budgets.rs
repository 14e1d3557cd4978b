//! What people write when they set a budget.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Deserialize;
use utoipa::ToSchema;
use weir_policy::BusinessUnit;
use weir_registry::{BudgetScope, Label, Limit};

use crate::content::Content;

/// The most dollars anybody may mean.
const MOST_DOLLARS: i64 = 1_000_000_000;

/// How much may be billed in a day (UTC): bytes, dollars, or the smaller of both.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetWish {
    /// Bytes that may be billed.
    pub bytes_per_day: Option<u64>,
    /// Dollars that may be spent, as a text: `"2.50"`.
    #[schema(value_type = Option<String>)]
    pub dollars_per_day: Option<Decimal>,
}

/// A part of a budget that means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaningless {
    /// Where, as an RFC 6901 pointer.
    pub pointer: &'static str,
    /// What is right there.
    pub expected: &'static str,
}

impl BudgetWish {
    /// The limit that is meant.
    ///
    /// # Errors
    /// [`Meaningless`] says which part is none.
    pub fn limit(&self) -> Result<Limit, Meaningless> {
        let meaningless = |pointer, expected| Meaningless { pointer, expected };
        let bytes = self.bytes_per_day;
        if bytes.is_some_and(|bytes| i64::try_from(bytes).is_err()) {
            let expected = "fewer than nine million terabytes";
            return Err(meaningless("/bytes_per_day", expected));
        }
        let micros = self.dollars_per_day.map(|dollars| {
            let sane = (Decimal::ZERO..=Decimal::from(MOST_DOLLARS)).contains(&dollars);
            let micros = sane.then(|| (dollars * Decimal::from(1_000_000)).round());
            let expected = "dollars from 0 to a billion, such as `2.50`";
            let micros = micros.and_then(|micros| micros.to_u64());
            micros.ok_or(meaningless("/dollars_per_day", expected))
        });
        let limit = Limit::new(bytes, micros.transpose()?);
        limit.ok_or(meaningless("", "bytes, dollars or both"))
    }
}

/// A scope that can have a budget. Dashboards are those of the content; units are named by whoever
/// vouches for people, the content need not know them.
#[must_use]
pub fn scope(text: &str, content: &Content) -> Option<BudgetScope> {
    spelled_scope(text).filter(|scope| match scope {
        BudgetScope::All | BudgetScope::Prewarm | BudgetScope::BusinessUnit(_) => true,
        BudgetScope::Dashboard(slug) => content.dashboard(slug.as_str()).is_some(),
    })
}

/// A scope as it is spelled, whether or not the content knows it any more.
#[must_use]
pub fn spelled_scope(text: &str) -> Option<BudgetScope> {
    match text.split_once(':') {
        None if text == "all" => Some(BudgetScope::All),
        None => (text == "prewarm").then_some(BudgetScope::Prewarm),
        Some(("dashboard", slug)) => Label::parse(slug).ok().map(BudgetScope::Dashboard),
        Some(("business_unit", unit)) => BusinessUnit::parse(unit)
            .ok()
            .map(BudgetScope::BusinessUnit),
        Some(_) => None,
    }
}
