//! `weir policy explain`: what somebody may see of a dataset, through which rules, and which
//! comparison shows or hides one row.

mod keyed;

use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use weir_policy::Locale;
use weir_server::service::governance::{Explained, Question};

use self::keyed::KeyedRow;
use super::diff::Sentence;
use crate::cli::Outcome;
use crate::cli::folders::Folders;
use crate::cli::server::Server;

/// Explains one dataset for one person: by the server when one is named, by the folder otherwise.
#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// The dataset: `gold.statements`.
    #[arg(long)]
    dataset: String,
    /// A sample person of `personas.yaml`.
    #[arg(long, conflicts_with_all = ["roles", "business_units", "attributes"])]
    persona: Option<String>,
    /// A role they hold; may be given several times.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// A business unit of theirs; may be given several times.
    #[arg(long = "business-unit")]
    business_units: Vec<String>,
    /// An attribute they carry, as `name=value`; may be given several times.
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, String)>,
    /// A value of a row's key, as `name=value`; may be given several times. Why that row is seen or
    /// not: the server looks it up, and puts the question on record.
    #[arg(long = "key", value_name = "NAME=VALUE", value_parser = key, conflicts_with = "offline")]
    key: Vec<(String, String)>,
    /// The language of the sentences: `en-CA` or `fr-CA`.
    #[arg(long, default_value = "en-CA", value_parser = locale)]
    locale: Locale,
    /// Asks the folder although a server is named.
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    folders: Folders,
    #[command(flatten)]
    server: Server,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

/// A locale by its tag.
pub(super) fn locale(tag: &str) -> Result<Locale, String> {
    Locale::from_tag(tag).ok_or_else(|| "expected en-CA or fr-CA".to_owned())
}

fn attribute(text: &str) -> Result<(String, String), String> {
    named("attribute", text)
}

fn key(text: &str) -> Result<(String, String), String> {
    named("key", text)
}

fn named(kind: &str, text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((format!("{kind}.{name}"), value.to_owned()))
}

/// An explanation, whoever gave it.
#[derive(Debug, Deserialize)]
struct Said {
    dataset: String,
    outcome: Decision,
    rows: Option<Sentence>,
    rules: Vec<Rule>,
    rules_in_words: Vec<Words>,
    columns: Vec<Column>,
    #[serde(default)]
    keyed: Option<Vec<KeyedRow>>,
}

#[derive(Debug, Deserialize)]
struct Decision {
    granted: bool,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Words {
    id: String,
    applied: bool,
    sentence: Sentence,
}

#[derive(Debug, Deserialize)]
struct Column {
    #[serde(rename = "column")]
    name: String,
    shown: Value,
    rule: Option<String>,
}

impl Explain {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let pairs = self.pairs();
        let asks_server = self.server.is_named() && !self.offline;
        if !asks_server && !self.key.is_empty() {
            anyhow::bail!("--key needs a server, which has the rows: name one with --server");
        }
        let explained = if asks_server {
            let api = self.server.connect().await?;
            api.get("/api/v1/explain", &pairs).await?.body
        } else {
            let content = self.folders.content()?;
            let asked = Question::read(pairs, &content)?;
            serde_json::to_value(Explained::of(&asked, &content)?)?
        };
        if self.json {
            println!("{explained}");
        } else {
            let said: Said = serde_json::from_value(explained)?;
            said.print(self.locale);
        }
        Ok(Outcome::Fine)
    }

    fn pairs(&self) -> Vec<(&str, &str)> {
        let persona = self
            .persona
            .iter()
            .map(|persona| ("persona", persona.as_str()));
        let roles = self.roles.iter().map(|role| ("role", role.as_str()));
        let units = self.business_units.iter();
        let units = units.map(|unit| ("business_unit", unit.as_str()));
        let attributes = self.attributes.iter();
        let attributes = attributes.map(|(name, value)| (name.as_str(), value.as_str()));
        let key = self.key.iter();
        let key = key.map(|(name, value)| (name.as_str(), value.as_str()));
        std::iter::once(("dataset", self.dataset.as_str()))
            .chain(persona)
            .chain(roles)
            .chain(units)
            .chain(attributes)
            .chain(key)
            .collect()
    }
}

impl Said {
    fn print(&self, locale: Locale) {
        let say = |en: &'static str, fr: &'static str| match locale {
            Locale::EnCa => en,
            Locale::FrCa => fr,
        };
        let dataset = &self.dataset;
        match (&self.rows, &self.outcome.reason) {
            (Some(rows), _) => {
                let where_ = say("rows where", "les lignes où");
                println!("{dataset}: {where_} {}", rows.get(locale));
            }
            (None, reason) => {
                let reason = reason.as_deref().unwrap_or_default();
                println!("{dataset}: {}. {reason}", say("nothing", "rien"));
            }
        }
        println!("{}", say("Rules:", "Règles :"));
        for (words, rule) in self.rules_in_words.iter().zip(&self.rules) {
            let mark = if words.applied {
                say("applies ", "s’applique")
            } else {
                say("does not", "non       ")
            };
            println!("  {mark}  {}: {}", words.id, words.sentence.get(locale));
            if let Some(reason) = &rule.reason {
                println!("            {reason}");
            }
        }
        if self.outcome.granted {
            print_columns(&self.columns, say);
        }
        if let Some(rows) = &self.keyed {
            keyed::print(rows, locale);
        }
    }
}

fn print_columns(columns: &[Column], say: impl Fn(&'static str, &'static str) -> &'static str) {
    let limited = columns.iter().filter(|column| column.shown != "visible");
    let limited: Vec<_> = limited.collect();
    if limited.is_empty() {
        return;
    }
    let title = say(
        "Columns that are not shown as they are:",
        "Colonnes qui ne sont pas montrées telles quelles :",
    );
    println!("{title}");
    for column in limited {
        let how = match &column.shown {
            Value::String(_) => say("hidden", "cachée").to_owned(),
            other => format!("{} ({})", say("masked", "masquée"), mask(other)),
        };
        let by = column.rule.as_deref().unwrap_or("—");
        println!("  {}: {how}, {} {by}", column.name, say("by", "par"));
    }
}

/// A mask as its one word, whatever it carries besides.
fn mask(shown: &Value) -> String {
    match shown.get("masked") {
        Some(Value::String(mask)) => mask.clone(),
        Some(mask) => mask
            .as_object()
            .and_then(|o| o.keys().next())
            .cloned()
            .unwrap_or_default(),
        None => String::new(),
    }
}
