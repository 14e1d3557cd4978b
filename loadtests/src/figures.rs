//! Weir beside nginx: one hot tile as JSON, for which a token is verified, a proof checked, a policy
//! resolved and a read recorded, against a static file of the same bytes. Both are asked by `wrk` over
//! the same number of connections, one after the other and again, so that a busy moment of the
//! machine hits both.

mod nginx;
mod script;
mod wrk;

use std::time::Duration;

use anyhow::Context as _;
use http_body_util::Full;
use serde::Deserialize;

use self::nginx::Nginx;
use self::wrk::{Counted, Wrk};
use crate::http::{Crew, Staff, Tally, now};
use crate::number::{length, ratio};
use crate::progress::Progress;
use crate::results::{Axis, Chart, ChartKind, Measure, Section, Series, Table, Unit};
use crate::surroundings::{Engine, Member, Surroundings, Weir, WeirSettings};

/// How long `wrk` looks how fast Weir is, to know how many proofs it will need.
const GLANCE: Duration = Duration::from_secs(2);
/// Proofs for that. When there are none left before the time is over, the rate is that until then.
const FIRST_PROOFS: u64 = 20_000;
/// So many more proofs are made than it looked like.
const SPARE: f64 = 1.6;
/// Proofs of one turn. Weir remembers 400,000 of all keys for as long as they are good, a minute and
/// a quarter, in which there are two turns and the beginning of a third.
const MOST_PROOFS: u64 = 130_000;
/// Proofs of one frame. Weir remembers 2,000 of one key, so that nobody fills its memory for others: a
/// minute of one frame's calls, and a moment of `wrk`'s. So there are as many frames as it takes.
const PROOFS_OF_ONE: u64 = 1_500;
/// The unit whose tile it is, and the member of it who asks with a session.
const UNIT: &str = "auto";
const MEMBER: &str = "analyst-auto";

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
    /// The hot tile as JSON, for a frame: a token and a proof for each request.
    tile: Vec<Counted>,
    /// The same for a member: a session, and nothing to be proven.
    member: Vec<Counted>,
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
    let crew = frames(&weir, FIRST_PROOFS, progress).await?;
    let member = Member::sign_in(weir.url(), weir.url(), MEMBER).await?;
    let folder = surroundings.scratch("wrk")?;
    let wrk = Wrk::new(&surroundings.tools.wrk, plan.connections, folder);
    let mut turns = Turns {
        weir,
        crew,
        member,
        wrk,
    };
    turns.take(plan, surroundings, progress).await
}

/// As many frames as so many proofs need.
async fn frames(weir: &Weir, proofs: u64, progress: &Progress) -> anyhow::Result<Crew> {
    let staff = Staff {
        people: usize::try_from(proofs.div_ceil(PROOFS_OF_ONE))?,
        units: vec![UNIT.to_owned()],
        dashboards: vec!["finance-overview".to_owned()],
        zipf: 1.0,
    };
    Crew::enlist(weir.url(), &staff, &mut Tally::new(), progress).await
}

struct Turns {
    weir: Weir,
    crew: Crew,
    member: Member,
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
            member: Vec::new(),
            page: Vec::new(),
        };
        let glance = self.tile(GLANCE, FIRST_PROOFS).await?;
        let proofs = needed(glance.each_second, lasts);
        self.crew = frames(&self.weir, proofs, progress).await?;
        progress.note(&format!(
            "{proofs} proofs a turn, of {} frames",
            self.crew.size()
        ));
        for turn in 1..=plan.turns {
            progress.note(&format!("turn {turn} of {}", plan.turns));
            self.crew.renew().await?;
            results
                .file
                .push(self.wrk.run(nginx.url(), None, lasts).await?);
            results.tile.push(self.tile(lasts, proofs).await?);
            results.member.push(self.member(lasts).await?);
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

    async fn member(&self, lasts: Duration) -> anyhow::Result<Counted> {
        let path = self.crew.tile_path().context("nobody is there")?;
        let ask = self.member.request(&path).body(Full::default())?;
        let requests = script::one(&ask)?;
        self.wrk.run(self.weir.url(), Some(&requests), lasts).await
    }

    async fn page(&self, lasts: Duration) -> anyhow::Result<Counted> {
        let requests = script::page(&self.crew)?;
        self.wrk.run(self.weir.url(), Some(&requests), lasts).await
    }
}

/// Proofs for a turn at this rate, with some to spare.
fn needed(each_second: f64, lasts: Duration) -> u64 {
    let proofs = each_second * lasts.as_secs_f64() * SPARE;
    crate::number::whole(proofs).clamp(1_000, MOST_PROOFS)
}

impl From<FiguresResults> for Section {
    fn from(results: FiguresResults) -> Self {
        let rate = |all: &[Counted]| middle(all.iter().map(|one| one.each_second).collect());
        let file = rate(&results.file);
        let over_nginx = |name: &str, what: &str, all: &[Counted]| {
            let because = format!(
                "{:.0} {what} a second and {file:.0} static files of the same bytes, in the middle \
                 of {} turns over {} connections",
                rate(all),
                all.len(),
                results.connections
            );
            Measure::new(name, ratio(rate(all), file), Unit::Ratio).because(because)
        };
        let ratios = [
            (
                "figures.tile_over_nginx",
                "hot tiles with a proof each",
                &results.tile,
            ),
            (
                "figures.member_over_nginx",
                "hot tiles for a session",
                &results.member,
            ),
        ];
        let ratios = ratios.map(|(name, what, all)| over_nginx(name, what, all));
        let summary = ratios.iter().map(|measure| format!("{}.", measure.because));
        let rates = [
            ("figures.nginx", &results.file),
            ("figures.tile", &results.tile),
            ("figures.member", &results.member),
            ("figures.page", &results.page),
        ];
        let rates = rates.map(|(name, all)| Measure::new(name, rate(all), Unit::PerSecond));
        Self {
            id: "figures".to_owned(),
            title: "Beside nginx".to_owned(),
            summary: summary.collect(),
            measures: ratios.into_iter().chain(rates).collect(),
            charts: vec![chart(&results)],
            tables: vec![table(&results)],
        }
    }
}

const NAMES: [&str; 4] = [
    "static file, nginx",
    "hot tile with a proof, Weir",
    "hot tile for a session, Weir",
    "hot page, Weir",
];

impl FiguresResults {
    fn all(&self) -> [&Vec<Counted>; 4] {
        [&self.file, &self.tile, &self.member, &self.page]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_frame_signs_more_than_weir_remembers_of_one_and_no_turn_more_than_of_all() {
        let (slow, fast) = (Duration::from_secs(1), Duration::from_secs(30));

        assert_eq!(needed(10.0, slow), 1_000);
        assert_eq!(needed(5_000.0, slow), 8_000);
        assert_eq!(needed(50_000.0, fast), MOST_PROOFS);
        for proofs in [1_000, 8_001, MOST_PROOFS] {
            assert!(proofs.div_ceil(proofs.div_ceil(PROOFS_OF_ONE)) < 2_000);
        }
        const { assert!(3 * MOST_PROOFS < 400_000) };
    }
}
