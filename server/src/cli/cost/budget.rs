//! `weir cost budget`.

use clap::{Args, Subcommand};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::bytes;
use crate::cli::Outcome;
use crate::cli::server::{ApiError, Server};

const BUDGETS: &str = "/api/v1/budgets";

/// Budgets for a day (UTC). What one has no room for is not computed: readers see what was computed
/// before, or that the budget is spent.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Budget {
    /// Lists budgets, and how far they are used today.
    List(List),
    /// Sets a budget, or replaces it.
    Set(Set),
    /// Removes a budget.
    Remove(Remove),
}

/// For what: exactly one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Scope {
    /// Everything together.
    #[arg(long)]
    all: bool,
    /// What is computed before anybody asks.
    #[arg(long)]
    prewarm: bool,
    /// What is asked for one dashboard.
    #[arg(long, value_name = "SLUG")]
    dashboard: Option<String>,
    /// What people of one unit ask.
    #[arg(long, value_name = "UNIT")]
    business_unit: Option<String>,
}

/// Lists.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    server: Server,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

/// Sets.
#[derive(Debug, Args)]
pub(in crate::cli) struct Set {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    scope: Scope,
    /// Bytes that may be billed in a day.
    #[arg(long, value_name = "BYTES", required_unless_present = "dollars")]
    bytes: Option<u64>,
    /// Dollars that may be spent in a day; with bytes, the smaller counts.
    #[arg(long, value_name = "USD")]
    dollars: Option<String>,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

/// Removes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Remove {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    scope: Scope,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

/// A budget and how far it is used.
#[derive(Debug, Deserialize)]
pub(super) struct One {
    scope: String,
    dollars_per_day: Option<String>,
    limit_bytes: u64,
    spent_bytes: u64,
    reserved_bytes: u64,
}

#[derive(Debug, Deserialize)]
struct Budgets {
    budgets: Vec<One>,
}

impl One {
    /// How much of it is spent.
    pub(super) fn percent(&self) -> u64 {
        let spent = u128::from(self.spent_bytes) * 100;
        let percent = spent.checked_div(u128::from(self.limit_bytes));
        percent.map_or(100, |percent| u64::try_from(percent).unwrap_or(u64::MAX))
    }

    pub(super) fn say(&self) {
        let dollars = self.dollars_per_day.as_ref();
        let dollars = dollars.map_or_else(String::new, |dollars| format!(" ({dollars} USD)"));
        println!(
            "{}: {}% of {}{dollars} today; {} spent, {} under way",
            self.scope,
            self.percent(),
            bytes(self.limit_bytes),
            bytes(self.spent_bytes),
            bytes(self.reserved_bytes),
        );
    }
}

impl Budget {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::List(list) => list.run().await,
            Self::Set(set) => set.run().await,
            Self::Remove(remove) => remove.run().await,
        }
    }
}

impl Scope {
    fn spelled(&self) -> String {
        match (&self.dashboard, &self.business_unit) {
            (Some(dashboard), _) => format!("dashboard:{dashboard}"),
            (_, Some(unit)) => format!("business_unit:{unit}"),
            _ if self.prewarm => "prewarm".to_owned(),
            _ => "all".to_owned(),
        }
    }

    fn path(&self) -> String {
        let spelled = self.spelled();
        format!(
            "{BUDGETS}/{}",
            utf8_percent_encode(&spelled, NON_ALPHANUMERIC)
        )
    }
}

impl List {
    async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let reply = api.get(BUDGETS, &[]).await?;
        let found: Budgets = reply.read()?;
        if self.json {
            println!("{}", reply.body);
        } else if found.budgets.is_empty() {
            println!("nothing has a budget");
        }
        for one in found.budgets.iter().filter(|_| !self.json) {
            one.say();
        }
        Ok(Outcome::Fine)
    }
}

impl Set {
    async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let path = self.scope.path();
        let seen = match api.get(&path, &[]).await {
            Ok(reply) => reply.tag,
            Err(ApiError::Refused(refusal)) if refusal.code == "not-found" => None,
            Err(error) => return Err(error.into()),
        };
        let mut wish = Map::new();
        if let Some(bytes) = self.bytes {
            wish.insert("bytes_per_day".to_owned(), json!(bytes));
        }
        if let Some(dollars) = &self.dollars {
            wish.insert("dollars_per_day".to_owned(), json!(dollars));
        }
        let reply = api
            .put(&path, &Value::Object(wish), seen.as_deref())
            .await?;
        if self.json {
            println!("{}", reply.body);
        } else {
            reply.read::<One>()?.say();
        }
        Ok(Outcome::Fine)
    }
}

impl Remove {
    async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let path = self.scope.path();
        let seen = api.get(&path, &[]).await?.tag;
        api.delete(&path, seen.as_deref()).await?;
        let scope = self.scope.spelled();
        if self.json {
            println!("{}", json!({ "removed": scope }));
        } else {
            println!("{scope} has no budget any more");
        }
        Ok(Outcome::Fine)
    }
}
