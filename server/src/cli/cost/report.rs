//! `weir cost report`.

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Deserialize;

use super::budget::One;
use super::bytes;
use crate::cli::Outcome;
use crate::cli::server::Server;
use crate::cli::when;

/// From this part of a budget on, a report finds something.
const NEARLY: u64 = 80;

/// Says what answers cost.
#[derive(Debug, Args)]
pub(in crate::cli) struct Report {
    #[command(flatten)]
    server: Server,
    /// From this moment or day on; a week before the end unless said.
    #[arg(long, value_name = "TIME", value_parser = when::start)]
    from: Option<DateTime<Utc>>,
    /// Up to this moment or the end of this day; now unless said.
    #[arg(long, value_name = "TIME", value_parser = when::end)]
    to: Option<DateTime<Utc>>,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
struct Costs {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    price_per_tb: String,
    total: Figures,
    dashboards: Vec<Line>,
    business_units: Vec<Line>,
    budgets: Vec<One>,
}

#[derive(Debug, Deserialize)]
struct Line {
    #[serde(alias = "dashboard", alias = "business_unit")]
    name: Option<String>,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Deserialize)]
struct Figures {
    views: u64,
    billed_bytes: u64,
    dollars: String,
    bytes_per_view: Option<u64>,
    dollars_per_1000_views: Option<String>,
    tile_hit_rate: Option<String>,
    view_hit_rate: Option<String>,
    byte_hit_rate: Option<String>,
    coalesced_rate: Option<String>,
    avoided_bytes: u64,
    avoided_dollars: String,
}

impl Report {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let span = when::span(self.from, self.to);
        let query: Vec<_> = span.iter().map(|(name, at)| (*name, at.as_str())).collect();
        let reply = api.get("/api/v1/costs", &query).await?;
        let costs: Costs = reply.read()?;
        if self.json {
            println!("{}", reply.body);
        } else {
            costs.say();
        }
        let nearly = costs
            .budgets
            .iter()
            .any(|budget| budget.percent() >= NEARLY);
        Ok(if nearly {
            Outcome::Findings
        } else {
            Outcome::Fine
        })
    }
}

impl Costs {
    fn say(&self) {
        let day = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
        println!("{} to {}", day(self.from), day(self.to));
        println!(
            "Dollars are an estimate at {} USD a terabyte.",
            self.price_per_tb
        );
        println!();
        self.total.say();
        for (what, lines) in [
            ("dashboard", &self.dashboards),
            ("business unit", &self.business_units),
        ] {
            if lines.is_empty() {
                continue;
            }
            println!();
            println!(
                "{what:<24} {:>8} {:>10} {:>12} {:>12} {:>12}",
                "views", "billed", "USD", "a view", "USD/1000"
            );
            for line in lines {
                line.say();
            }
        }
        for budget in &self.budgets {
            println!();
            budget.say();
        }
    }
}

impl Line {
    fn say(&self) {
        let figures = &self.figures;
        println!(
            "{:<24} {:>8} {:>10} {:>12} {:>12} {:>12}",
            self.name.as_deref().unwrap_or("(none)"),
            figures.views,
            bytes(figures.billed_bytes),
            figures.dollars,
            figures.bytes_per_view.map_or_else(nothing, bytes),
            figures
                .dollars_per_1000_views
                .clone()
                .unwrap_or_else(nothing),
        );
    }
}

impl Figures {
    fn say(&self) {
        let rate = |rate: &Option<String>| rate.clone().unwrap_or_else(nothing);
        println!(
            "{} billed ({} USD) for {} views: {} and {} USD for a thousand",
            bytes(self.billed_bytes),
            self.dollars,
            self.views,
            self.bytes_per_view.map_or_else(nothing, bytes) + " a view",
            rate(&self.dollars_per_1000_views),
        );
        println!(
            "hit rates: tiles {}, views {}, bytes {}; coalesced {}",
            rate(&self.tile_hit_rate),
            rate(&self.view_hit_rate),
            rate(&self.byte_hit_rate),
            rate(&self.coalesced_rate),
        );
        println!(
            "not billed again: {} ({} USD)",
            bytes(self.avoided_bytes),
            self.avoided_dollars
        );
    }
}

fn nothing() -> String {
    "-".to_owned()
}
