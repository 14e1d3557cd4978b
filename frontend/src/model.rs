//! View-models: everything a page needs, already decided and already formatted.
//!
//! The server fills these in its `present` module. Numbers come twice: as `f64` for geometry and
//! as text for people. Nothing here knows rows, policies or the clock, and no view recomputes a
//! number it was given.

pub mod admin;
mod chart;
mod filter;
mod page;
mod tile;

pub use chart::{
    Axis, BarItem, BarVm, CategoryVm, Cell, Change, Column, ColumnKind, Direction, DonutVm, Hue,
    KpiVm, LineVm, Orientation, PointVm, SeriesVm, SliceVm, StackedBarVm, TableVm, Tick, Tone,
};
pub use filter::{ChoiceOption, FilterBarVm, FilterKind, FilterVm, PeriodOption, RefreshRealm};
pub use page::{
    Assets, CardVm, DrawnParts, HomeVm, Launch, LinkVm, MemberFrame, NavLink, NextStep, NoticeVm,
    PageTrust, PageVm, PreviewFrame, ProblemVm, Realm, SignInVm, SignedOutVm, TailVm, Theme,
};
pub use tile::{FileVm, Span, TileBody, TileFrame, TileKind, TileSlot, TileVm, TrustVm};

use serde::{Deserialize, Serialize};

/// The two languages every text exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Locale {
    /// English as written in Canada.
    #[default]
    #[serde(rename = "en-CA")]
    EnCa,
    /// French as written in Canada.
    #[serde(rename = "fr-CA")]
    FrCa,
}

impl Locale {
    /// The BCP 47 tag, as in `<html lang>`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::EnCa => "en-CA",
            Self::FrCa => "fr-CA",
        }
    }

    /// The language that the switch link offers.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::EnCa => Self::FrCa,
            Self::FrCa => Self::EnCa,
        }
    }
}
