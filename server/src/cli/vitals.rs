//! `weir vitals`: how fast pages are in browsers, by a server's reports.

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Deserialize;

use super::Outcome;
use super::server::Server;
use super::when;

/// Says how fast pages are in browsers, and whether the promise holds. Exit code 1 when it was not
/// kept, for all pages or for one dashboard's.
#[derive(Debug, Args)]
pub(super) struct Vitals {
    #[command(flatten)]
    server: Server,
    /// From the day (UTC) of this moment on; six days before the end unless said.
    #[arg(long, value_name = "TIME", value_parser = when::start)]
    from: Option<DateTime<Utc>>,
    /// Up to the day of this moment; today unless said.
    #[arg(long, value_name = "TIME", value_parser = when::end)]
    to: Option<DateTime<Utc>>,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
struct Report {
    from: String,
    to: String,
    lcp_budget_ms: u32,
    objective: String,
    total: Figures,
    dashboards: Vec<Line>,
    business_units: Vec<Line>,
    hosts: Vec<Line>,
    releases: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Line {
    #[serde(
        alias = "dashboard",
        alias = "business_unit",
        alias = "host",
        alias = "release"
    )]
    name: Option<String>,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Deserialize)]
struct Figures {
    loads: u64,
    kept: Option<bool>,
    fast_enough: Option<String>,
    lcp_ms: Quantiles,
    inp_ms: Quantiles,
    script_errors: u64,
    promise_errors: u64,
    burn: Burn,
}

#[derive(Debug, Deserialize)]
struct Quantiles {
    p50: Option<u32>,
    p75: Option<u32>,
    p95: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Burn {
    #[serde(rename = "last_hour")]
    hour: Option<String>,
    #[serde(rename = "last_6_hours")]
    six_hours: Option<String>,
    #[serde(rename = "last_3_days")]
    three_days: Option<String>,
}

impl Vitals {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let span = when::span(self.from, self.to);
        let query: Vec<_> = span.iter().map(|(name, at)| (*name, at.as_str())).collect();
        let reply = api.get("/api/v1/vitals", &query).await?;
        let report: Report = reply.read()?;
        if self.json {
            println!("{}", reply.body);
        } else {
            report.say();
        }
        let dashboards = report.dashboards.iter().map(|line| &line.figures);
        let mut all = dashboards.chain([&report.total]);
        Ok(if all.any(|figures| figures.kept == Some(false)) {
            Outcome::Findings
        } else {
            Outcome::Fine
        })
    }
}

impl Report {
    fn say(&self) {
        println!("{} to {} (UTC)", self.from, self.to);
        println!(
            "Promised: the largest part within {} ms, for {} of all pages.",
            self.lcp_budget_ms, self.objective
        );
        println!();
        self.total.say();
        for (what, lines) in [
            ("dashboard", &self.dashboards),
            ("business unit", &self.business_units),
            ("host", &self.hosts),
            ("release", &self.releases),
        ] {
            if lines.is_empty() {
                continue;
            }
            println!();
            println!(
                "{what:<32} {:>8} {:>8} {:>12} {:>8} {:>10}",
                "pages", "p75 ms", "fast enough", "INP ms", "burn 3 d"
            );
            for line in lines {
                line.say();
            }
        }
    }
}

impl Line {
    fn say(&self) {
        let figures = &self.figures;
        println!(
            "{:<32} {:>8} {:>8} {:>12} {:>8} {:>10}",
            self.name.as_deref().unwrap_or("(none)"),
            figures.loads,
            number(figures.lcp_ms.p75),
            text(figures.fast_enough.as_ref()),
            number(figures.inp_ms.p75),
            text(figures.burn.three_days.as_ref()),
        );
    }
}

impl Figures {
    fn say(&self) {
        println!(
            "{} pages, {} of them fast enough: {}",
            self.loads,
            text(self.fast_enough.as_ref()),
            match self.kept {
                Some(true) => "kept",
                Some(false) => "not kept",
                None => "nothing was reported",
            }
        );
        println!(
            "largest part: half {} ms, three quarters {} ms, 95 % {} ms",
            number(self.lcp_ms.p50),
            number(self.lcp_ms.p75),
            number(self.lcp_ms.p95)
        );
        println!(
            "allowance used: {} times in the last hour, {} in 6 hours, {} in 3 days",
            text(self.burn.hour.as_ref()),
            text(self.burn.six_hours.as_ref()),
            text(self.burn.three_days.as_ref())
        );
        println!(
            "errors: {} thrown, {} rejected promises",
            self.script_errors, self.promise_errors
        );
    }
}

fn number(value: Option<u32>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn text(value: Option<&String>) -> &str {
    value.map_or("-", String::as_str)
}
