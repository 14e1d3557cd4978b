//! `weir keys`: the keys that sign embed tokens.

use std::path::PathBuf;

use anyhow::Context as _;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use weir_registry::{Registry, Retired, StoredKey};
use weir_server::clock::Clock;
use weir_server::config::Config;
use weir_server::service::signing::{Signing, is_live, verifies_until};

use super::Outcome;

/// The keys that sign embed tokens. They are kept in the registry, sealed under the master key.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Lists them, in the order in which they sign.
    List(Where),
    /// Makes a new key: published at once, it signs in ten seconds; the one before it is believed
    /// until its last token has ended. Run it as often as you like.
    Rotate(Where),
    /// Takes a key out at once, with every token it signed: for one that somebody else may have.
    Retire(Retire),
}

/// Where they are.
#[derive(Debug, Args)]
pub(super) struct Where {
    /// The configuration file of the server.
    #[arg(long, default_value = "weir.toml")]
    config: PathBuf,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

/// Which one.
#[derive(Debug, Args)]
pub(super) struct Retire {
    /// Its id, as `weir keys list` shows it.
    kid: String,
    /// The master key that it was sealed under is lost, and another one is configured now.
    #[arg(long)]
    lost: bool,
    #[command(flatten)]
    place: Where,
}

impl Keys {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let place = match &self {
            Self::List(place) | Self::Rotate(place) => place,
            Self::Retire(retire) => &retire.place,
        };
        let config = Config::load(&place.config)?;
        let registry = open(&config).await?;
        let master = config.embed.master_key().context(
            "weir keys needs the server's master key (in the demo it lives in the server alone)",
        )?;
        let store = registry.signing_keys().clone();
        let signing = Signing::new(store, master, config.embed.algorithm, Clock::system());
        let outcome = match &self {
            Self::List(place) => list(&signing, place.json).await,
            Self::Rotate(place) => rotate(&signing, place.json).await,
            Self::Retire(retire) => take_out(&signing, retire).await,
        };
        registry.close().await?;
        outcome
    }
}

async fn open(config: &Config) -> anyhow::Result<Registry> {
    use secrecy::ExposeSecret as _;
    let url = config.registry.url.expose_secret();
    Registry::open_with(url, config.registry.options()?)
        .await
        .context("the registry can't be read")
}

async fn list(signing: &Signing, as_json: bool) -> anyhow::Result<Outcome> {
    let (keys, now) = (signing.list().await?, Clock::system().now());
    if as_json {
        let keys: Vec<Value> = keys.iter().map(|key| told(key, now)).collect();
        println!("{}", json!({ "keys": keys }));
        return Ok(Outcome::Fine);
    }
    for key in &keys {
        let state = state(key, now);
        println!("{}  {}  {state:<8}  {}", key.kid, key.algorithm, when(key));
    }
    Ok(Outcome::Fine)
}

async fn rotate(signing: &Signing, as_json: bool) -> anyhow::Result<Outcome> {
    let made = signing.rotate().await?;
    let from = written(made.signs_from);
    if as_json {
        println!("{}", json!({ "kid": made.kid, "signs_from": from }));
    } else {
        println!("{} signs from {from} on", made.kid);
    }
    Ok(Outcome::Fine)
}

async fn take_out(signing: &Signing, retire: &Retire) -> anyhow::Result<Outcome> {
    let kid = &retire.kid;
    let retired = if retire.lost {
        signing.retire_lost(kid).await?
    } else {
        signing.retire(kid).await?
    };
    let (word, sentence, outcome) = match retired {
        Retired::Key => ("retired", "it is out", Outcome::Fine),
        Retired::Replaced => ("replaced", "it is out, and a new key signs", Outcome::Fine),
        Retired::Unknown => ("unknown", "there is no such key in use", Outcome::Findings),
    };
    if retire.place.json {
        println!("{}", json!({ "kid": kid, "outcome": word }));
    } else {
        println!("{kid}: {sentence}");
    }
    Ok(outcome)
}

fn state(key: &StoredKey, now: DateTime<Utc>) -> &'static str {
    if key.retired_at.is_some() {
        "retired"
    } else if !is_live(key, now) {
        "over"
    } else if now < key.signs_from {
        "waits"
    } else if key.signs_until.is_none_or(|until| now < until) {
        "signs"
    } else {
        "verifies"
    }
}

fn told(key: &StoredKey, now: DateTime<Utc>) -> Value {
    json!({
        "kid": key.kid, "algorithm": key.algorithm, "state": state(key, now),
        "created_at": written(key.created_at), "signs_from": written(key.signs_from),
        "signs_until": key.signs_until.map(written),
        "verifies_until": verifies_until(key).map(written),
        "retired_at": key.retired_at.map(written),
    })
}

fn when(key: &StoredKey) -> String {
    match (key.retired_at, verifies_until(key)) {
        (Some(retired), _) => format!("since {}", written(retired)),
        (None, Some(until)) => format!("until {}", written(until)),
        (None, None) => format!("from {}", written(key.signs_from)),
    }
}

fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
