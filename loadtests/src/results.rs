//! What a run found: the document in `results.json`, which the report is made from.
//!
//! A section says three kinds of things. **Measures** are single numbers with a name, and what was
//! measured how as labels; budgets are held against them. **Charts** and **tables** are for
//! reading.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of this document. It changes when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// One run of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The plan's name.
    pub plan: String,
    /// What the plan is about, in a sentence.
    pub about: String,
    /// When the run began, as seconds since 1970.
    pub started: u64,
    /// How long it took, in seconds.
    pub took_seconds: f64,
    /// What it ran on.
    pub machine: Machine,
    /// What was found, in the order in which it was looked for.
    pub sections: Vec<Section>,
    /// What the budgets say about it.
    pub verdicts: Vec<Verdict>,
}

/// What a run was made on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many cores there are for everybody: Weir, what asks it, and what it asks.
    pub cores: usize,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// The operating system.
    pub system: String,
    /// `weir --version`.
    pub weir: String,
    /// `debug` or `release`, as the path of the binary says it.
    pub build: String,
}

/// What one part of a plan found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Which part: `http`, `browser`, `fleet`, `soak`, `figures`.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What it found, in a few sentences.
    pub summary: Vec<String>,
    /// Its numbers.
    pub measures: Vec<Measure>,
    /// Pictures of them.
    pub charts: Vec<Chart>,
    /// Lists of them.
    pub tables: Vec<Table>,
}

/// One number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Dotted and stable, beginning with the section: `browser.lcp_ratio`.
    pub name: String,
    /// Under which circumstances: `{ profile = "office-laptop", percentile = "p75" }`.
    pub labels: BTreeMap<String, String>,
    /// The number.
    pub value: f64,
    /// What it counts.
    pub unit: Unit,
    /// Where it comes from, for whoever reads that it is over its budget: the tile, the phase and
    /// the numbers behind it, as the end of a sentence.
    pub because: String,
}

impl Measure {
    /// A number without labels.
    #[must_use]
    pub fn new(name: &str, value: f64, unit: Unit) -> Self {
        Self {
            name: name.to_owned(),
            labels: BTreeMap::new(),
            value,
            unit,
            because: String::new(),
        }
    }

    /// With one more label.
    #[must_use]
    pub fn with(mut self, label: &str, value: impl Into<String>) -> Self {
        self.labels.insert(label.to_owned(), value.into());
        self
    }

    /// With what lies behind it.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.because = why.into();
        self
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// One thing divided by another of its kind.
    Ratio,
    /// Milliseconds.
    Milliseconds,
    /// In one second.
    PerSecond,
    /// Bytes.
    Bytes,
    /// Things.
    Count,
}

/// A picture: several lines or bars over one axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Its heading.
    pub title: String,
    /// How it is drawn.
    pub kind: ChartKind,
    /// The axis at the bottom.
    pub x: Axis,
    /// The axis at the side.
    pub y: Axis,
    /// What is drawn.
    pub series: Vec<Series>,
    /// Lines across, such as a budget.
    pub limits: Vec<Limit>,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Points that are joined.
    Line,
    /// Points alone.
    Dots,
    /// One bar for each point; `x` is its place in the axis's `names`.
    Bars,
}

/// One axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// What is along it, with its unit.
    pub label: String,
    /// Whether equal distances are equal factors.
    pub scale: Scale,
    /// The names of whole numbers from 0 on, where it has any.
    pub names: Vec<String>,
}

impl Axis {
    /// An axis of numbers.
    #[must_use]
    pub fn linear(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
            names: Vec::new(),
        }
    }

    /// An axis of factors.
    #[must_use]
    pub fn logarithmic(label: &str) -> Self {
        Self {
            scale: Scale::Logarithmic,
            ..Self::linear(label)
        }
    }

    /// An axis of names.
    #[must_use]
    pub fn named(label: &str, names: Vec<String>) -> Self {
        Self {
            names,
            ..Self::linear(label)
        }
    }
}

/// What equal distances mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Equal differences, from zero on.
    Linear,
    /// Equal factors.
    Logarithmic,
}

/// One line of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its points, by `x`.
    pub points: Vec<(f64, f64)>,
}

/// A line across a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// What it says.
    pub label: String,
    /// Where it is on the axis at the side.
    pub y: f64,
}

/// A list to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its heading.
    pub title: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// Its rows, with as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// What one budget says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What was held against what, with the numbers, as a sentence.
    pub sentence: String,
    /// Whether it holds.
    pub outcome: Outcome,
}

/// Whether a budget holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Within,
    /// It does not.
    Over,
    /// The plan promises the measure, and it is not there.
    Missing,
}
