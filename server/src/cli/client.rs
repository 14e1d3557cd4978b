//! `weir client`: embed clients of a running Weir. A registration is a JSON document, kept where its
//! owner keeps such things, and put as a whole.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Outcome;
use super::server::{Api, ApiError, Reply, Server};

const CLIENTS: &str = "/api/v1/embed-clients";

/// Embed clients.
#[derive(Debug, Subcommand)]
pub(super) enum Client {
    /// Every client: what it may embed, and from where.
    List(List),
    /// One client: its registration and its live secrets.
    Show(One),
    /// Registers a client, or replaces its registration.
    Put(Put),
    /// Removes a client with its secrets.
    Delete(One),
    /// Makes a secret and says it once. Where two are live, the older one ends.
    RotateSecret(One),
    /// Takes a secret back.
    RemoveSecret(RemoveSecret),
}

/// Lists.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    server: Server,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// About one client.
#[derive(Debug, Args)]
pub(super) struct One {
    /// The client.
    id: String,
    #[command(flatten)]
    server: Server,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// Puts a registration.
#[derive(Debug, Args)]
pub(super) struct Put {
    #[command(flatten)]
    one: One,
    /// The registration, a JSON document.
    #[arg(long, short, value_name = "FILE")]
    file: PathBuf,
}

/// Takes a secret back.
#[derive(Debug, Args)]
pub(super) struct RemoveSecret {
    #[command(flatten)]
    one: One,
    /// The secret's id, as `weir client show` says it.
    #[arg(long, value_name = "ID")]
    secret: String,
}

impl Client {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::List(command) => command.run().await,
            Self::Show(one) => one.show().await,
            Self::Put(command) => command.run().await,
            Self::Delete(one) => one.delete().await,
            Self::RotateSecret(one) => one.rotate().await,
            Self::RemoveSecret(command) => command.run().await,
        }
    }
}

impl List {
    async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let reply = api.get(CLIENTS, &[]).await;
        let reply = reply.map_err(|error| absent(error, "such API"))?;
        if self.json {
            println!("{}", reply.body);
            return Ok(Outcome::Fine);
        }
        let clients = list(&reply.body, "/clients");
        if clients.is_empty() {
            println!("No client is registered.");
        }
        for client in clients {
            let part = |name: &str| words(client.pointer(&format!("/registration/{name}")));
            let inactive = client.pointer("/registration/active") == Some(&json!(false));
            let mark = if inactive { " (inactive)" } else { "" };
            println!("{}{mark}", text(client, "/id"));
            println!("  embeds {} from {}", part("dashboards"), part("origins"));
            println!("  speaks for {}", part("business_units"));
        }
        Ok(Outcome::Fine)
    }
}

impl One {
    /// The client as it is, with the tag of that.
    async fn read(&self) -> anyhow::Result<(Api, Reply)> {
        let api = self.server.connect().await?;
        let reply = api.get(&self.path(), &[]).await;
        let reply = reply.map_err(|error| absent(error, &format!("client `{}`", self.id)))?;
        Ok((api, reply))
    }

    fn path(&self) -> String {
        format!("{CLIENTS}/{}", self.id)
    }

    async fn show(self) -> anyhow::Result<Outcome> {
        let (_, reply) = self.read().await?;
        if self.json {
            println!("{}", reply.body);
        } else {
            println!("{}", pretty(reply.body.get("registration"))?);
            secrets(&reply.body);
            warnings(&reply.body);
        }
        Ok(Outcome::Fine)
    }

    async fn delete(self) -> anyhow::Result<Outcome> {
        let (api, reply) = self.read().await?;
        api.delete(&self.path(), reply.tag.as_deref()).await?;
        if self.json {
            println!("{}", json!({ "outcome": "deleted", "id": self.id }));
        } else {
            println!("{} is deleted. It gets no token any more.", self.id);
        }
        Ok(Outcome::Fine)
    }

    async fn rotate(self) -> anyhow::Result<Outcome> {
        let (api, reply) = self.read().await?;
        let path = format!("{}/secrets", self.path());
        let made = api.post(&path, &json!({}), reply.tag.as_deref()).await?;
        if self.json {
            println!("{}", made.body);
            return Ok(Outcome::Fine);
        }
        println!("{}", text(&made.body, "/secret"));
        let id = text(&made.body, "/id");
        // On stderr, so that the secret alone goes into a file or a pipe.
        eprintln!(
            "This is the secret {id} of {}. It is said this once.",
            self.id
        );
        let client = made.body.get("client").cloned().unwrap_or_default();
        let live = list(&client, "/secrets").iter().map(|one| text(one, "/id"));
        for old in live.filter(|live| *live != id) {
            eprintln!("Once the client uses it, end the old one:");
            eprintln!("  weir client remove-secret {} --secret {old}", self.id);
        }
        Ok(Outcome::Fine)
    }
}

impl Put {
    async fn run(self) -> anyhow::Result<Outcome> {
        let file = self.file.display();
        let text = std::fs::read_to_string(&self.file);
        let text = text.with_context(|| format!("`{file}` can't be read"))?;
        let document: Value =
            serde_json::from_str(&text).with_context(|| format!("`{file}` is no JSON document"))?;
        let one = self.one;
        let api = one.server.connect().await?;
        let seen = match api.get(&one.path(), &[]).await {
            Ok(reply) => reply.tag,
            Err(ApiError::Refused(refusal)) if refusal.code == "not-found" => None,
            Err(error) => return Err(error.into()),
        };
        let reply = match api.put(&one.path(), &document, seen.as_deref()).await {
            Ok(reply) => reply,
            Err(ApiError::Refused(refusal)) if refusal.code == "registration-invalid" => {
                if one.json {
                    println!(
                        "{}",
                        json!({ "outcome": "refused", "message": refusal.to_string() })
                    );
                } else {
                    println!("Nothing was registered. {refusal}");
                }
                return Ok(Outcome::Findings);
            }
            Err(error) => return Err(absent(error, "such API")),
        };
        if one.json {
            println!("{}", reply.body);
        } else {
            let is_new = reply.status == reqwest::StatusCode::CREATED;
            let did = if is_new { "registered" } else { "changed" };
            println!(
                "{} is {did}. It holds everywhere within five seconds.",
                one.id
            );
            if is_new {
                println!("Next: weir client rotate-secret {}", one.id);
            }
            warnings(&reply.body);
        }
        Ok(Outcome::Fine)
    }
}

impl RemoveSecret {
    async fn run(self) -> anyhow::Result<Outcome> {
        let (api, reply) = self.one.read().await?;
        let path = format!("{}/secrets/{}", self.one.path(), self.secret);
        let what = format!("secret `{}` of that client", self.secret);
        api.delete(&path, reply.tag.as_deref())
            .await
            .map_err(|error| absent(error, &what))?;
        if self.one.json {
            println!("{}", json!({ "outcome": "removed", "secret": self.secret }));
        } else {
            println!(
                "The secret {} is removed. Nobody gets a token with it any more.",
                self.secret
            );
        }
        Ok(Outcome::Fine)
    }
}

fn secrets(client: &Value) {
    for secret in list(client, "/secrets") {
        let (id, at) = (text(secret, "/id"), text(secret, "/created_at"));
        println!(
            "secret {id}, made {at} by {}",
            text(secret, "/created_by/name")
        );
    }
}

fn warnings(client: &Value) {
    for warning in list(client, "/warnings") {
        let (pointer, detail) = (text(warning, "/pointer"), text(warning, "/detail"));
        println!("Warning: {pointer}: {detail}");
    }
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default()
}

/// "auto, home", or that it is nothing.
fn words(list: Option<&Value>) -> String {
    let list = list.and_then(Value::as_array).map(Vec::as_slice);
    let words: Vec<&str> = list
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    }
}

fn pretty(document: Option<&Value>) -> anyhow::Result<String> {
    let document = document.context("the server sends no registration")?;
    Ok(serde_json::to_string_pretty(document)?)
}

/// "Not found" is also what somebody is told who is no admin (A1), so both are said.
fn absent(error: ApiError, what: &str) -> anyhow::Error {
    match error {
        ApiError::Refused(refusal) if refusal.code == "not-found" => anyhow::anyhow!(
            "the server has no {what}, or you are no governance admin there: {refusal}"
        ),
        other => other.into(),
    }
}
