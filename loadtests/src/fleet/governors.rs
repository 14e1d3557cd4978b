//! Two governance admins with access tokens, who carry changes of the policies through.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::crowd::to_replica;
use crate::surroundings::{Answer, Web, Weir};

const DRAFTS: &str = "/api/v1/policies/drafts";

/// The client that people sign in with from a terminal.
const TERMINAL: &str = "weir-cli";

/// Who writes, and who approves.
const PERSONAS: [&str; 2] = ["governor-1", "governor-2"];

/// What a device grant is redeemed as (RFC 8628 §3.4).
const GRANT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";

/// Two admins of one replica, whose identity provider vouches for them.
pub(super) struct Governors<'a> {
    replica: &'a Weir,
    public: String,
    tokens: Vec<String>,
    files: Value,
    policy: String,
    revision: u64,
}

impl<'a> Governors<'a> {
    pub(super) async fn sign_in(replica: &'a Weir, public: &str) -> anyhow::Result<Self> {
        let provider = provider(replica)?;
        let mut tokens = Vec::new();
        for persona in PERSONAS {
            tokens.push(token(&provider, persona).await?);
        }
        let mut governors = Self {
            replica,
            public: public.to_owned(),
            tokens,
            files: Value::Null,
            policy: String::new(),
            revision: 0,
        };
        let policies = governors
            .ask(0, Method::GET, "/api/v1/policies", None)
            .await?;
        governors.revision = number(&policies.1, "/revision/number")?;
        let path = format!("/api/v1/policies/revisions/{}", governors.revision);
        let revision = governors.ask(0, Method::GET, &path, None).await?.1;
        let files = revision.get("files").context("a revision without files")?;
        let names = files.as_object().context("files are not an object")?;
        let policy = names.keys().find(|name| name.ends_with(".policy.yaml"));
        governors.policy = policy.context("there is no policy")?.clone();
        governors.files = files.clone();
        Ok(governors)
    }

    /// Publishes the policies with another comment, which changes nobody's rows. Gives the new
    /// revision's number.
    pub(super) async fn publish(&mut self) -> anyhow::Result<u64> {
        let policy = self.files.get(&self.policy).and_then(Value::as_str);
        let text = policy.context("the policy is gone")?;
        let comment = format!("# After revision {}.\n", self.revision);
        let text = text.split("# After revision").next().unwrap_or_default();
        let text = format!("{}\n{comment}", text.trim_end());
        if let Some(files) = self.files.as_object_mut() {
            files.insert(self.policy.clone(), Value::from(text));
        }
        let wish = json!({ "title": "A comment", "base": self.revision, "files": self.files });
        let (mut tag, draft) = self.ask(0, Method::POST, DRAFTS, Some((&wish, ""))).await?;
        let id = draft
            .get("id")
            .context("a draft without an id")?
            .to_string();
        for (who, step) in [(0, "submit"), (1, "approve"), (0, "publish")] {
            let path = format!("{DRAFTS}/{}/{step}", id.trim_matches('"'));
            let wish = json!({});
            tag = self
                .ask(who, Method::POST, &path, Some((&wish, &tag)))
                .await?
                .0;
        }
        self.revision += 1;
        Ok(self.revision)
    }

    /// The version of what was answered, and the answer.
    async fn ask(
        &self,
        who: usize,
        method: Method,
        path: &str,
        wish: Option<(&Value, &str)>,
    ) -> anyhow::Result<(String, Value)> {
        let uri = format!("{}{path}", self.replica.url());
        let token = self.tokens.get(who).context("no such admin")?;
        let mut request = to_replica(&self.public, &uri)
            .method(method)
            .header("authorization", format!("Bearer {token}"));
        let mut body = Full::default();
        if let Some((wish, tag)) = wish {
            request = request.header("content-type", "application/json");
            if !tag.is_empty() {
                request = request.header("if-match", tag);
            }
            body = Full::from(wish.to_string());
        }
        let answer = Web::new().send(request.body(body)?).await?;
        let value = json_of(path, &answer)?;
        let tag = answer.headers.get("etag").and_then(|tag| tag.to_str().ok());
        Ok((tag.unwrap_or_default().to_owned(), value))
    }
}

/// The address of a replica's own identity provider.
fn provider(replica: &Weir) -> anyhow::Result<String> {
    let file = replica.directory().join("weir.toml");
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix("idp = "));
    let address = line.context("the replica has no identity provider")?;
    Ok(format!("http://{}", address.trim_matches('"')))
}

/// An access token of a persona, by the device flow.
async fn token(provider: &str, persona: &str) -> anyhow::Result<String> {
    let begun = form(
        provider,
        "/device_authorization",
        &format!("client_id={TERMINAL}"),
    )
    .await?;
    let begun = json_of("/device_authorization", &begun)?;
    let code = |name: &str| {
        let code = begun.get(name).and_then(Value::as_str).map(str::to_owned);
        code.with_context(|| format!("the identity provider gave no {name}"))
    };
    let (device, user) = (code("device_code")?, code("user_code")?);
    let picked = form(
        provider,
        "/device",
        &format!("user_code={user}&persona={persona}"),
    )
    .await?;
    ensure!(picked.status.is_success(), "nobody can be {persona}");
    // Whoever asks sooner than the provider said is told to slow down.
    sleep(Duration::from_secs(number(&begun, "/interval")?)).await;
    let wish = format!("grant_type={GRANT}&client_id={TERMINAL}&device_code={device}");
    let told = json_of("/token", &form(provider, "/token", &wish).await?)?;
    let token = told.get("access_token").and_then(Value::as_str);
    Ok(token.context("no access token")?.to_owned())
}

async fn form(provider: &str, path: &str, body: &str) -> anyhow::Result<Answer> {
    let request = Request::post(format!("{provider}{path}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::<Bytes>::from(body.to_owned()))?;
    Web::new().send(request).await
}

fn json_of(what: &str, answer: &Answer) -> anyhow::Result<Value> {
    let said = String::from_utf8_lossy(&answer.body);
    ensure!(
        answer.status.is_success(),
        "{what}: {} {said}",
        answer.status
    );
    serde_json::from_slice(&answer.body).with_context(|| format!("{what} does not answer in JSON"))
}

fn number(of: &Value, pointer: &str) -> anyhow::Result<u64> {
    let number = of.pointer(pointer).and_then(Value::as_u64);
    number.with_context(|| format!("{pointer} is no number"))
}
