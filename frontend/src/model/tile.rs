//! A tile: its box, its state, what is in it and why it may be believed.

use super::chart::{BarVm, DonutVm, KpiVm, LineVm, StackedBarVm, TableVm};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A tile's size: columns of twelve, and rows of 160 px with 12 px between.
/// A KPI is one row high, a chart two, a long table three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// 2 to 12; values outside are drawn as the nearest.
    pub columns: u8,
    /// 1 to 4.
    pub rows: u8,
}

/// What the tile will draw, known before its data is. Shapes the skeleton.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TileKind {
    /// One number.
    Kpi,
    /// Lines over time.
    Line,
    /// Bars.
    Bar,
    /// Stacked bars.
    StackedBar,
    /// Rows.
    Table,
    /// Parts of a whole.
    Donut,
}

/// A tile's box: all that is known without data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TileFrame {
    /// The id in the dashboard file: lower-case letters, digits, hyphens, underscores.
    pub id: String,
    /// The title.
    pub title: String,
    /// One line with the unit: "Written premium per month, CAD". Empty for none.
    pub subtitle: String,
    /// What it draws.
    pub kind: TileKind,
    /// Its size.
    pub span: Span,
}

/// A tile with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TileVm {
    /// Its box.
    pub frame: TileFrame,
    /// What is inside.
    pub body: TileBody,
    /// Says in one sentence what the chart shows, for those who can't see it.
    pub description: String,
    /// The exact values as a table ("Table view"). `None` for a table tile and for notes.
    pub table: Option<TableVm>,
    /// The line at the bottom. `None` for notes.
    pub trust: Option<TrustVm>,
    /// "Why these rows": the scope sentence first, then one sentence per rule that matched.
    pub why: Vec<String>,
    /// All of its rows as a file, for readers who may take them along.
    pub file: Option<FileVm>,
}

/// A file that a reader may take along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVm {
    /// Its path, asked as the tile was.
    pub href: String,
    /// Its format as the export's address says it: "csv".
    pub format: String,
    /// What it is called: "finance-overview-by-month.csv".
    pub name: String,
}

/// What a tile's inside is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TileBody {
    /// One number.
    Kpi(KpiVm),
    /// Lines.
    Line(LineVm),
    /// Bars.
    Bar(BarVm),
    /// Stacked bars.
    StackedBar(StackedBarVm),
    /// Rows.
    Table(TableVm),
    /// Parts of a whole.
    Donut(DonutVm),
    /// No rows. A `ready` tile: nothing went wrong.
    Empty {
        /// "No statements in this period."
        sentence: String,
        /// The filter that caused it: "Region: Gaspésie".
        cause: Option<String>,
    },
    /// Policy keeps the data from this reader.
    Withheld {
        /// "No rule gives you rows of Statements."
        reason: String,
        /// Who to ask: "Ask the data governance office."
        contact: Option<String>,
    },
    /// A budget has no room for computing it today. Nothing failed, and trying again changes nothing.
    Unaffordable {
        /// "The budget for today is used up. The figures come back after midnight UTC."
        reason: String,
        /// Who to ask.
        contact: Option<String>,
    },
    /// The engine did not answer.
    Error {
        /// One sentence with the next step.
        sentence: String,
        /// To quote to support.
        request_id: String,
    },
}

/// Where the tile's numbers come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustVm {
    /// When the data was committed: "21 Nov 2026, 14:05".
    pub data_time: String,
    /// The same in ISO form, for `<time datetime>`. Empty for none.
    pub data_time_iso: String,
    /// How old that is: "3 h old".
    pub age: String,
    /// Whose rows: "Auto only", "All 7 units".
    pub scope: String,
    /// Older than promised: the line turns amber.
    pub stale: bool,
}

/// A place on the page: with its tile, or with its skeleton.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TileSlot {
    /// Answered in time for the first bytes.
    Ready(Box<TileVm>),
    /// The same as HTML, drawn before.
    Drawn(TileFrame, Arc<str>),
    /// Comes later in the same response.
    Pending(TileFrame),
}

impl TileSlot {
    /// The box, whichever state it is in.
    #[must_use]
    pub const fn frame(&self) -> &TileFrame {
        match self {
            Self::Ready(tile) => &tile.frame,
            Self::Drawn(frame, _) | Self::Pending(frame) => frame,
        }
    }
}
