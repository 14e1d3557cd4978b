//! `weir lockdown`: dashboards closed for the time being, at a server.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use super::Outcome;
use super::server::Server;

const LOCKDOWNS: &str = "/api/v1/lockdowns";

/// Closes dashboards and opens them again, everywhere within 5 seconds.
#[derive(Debug, Subcommand)]
pub(super) enum Lockdown {
    /// Closes: nobody sees it, viewers and members alike.
    Put(Put),
    /// Opens again.
    Lift(Lift),
    /// Lists what is closed, by whom and why. Exit code 1 when something is.
    List(List),
}

/// What: exactly one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Scope {
    /// Every dashboard.
    #[arg(long)]
    all: bool,
    /// One dashboard.
    #[arg(long, value_name = "SLUG")]
    dashboard: Option<String>,
    /// Every dashboard, for whoever carries a unit, alone or among others.
    #[arg(long, value_name = "UNIT")]
    business_unit: Option<String>,
}

/// Closes.
#[derive(Debug, Args)]
pub(super) struct Put {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    scope: Scope,
    /// Why, in a line, for whoever asks later.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

/// Opens again.
#[derive(Debug, Args)]
pub(super) struct Lift {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    scope: Scope,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

/// Lists.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    server: Server,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
struct Locked {
    lockdowns: Vec<One>,
}

#[derive(Debug, Deserialize)]
struct One {
    scope: String,
    by: Person,
    reason: String,
    at: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
struct Person {
    name: String,
}

impl Lockdown {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::Put(put) => put.run().await,
            Self::Lift(lift) => lift.run().await,
            Self::List(list) => list.run().await,
        }
    }
}

impl Scope {
    fn spelled(&self) -> String {
        match (&self.dashboard, &self.business_unit) {
            (Some(dashboard), _) => format!("dashboard:{dashboard}"),
            (_, Some(unit)) => format!("business_unit:{unit}"),
            _ => "all".to_owned(),
        }
    }

    fn path(&self) -> String {
        let spelled = self.spelled();
        format!(
            "{LOCKDOWNS}/{}",
            utf8_percent_encode(&spelled, NON_ALPHANUMERIC)
        )
    }
}

impl Put {
    async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let wish = json!({ "reason": self.reason });
        let reply = api.put(&self.scope.path(), &wish, None).await?;
        if self.json {
            println!("{}", reply.body);
        } else {
            let scope = self.scope.spelled();
            println!(
                "{scope} is closed everywhere within 5 seconds; `weir lockdown lift` opens it"
            );
        }
        Ok(Outcome::Fine)
    }
}

impl Lift {
    async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        api.delete(&self.scope.path(), None).await?;
        let scope = self.scope.spelled();
        if self.json {
            println!("{}", json!({ "lifted": scope }));
        } else {
            println!("{scope} is open everywhere within 5 seconds");
        }
        Ok(Outcome::Fine)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let reply = api.get(LOCKDOWNS, &[]).await?;
        let locked: Locked = reply.read()?;
        if self.json {
            println!("{}", reply.body);
        } else if locked.lockdowns.is_empty() {
            println!("nothing is closed");
        }
        for one in locked.lockdowns.iter().filter(|_| !self.json) {
            let at = one.at.format("%Y-%m-%d %H:%M UTC");
            println!(
                "{}  since {at} by {}: {}",
                one.scope, one.by.name, one.reason
            );
        }
        Ok(match locked.lockdowns.as_slice() {
            [] => Outcome::Fine,
            _ => Outcome::Findings,
        })
    }
}
