//! Weir beside nginx: one hot tile as JSON, for which a token is verified, a proof checked, a policy
//! resolved and a read recorded, against a static file of the same bytes. Both are asked by `wrk` over
//! the same number of connections, one after the other and again, so that a busy moment of the
//! machine hits both.

mod nginx;
mod script;
mod wrk;

use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;

use self::nginx::Nginx;
use self::wrk::{Counted, Wrk};
use crate::http::{Crew, Staff, Tally, now};
use crate::number::{length, ratio};
use crate::progress::Progress;
use crate::results::{Axis, Chart, ChartKind, Measure, Section, Series, Table, Unit};
use crate::surroundings::{Engine, Surroundings, Weir, WeirSettings};

/// How long `wrk` looks how fast Weir is, to know how many proofs it will need.
const GLANCE: Duration = Duration::from_secs(2);
/// So many more proofs are made than it looked like.
const SPARE: f64 = 1.6;
/// More than Weir could ever answer while `wrk` takes its first look.
const FIRST_PROOFS: u64 = 20_000;

/// Weir remembers 2,000 proofs of one key, so that nobody fills its memory: a minute of one frame's
/// calls, and a moment of `wrk`'s. So there are more frames, and they take turns.
const PEOPLE: usize = 100;

/// How the comparison is made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiguresPlan {
    /// Connections of `wrk`.
    pub connections: u32,
    /// How long each is asked at a time. Proofs are good for a minute, so it is less than that.
    pub seconds: u64,
    /// How often they take turns.
    pub turns: u32,
}

/// What was counted.
#[derive(Debug)]
pub struct FiguresResults {
    connections: u32,
    /// nginx and a file of the tile's bytes.
    file: Vec<Counted>,
    /// The hot tile as JSON.
    tile: Vec<Counted>,
    /// The hot page as a launch form gets it, where nothing is proven but the token.
    page: Vec<Counted>,
}

/// Takes turns.
///
/// # Errors
/// nginx or `wrk` is not there, or anything is answered wrongly.
pub async fn run(
    plan: &FiguresPlan,
    surroundings: &Surroundings,
    progress: &Progress,
) -> anyhow::Result<FiguresResults> {
    progress.note("figures: nginx, the hot tile and the hot page in turn");
    let weir = surroundings
        .weir(&WeirSettings::new("figures", Engine::Embedded))
        .await?;
    let staff = Staff {
        people: PEOPLE,
        units: vec!["auto".to_owned()],
        dashboards: vec!["finance-overview".to_owned()],
        zipf: 1.0,
    };
    let crew = Crew::enlist(weir.url(), &staff, &mut Tally::new(), progress).await?;
    let folder = surroundings.scratch("wrk")?;
    let wrk = Wrk::new(&surroundings.tools.wrk, plan.connections, folder);
    let mut turns = Turns { weir, crew, wrk };
    turns.take(plan, surroundings, progress).await
}

struct Turns {
    weir: Weir,
    crew: Crew,
    wrk: Wrk,
}

impl Turns {
    async fn take(
        &mut self,
        plan: &FiguresPlan,
        surroundings: &Surroundings,
        progress: &Progress,
    ) -> anyhow::Result<FiguresResults> {
        let lasts = Duration::from_secs(plan.seconds);
        let body = self.body().await?;
        let nginx = Nginx::start(surroundings, &body).await?;
        let mut results = FiguresResults {
            connections: plan.connections,
            file: Vec::new(),
            tile: Vec::new(),
            page: Vec::new(),
        };
        let glance = self.tile(GLANCE, FIRST_PROOFS).await?;
        let proofs = glance.each_second * lasts.as_secs_f64() * SPARE;
        let proofs = crate::number::whole(proofs).max(1_000);
        for turn in 1..=plan.turns {
            progress.note(&format!("turn {turn} of {}", plan.turns));
            self.crew.renew().await?;
            results
                .file
                .push(self.wrk.run(nginx.url(), None, lasts).await?);
            results.tile.push(self.tile(lasts, proofs).await?);
            results.page.push(self.page(lasts).await?);
        }
        Ok(results)
    }

    /// What the hot tile is: the file has the same bytes.
    async fn body(&self) -> anyhow::Result<bytes::Bytes> {
        let ask = self.crew.tile_of(0, now()).context("nobody is there")?;
        let answer = crate::surroundings::Web::new().send(ask).await?;
        anyhow::ensure!(
            answer.status == 200,
            "the tile is answered with {}",
            answer.status
        );
        Ok(answer.body)
    }

    async fn tile(&self, lasts: Duration, proofs: u64) -> anyhow::Result<Counted> {
        let requests = script::tiles(&self.crew, proofs)?;
        self.wrk.run(self.weir.url(), Some(&requests), lasts).await
    }

    async fn page(&self, lasts: Duration) -> anyhow::Result<Counted> {
        let requests = script::page(&self.crew)?;
        self.wrk.run(self.weir.url(), Some(&requests), lasts).await
    }
}

impl From<FiguresResults> for Section {
    fn from(results: FiguresResults) -> Self {
        let rate = |all: &[Counted]| middle(all.iter().map(|one| one.each_second).collect());
        let (file, tile, page) = (
            rate(&results.file),
            rate(&results.tile),
            rate(&results.page),
        );
        let over = ratio(tile, file);
        let because = format!(
            "{tile:.0} hot tiles a second and {file:.0} static files of the same bytes, in the \
             middle of {} turns over {} connections",
            results.tile.len(),
            results.connections
        );
        Self {
            id: "figures".to_owned(),
            title: "Beside nginx".to_owned(),
            summary: vec![because.clone() + "."],
            measures: vec![
                Measure::new("figures.tile_over_nginx", over, Unit::Ratio).because(because),
                Measure::new("figures.nginx", file, Unit::PerSecond),
                Measure::new("figures.tile", tile, Unit::PerSecond),
                Measure::new("figures.page", page, Unit::PerSecond),
            ],
            charts: vec![chart(&results)],
            tables: vec![table(&results)],
        }
    }
}

const NAMES: [&str; 3] = ["static file, nginx", "hot tile, Weir", "hot page, Weir"];

impl FiguresResults {
    fn all(&self) -> [&Vec<Counted>; 3] {
        [&self.file, &self.tile, &self.page]
    }
}

fn chart(results: &FiguresResults) -> Chart {
    let turns = (1..=results.file.len()).map(|turn| format!("turn {turn}"));
    let series = |(name, all): (&str, &Vec<Counted>)| Series {
        name: name.to_owned(),
        points: (0u32..)
            .map(f64::from)
            .zip(all.iter().map(|one| one.each_second))
            .collect(),
    };
    Chart {
        title: format!("Answers a second over {} connections", results.connections),
        kind: ChartKind::Bars,
        x: Axis::named("", turns.collect()),
        y: Axis::linear("answers a second"),
        series: NAMES.into_iter().zip(results.all()).map(series).collect(),
        limits: Vec::new(),
    }
}

fn table(results: &FiguresResults) -> Table {
    let row = |(name, all): (&str, &Vec<Counted>)| {
        let of = |value: fn(&Counted) -> f64| all.iter().map(value).sum::<f64>() / length(all);
        vec![
            name.to_owned(),
            format!("{:.0}", of(|one| one.each_second)),
            format!("{:.2} ms", of(|one| one.p50)),
            format!("{:.2} ms", of(|one| one.p99)),
            format!("{:.0}", of(|one| one.bytes_each)),
        ]
    };
    let columns = ["what", "a second", "50 %", "99 %", "bytes on the wire"];
    Table {
        title: "On average over the turns".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: NAMES.into_iter().zip(results.all()).map(row).collect(),
    }
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
