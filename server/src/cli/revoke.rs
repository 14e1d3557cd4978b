//! `weir revoke`: embed tokens taken back, at a server.

use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::Outcome;
use super::server::Server;

/// Revokes embed tokens, everywhere within 5 seconds.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("target").required(true).multiple(false))]
pub(super) struct Revoke {
    #[command(flatten)]
    server: Server,
    /// One token, by its id.
    #[arg(long, group = "target", value_name = "ID")]
    jti: Option<String>,
    /// A token and all that were got by it.
    #[arg(long, group = "target", value_name = "ID")]
    family: Option<String>,
    /// All tokens about somebody, and their sessions: who vouches for them, and who they are there.
    #[arg(long, group = "target", num_args = 2, value_names = ["ISSUER", "SUB"])]
    subject: Option<Vec<String>>,
    /// All tokens that carry a business unit, alone or among others.
    #[arg(long, group = "target", value_name = "UNIT")]
    business_unit: Option<String>,
    /// All tokens for a dashboard.
    #[arg(long, group = "target", value_name = "SLUG")]
    dashboard: Option<String>,
    /// All tokens that a client asked for.
    #[arg(long, group = "target", value_name = "ID")]
    client: Option<String>,
    /// Every token.
    #[arg(long, group = "target")]
    all: bool,
    /// Why, in a line, for whoever asks later.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

impl Revoke {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let wish = json!({ "target": self.target(), "reason": self.reason });
        let reply = api.post("/api/v1/embed-tokens/revoke", &wish, None).await?;
        if self.json {
            println!("{}", reply.body);
            return Ok(Outcome::Fine);
        }
        let number = reply.body.pointer("/revocation/number");
        let number = number.map(ToString::to_string).unwrap_or_default();
        println!("revoked: number {number}, in force everywhere within 5 seconds");
        Ok(Outcome::Fine)
    }

    fn target(&self) -> Value {
        let named = [
            ("jti", &self.jti),
            ("family", &self.family),
            ("business_unit", &self.business_unit),
            ("dashboard", &self.dashboard),
            ("client", &self.client),
        ];
        let mut named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)));
        if let Some((name, value)) = named.next() {
            return json!({ name: value });
        }
        match self.subject.as_deref() {
            Some([issuer, sub]) => json!({ "subject": { "issuer": issuer, "sub": sub } }),
            _ => json!({ "all": self.all }),
        }
    }
}
