//! The filter bar: what may be chosen and what is.

use super::Locale;
use serde::{Deserialize, Serialize};

/// One choosable value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// One choosable period. The form sends `period={from}..{to}`, tile fetches send `from` and `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodOption {
    /// "Last 12 months".
    pub label: String,
    /// First day, ISO.
    pub from: String,
    /// Last day, ISO.
    pub to: String,
}

/// What kind of choice a filter is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FilterKind {
    /// Any number of values; none chosen means all.
    Choice {
        /// The values, sorted for reading. `None` when they were not ready: loaded on first use.
        options: Option<Vec<ChoiceOption>>,
        /// What is chosen now.
        chosen: Vec<ChoiceOption>,
        /// Where the values are: a JSON array of `{"value", "label"}`, or an object with it under `values`.
        values_url: String,
    },
    /// One of several periods.
    Period {
        /// The periods offered; the chosen one must be among them.
        options: Vec<PeriodOption>,
        /// Which one, counted from zero.
        chosen: usize,
    },
}

/// One filter of the dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterVm {
    /// The parameter's name. A period's is not sent: see [`PeriodOption`].
    pub name: String,
    /// The label.
    pub label: String,
    /// What it offers.
    pub kind: FilterKind,
}

/// Which proof a tile fetch carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefreshRealm {
    /// Token and proof, which the frame's script adds.
    Embed,
    /// The session cookie, same origin.
    Member,
}

/// The filter bar island's properties. They stand readable in the document: no secret may be here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterBarVm {
    /// The page's language.
    pub locale: Locale,
    /// Which proof fetches carry.
    pub realm: RefreshRealm,
    /// `/embed/{slug}/tiles` or `/d/{slug}/tiles`.
    pub tiles_url: String,
    /// The filters, in order.
    pub filters: Vec<FilterVm>,
}
