//! `weir policy diff`: what the second says that the first did not, rule by rule and in words.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use weir_policy::{Locale, Revision};
use weir_server::content::Content;
use weir_server::service::governance::Difference;

use super::remote::{self, Files, absent};
use crate::cli::Outcome;
use crate::cli::folders::Folders;
use crate::cli::server::{Api, Server};

/// Compares two of them.
#[derive(Debug, Args)]
pub(in crate::cli) struct Diff {
    /// A revision's number, `draft:NUMBER`, or a folder with `policies/` and `dashboards/`.
    from: Side,
    /// Likewise.
    to: Side,
    #[command(flatten)]
    server: Server,
    /// The language of the sentences: `en-CA` or `fr-CA`.
    #[arg(long, default_value = "en-CA", value_parser = super::explain::locale)]
    locale: Locale,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

/// One side.
#[derive(Debug, Clone)]
enum Side {
    Revision(u64),
    Draft(u64),
    Folder(PathBuf),
}

impl std::str::FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Revision(number));
        }
        match text.strip_prefix("draft:") {
            Some(number) => number
                .parse()
                .map(Self::Draft)
                .map_err(|_| "expected a draft's number, like draft:7".to_owned()),
            None => Ok(Self::Folder(text.into())),
        }
    }
}

/// What a comparison says, whoever made it.
#[derive(Debug, Deserialize)]
struct Said {
    widening: bool,
    reasons: Vec<Value>,
    in_words: Vec<Words>,
}

#[derive(Debug, Deserialize)]
struct Words {
    dataset: String,
    id: String,
    before: Option<Sentence>,
    after: Option<Sentence>,
}

/// The same in both languages.
#[derive(Debug, Deserialize)]
pub(super) struct Sentence {
    en: String,
    fr: String,
}

impl Sentence {
    pub(super) fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::EnCa => &self.en,
            Locale::FrCa => &self.fr,
        }
    }
}

impl Diff {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let difference = self.difference().await?;
        if self.json {
            println!("{difference}");
        } else {
            let said: Said = serde_json::from_value(difference)
                .context("the server does not answer as a Weir of this version does")?;
            said.print(self.locale);
        }
        Ok(Outcome::Fine)
    }

    /// Two revisions are compared by the server, which knows what it once published; anything else
    /// is compared here.
    async fn difference(&self) -> anyhow::Result<Value> {
        if let (Side::Revision(from), Side::Revision(to)) = (&self.from, &self.to) {
            let api = self.server.connect().await?;
            let query = [("from", &*from.to_string()), ("to", &*to.to_string())];
            let reply = api.get("/api/v1/policies/diff", &query).await;
            let reply = reply.map_err(|error| absent(error, "such revision"))?;
            return Ok(reply.body);
        }
        let folders = matches!((&self.from, &self.to), (Side::Folder(_), Side::Folder(_)));
        let api = if folders {
            None
        } else {
            Some(self.server.connect().await?)
        };
        let before = self.from.content(api.as_ref()).await?;
        let after = self.to.content(api.as_ref()).await?;
        Ok(serde_json::to_value(Difference::between(&before, &after))?)
    }
}

impl Side {
    async fn content(&self, api: Option<&Api>) -> anyhow::Result<Content> {
        let files = match (self, api) {
            (Self::Folder(folder), _) => return Folders::below(folder).content(),
            (Self::Revision(number), Some(api)) => remote::files_of_revision(api, *number).await?,
            (Self::Draft(id), Some(api)) => remote::files_of_draft(api, *id).await?,
            (_, None) => anyhow::bail!("name a server: --server, or WEIR_SERVER"),
        };
        content(&files)
    }
}

fn content(files: &Files) -> anyhow::Result<Content> {
    let files = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    Ok(Content::read(files, Revision::new(0))?)
}

impl Said {
    fn print(&self, locale: Locale) {
        if self.in_words.is_empty() {
            println!("No rule differs.");
        }
        let mut dataset = "";
        for words in &self.in_words {
            if words.dataset != dataset {
                dataset = &words.dataset;
                println!("{dataset}");
            }
            let say = |sentence: &Sentence| sentence.get(locale).to_owned();
            match (&words.before, &words.after) {
                (None, Some(new)) => println!("  + {}: {}", words.id, say(new)),
                (Some(old), None) => println!("  - {}: {}", words.id, say(old)),
                (before, after) => {
                    println!("  ~ {}", words.id);
                    println!(
                        "      was: {}",
                        before.as_ref().map(say).unwrap_or_default()
                    );
                    println!("      is:  {}", after.as_ref().map(say).unwrap_or_default());
                }
            }
        }
        for reason in &self.reasons {
            match reason.get("dataset_rows").and_then(Value::as_str) {
                Some(dataset) => println!("{dataset} reads other rows."),
                None => println!("The claim mapping differs: people may get other claims."),
            }
        }
        println!(
            "{}",
            if self.widening {
                "Widening: somebody would see more than before, or nobody can say that nobody would."
            } else {
                "Not widening: nobody would see more than before."
            }
        );
    }
}
