//! `weir policy push`: the folder's files as a draft, in one request and one transaction.

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::remote::{self, DRAFTS, Draft, absent};
use crate::cli::Outcome;
use crate::cli::folders::{Folders, tree};
use crate::cli::server::{Api, ApiError, Refusal, Reply, Server};

/// Pushes the folder.
#[derive(Debug, Args)]
pub(in crate::cli) struct Push {
    #[command(flatten)]
    folders: Folders,
    #[command(flatten)]
    server: Server,
    /// What the change is about, in a line.
    #[arg(long, short, default_value = "Pushed from the command line")]
    message: String,
    /// The revision the files were made from; the newest by default.
    #[arg(long, value_name = "REVISION")]
    base: Option<u64>,
    /// Hands the draft in for review, too.
    #[arg(long)]
    submit: bool,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// What became of it.
enum Pushed {
    /// The revision has these files.
    InForce(u64),
    /// A draft has them: a new one, or one that was there.
    Draft {
        draft: Draft,
        new: bool,
        widening: bool,
    },
    /// They can't be used.
    Refused(Box<Refusal>),
}

impl Push {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let pushed = self.push(&api).await?;
        if self.json {
            println!("{}", pushed.to_json());
        } else {
            pushed.print();
        }
        Ok(match pushed {
            Pushed::Refused(_) => Outcome::Findings,
            _ => Outcome::Fine,
        })
    }

    async fn push(&self, api: &Api) -> anyhow::Result<Pushed> {
        let files = self.folders.files()?;
        let content = tree(&files)?.hash().to_string();
        let newest = remote::newest(api).await;
        let newest = newest.context("the newest revision can't be read")?;
        if newest.content == content {
            return Ok(Pushed::InForce(newest.number));
        }
        let base = self.base.unwrap_or(newest.number);
        if !self.json {
            println!("Pushing {} files over revision {base}.", files.len());
        }
        let wish = json!({
            "title": self.message,
            "base": base,
            "files": files,
            "origin": "push",
        });
        let reply = match api.post(DRAFTS, &wish, None).await {
            Ok(reply) => reply,
            Err(ApiError::Refused(refusal)) if refusal.code == "content-invalid" => {
                return Ok(Pushed::Refused(refusal));
            }
            Err(ApiError::Refused(refusal)) if refusal.code == "draft-outdated" => {
                let latest = refusal.more.get("latest").and_then(Value::as_u64);
                let latest = latest.unwrap_or(newest.number);
                anyhow::bail!(
                    "revision {latest} came into force after revision {base}, which your files were \
                     made from: merge it (weir policy export --revision {latest}) and push again"
                )
            }
            Err(error) => return Err(absent(error, "such API")),
        };
        self.pushed(api, &reply).await
    }

    async fn pushed(&self, api: &Api, reply: &Reply) -> anyhow::Result<Pushed> {
        let mut draft: Draft = reply.read()?;
        let checked = remote::check(api, draft.id).await?;
        if self.submit && draft.state == "editing" {
            let path = format!("{DRAFTS}/{}/submit", draft.id);
            let reply = api.post(&path, &json!({}), reply.tag.as_deref()).await;
            let reply = reply.with_context(|| format!("draft {} is not handed in", draft.id))?;
            draft = reply.read()?;
        }
        Ok(Pushed::Draft {
            draft,
            new: reply.status == reqwest::StatusCode::CREATED,
            widening: checked.body.get("widening") != Some(&Value::Bool(false)),
        })
    }
}

impl Pushed {
    fn to_json(&self) -> Value {
        match self {
            Self::InForce(revision) => json!({ "outcome": "unchanged", "revision": revision }),
            Self::Draft {
                draft,
                new,
                widening,
            } => json!({
                "outcome": if *new { "opened" } else { "unchanged" },
                "draft": draft.id,
                "state": draft.state,
                "base": draft.base,
                "widening": widening,
                "approvals_required": draft.approvals_required,
            }),
            Self::Refused(refusal) => json!({
                "outcome": "refused",
                "findings": refusal.findings,
                "message": refusal.to_string(),
            }),
        }
    }

    fn print(&self) {
        match self {
            Self::InForce(revision) => {
                println!("Nothing to do: revision {revision} has exactly these files.");
            }
            Self::Draft {
                draft,
                new,
                widening,
            } => {
                if *new {
                    println!("Draft {} is open over revision {}.", draft.id, draft.base);
                } else {
                    println!("Nothing to do: draft {} has exactly these files.", draft.id);
                }
                println!("{}", if *widening { WIDENING } else { NARROW });
                println!("{}", next(draft));
            }
            Self::Refused(refusal) if refusal.findings.is_empty() => {
                println!("Nothing was pushed. {refusal}");
            }
            Self::Refused(refusal) => {
                println!("Nothing was pushed: the files can't be used.");
                for finding in &refusal.findings {
                    println!("  {finding}");
                }
            }
        }
    }
}

const WIDENING: &str =
    "It is widening: somebody would see more than before. Two people have to approve it.";
const NARROW: &str =
    "It is not widening: nobody would see more than before. One person has to approve it.";

/// What somebody has to do now.
fn next(draft: &Draft) -> String {
    let id = draft.id;
    match draft.state.as_str() {
        "editing" => format!(
            "Next: look at `weir policy impact {id}`, and hand it in with `weir policy push --submit`."
        ),
        "in_review" => "Next: somebody who had no part in it approves it.".to_owned(),
        state => format!("It is {state}."),
    }
}
