//! What a chart shows: positions as `f64`, every text as the reader sees it.

use serde::{Deserialize, Serialize};

/// The colour of an entity. The server hands the same hue to the same entity on every tile of a
/// dashboard; values from eight up repeat the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hue {
    /// One of the eight categorical colours, counted from zero.
    Categorical(u8),
    /// Grey: everything that has no name of its own on this tile.
    Other,
}

/// A label on a value axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    /// Where it stands, in data units.
    pub value: f64,
    /// What it says: rounded, without the unit.
    pub label: String,
}

/// A value axis. Build `ticks` from [`crate::chart::scale::nice_ticks`]; `min` and `max` are then
/// the first and last tick, so that the domain contains the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Lower end of the domain.
    pub min: f64,
    /// Upper end of the domain.
    pub max: f64,
    /// At most five, ascending, evenly spaced from `min` to `max`.
    pub ticks: Vec<Tick>,
}

/// One position on the category or time axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryVm {
    /// The whole name: "October 2026", "Quebec City".
    pub label: String,
    /// What stands on a time axis: "Oct". Empty when the whole name is short enough.
    pub short: String,
    /// A second line under the tick where it first applies: the year, under January.
    pub group: Option<String>,
}

/// One value of a series. `value: None` is a gap and stays one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PointVm {
    /// For geometry.
    pub value: Option<f64>,
    /// The exact value as text, for tooltips: "$1,204,331.50". "No data" for a gap.
    pub exact: String,
}

/// A line, or one layer of stacked bars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesVm {
    /// The name in the legend or beside the line.
    pub name: String,
    /// Its colour.
    pub hue: Hue,
    /// As many as there are categories.
    pub points: Vec<PointVm>,
    /// The last value, three significant digits: "$412K". Empty when there is none.
    pub last: String,
}

/// Lines over time. Order the series by their last value, highest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineVm {
    /// The time axis, oldest first.
    pub categories: Vec<CategoryVm>,
    /// The value axis.
    pub axis: Axis,
    /// One line each.
    pub series: Vec<SeriesVm>,
}

/// Bars stacked over time or categories. The axis contains the sums, above and below zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StackedBarVm {
    /// One stack each.
    pub categories: Vec<CategoryVm>,
    /// The value axis; contains zero.
    pub axis: Axis,
    /// The layers, bottom first.
    pub series: Vec<SeriesVm>,
}

/// How bars run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Orientation {
    /// For names: sorted by value by the server, `Other` last.
    Horizontal,
    /// For time: in the order of time.
    Vertical,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarItem {
    /// What it stands for.
    pub category: CategoryVm,
    /// Its length, `None` for no value.
    pub value: Option<f64>,
    /// The value beside the bar, three significant digits.
    pub text: String,
    /// The exact value, for the tooltip.
    pub exact: String,
    /// Its colour; usually the same for every bar of the tile.
    pub hue: Hue,
}

/// Bars, from zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarVm {
    /// Which way they run.
    pub orientation: Orientation,
    /// The value axis; contains zero. Horizontal bars use it for length only.
    pub axis: Axis,
    /// The bars, in the order drawn.
    pub bars: Vec<BarItem>,
}

/// One part of a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceVm {
    /// Its name.
    pub label: String,
    /// Its size; negative parts can't be drawn and are listed only.
    pub value: f64,
    /// The rounded value: "$412K".
    pub text: String,
    /// The exact value.
    pub exact: String,
    /// Its share of the whole: "31.2 %".
    pub share: String,
    /// Its colour.
    pub hue: Hue,
}

/// Parts of a whole, biggest first, `Other` last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DonutVm {
    /// The parts.
    pub slices: Vec<SliceVm>,
    /// The whole, in the middle: "$4.21M".
    pub total: String,
    /// What the whole is: "Total".
    pub total_label: String,
}

/// Where a value went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// It rose.
    Up,
    /// It fell.
    Down,
    /// It stayed.
    Flat,
}

/// Whether that is welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Green.
    Good,
    /// Red.
    Bad,
    /// No judgement.
    Neutral,
}

/// A KPI's change against its comparison. Shown as arrow, percentage and words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The arrow.
    pub direction: Direction,
    /// The colour.
    pub tone: Tone,
    /// The amount without a sign of direction: "4.2 %", "1.3 pt".
    pub amount: String,
    /// The comparison: "on the 12 months before ($12.9M)".
    pub against: String,
}

/// One number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiVm {
    /// The number, three or four significant digits: "$13.7M".
    pub value: String,
    /// The exact number, for the tooltip.
    pub exact: String,
    /// The comparison, if there is one.
    pub change: Option<Change>,
    /// The way here, oldest first. Fewer than two values: no sparkline.
    pub sparkline: Vec<Option<f64>>,
    /// What the sparkline covers: "Nov 2025 to Oct 2026".
    pub sparkline_label: String,
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnKind {
    /// Left-aligned.
    Text,
    /// Right-aligned, tabular figures.
    Number,
}

/// A table's column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its heading.
    pub label: String,
    /// How it is set.
    pub kind: ColumnKind,
}

/// A table's cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// What it says. NULL is an em dash, chosen by the server.
    pub text: String,
    /// Length of an in-cell bar, between 0 and 1.
    pub bar: Option<f64>,
}

/// Rows to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableVm {
    /// Headings.
    pub columns: Vec<Column>,
    /// Rows, as wide as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// A line below, when rows were left out: "First 20 of 1,204 rows".
    pub note: Option<String>,
}
