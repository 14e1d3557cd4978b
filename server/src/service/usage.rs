//! How much each dashboard is used, and by how many, without watching anybody.
//!
//! Business units with fewer than five people are told together, and so is the smallest of the
//! others where that alone would tell what one of them did: whoever subtracts what is shown from
//! the whole learns nothing about fewer than five. Who they were is not told at all.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use weir_registry::{PeopleLine, UsageLine, UsageReport};

/// Fewer people than this are not told apart.
const FEWEST: u64 = 5;

/// What was used in a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsageAnswer {
    /// From when on; the whole hour counts.
    pub from: DateTime<Utc>,
    /// Up to when.
    pub to: DateTime<Utc>,
    /// The dashboards that were used, by name.
    pub dashboards: Vec<DashboardUsage>,
}

/// How much one dashboard was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DashboardUsage {
    /// Its name.
    pub dashboard: String,
    /// How many people read it; none where they were fewer than five.
    pub people: Option<u64>,
    /// What they did.
    #[serde(flatten)]
    pub sums: Sums,
    /// Its tiles, by name.
    pub tiles: Vec<TileUsage>,
    /// Business units of at least five people each, by name. People of several units or none count
    /// with the others.
    pub business_units: Vec<UnitUsage>,
    /// Everybody else together.
    pub others: Option<Sums>,
}

/// How much one tile was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TileUsage {
    /// Its name, or `filter:NAME` for the values of a filter.
    pub tile: String,
    /// What was done.
    #[serde(flatten)]
    pub sums: Sums,
}

/// How much the people of one business unit used a dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitUsage {
    /// The unit.
    pub business_unit: String,
    /// How many they are.
    pub people: u64,
    /// What they did.
    #[serde(flatten)]
    pub sums: Sums,
}

/// Sums of what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Sums {
    /// Launches in frames.
    pub opens: u64,
    /// Tiles and filter values read.
    pub reads: u64,
    /// Reads that the engine answered, and not the cache.
    pub from_engine: u64,
    /// Reads that failed.
    pub failed: u64,
    /// Rows handed out.
    pub rows: u64,
    /// Bytes that the engine read for them.
    pub bytes: u64,
}

/// Turns sums into what may be told.
#[must_use]
pub fn told(report: &UsageReport, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> UsageAnswer {
    let mut by_dashboard: BTreeMap<&str, Vec<&UsageLine>> = BTreeMap::new();
    for line in &report.lines {
        let lines = by_dashboard.entry(line.dashboard.as_str());
        lines.or_default().push(line);
    }
    let dashboards = by_dashboard.into_iter();
    UsageAnswer {
        from,
        to,
        dashboards: dashboards
            .map(|(name, lines)| dashboard(name, &lines, report))
            .collect(),
    }
}

fn dashboard(name: &str, lines: &[&UsageLine], report: &UsageReport) -> DashboardUsage {
    let of_it = |lines: &[PeopleLine]| -> Vec<PeopleLine> {
        let found = lines.iter().filter(|line| line.dashboard.as_str() == name);
        found.cloned().collect()
    };
    let everybody = of_it(&report.everybody)
        .first()
        .map_or(0, |line| line.people);
    let (business_units, others) = units(lines, &of_it(&report.people));
    DashboardUsage {
        dashboard: name.to_owned(),
        people: (everybody >= FEWEST).then_some(everybody),
        sums: lines.iter().copied().collect(),
        tiles: tiles(lines),
        business_units,
        others,
    }
}

fn tiles(lines: &[&UsageLine]) -> Vec<TileUsage> {
    let mut by_tile: BTreeMap<&str, Sums> = BTreeMap::new();
    for line in lines {
        if let Some(tile) = &line.tile {
            by_tile.entry(tile.as_str()).or_default().add(line);
        }
    }
    let tiles = by_tile.into_iter();
    tiles
        .map(|(tile, sums)| TileUsage {
            tile: tile.to_owned(),
            sums,
        })
        .collect()
}

/// The units that may be told apart, and everybody else together.
fn units(lines: &[&UsageLine], people: &[PeopleLine]) -> (Vec<UnitUsage>, Option<Sums>) {
    let mut by_unit: BTreeMap<Option<&str>, UnitUsage> = BTreeMap::new();
    for line in lines {
        let unit = line.business_unit.as_ref().map(AsRef::as_ref);
        let usage = by_unit.entry(unit).or_insert_with(|| UnitUsage {
            business_unit: unit.unwrap_or_default().to_owned(),
            people: people_of(people, unit),
            sums: Sums::default(),
        });
        usage.sums.add(line);
    }
    let (mut apart, mut together): (Vec<_>, Vec<_>) = by_unit
        .into_iter()
        .partition(|(unit, usage)| unit.is_some() && usage.people >= FEWEST);
    apart.sort_by_key(|(_, usage)| std::cmp::Reverse(usage.people));
    while !together.is_empty() && count(&together) < FEWEST {
        match apart.pop() {
            Some(smallest) => together.push(smallest),
            None => break,
        }
    }
    let mut shown: Vec<_> = apart.into_iter().map(|(_, usage)| usage).collect();
    shown.sort_by(|a, b| a.business_unit.cmp(&b.business_unit));
    let others = (!together.is_empty()).then(|| {
        together
            .iter()
            .fold(Sums::default(), |mut sums, (_, usage)| {
                sums += usage.sums;
                sums
            })
    });
    (shown, others)
}

fn people_of(people: &[PeopleLine], unit: Option<&str>) -> u64 {
    let mut lines = people.iter();
    let found = lines.find(|line| line.business_unit.as_ref().map(AsRef::as_ref) == unit);
    found.map_or(0, |line| line.people)
}

fn count(units: &[(Option<&str>, UnitUsage)]) -> u64 {
    units.iter().map(|(_, usage)| usage.people).sum()
}

impl Sums {
    fn add(&mut self, line: &UsageLine) {
        *self += Self {
            opens: line.opens,
            reads: line.reads,
            from_engine: line.from_engine,
            failed: line.failed,
            rows: line.rows,
            bytes: line.bytes,
        };
    }
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.opens += other.opens;
        self.reads += other.reads;
        self.from_engine += other.from_engine;
        self.failed += other.failed;
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}

impl<'a> FromIterator<&'a UsageLine> for Sums {
    fn from_iter<T: IntoIterator<Item = &'a UsageLine>>(lines: T) -> Self {
        let mut sums = Self::default();
        for line in lines {
            sums.add(line);
        }
        sums
    }
}

#[cfg(test)]
mod tests;
