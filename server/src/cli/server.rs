//! A running Weir, as commands speak to it: its address, who asks, and its governance API.

mod api;
mod refusal;
mod sign_in;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use weir_identity::is_loopback;

pub(super) use self::api::{Api, Reply};
pub(super) use self::refusal::{ApiError, Refusal};

/// Which Weir, and who asks. Without a client secret a person signs in.
#[derive(Debug, Clone, Args)]
pub(super) struct Server {
    /// The address of a running Weir: `https://weir.example`.
    #[arg(long = "server", env = "WEIR_SERVER", value_name = "URL")]
    url: Option<Url>,
    /// The identity provider the server has to name; otherwise nobody signs in there.
    #[arg(long, env = "WEIR_ISSUER", value_name = "URL")]
    issuer: Option<String>,
    /// The client id at the identity provider; a person's is known to the server.
    #[arg(long, env = "WEIR_CLIENT_ID", value_name = "ID")]
    client_id: Option<String>,
    /// A file with the client's secret; or the variable `WEIR_CLIENT_SECRET`.
    #[arg(long, env = "WEIR_CLIENT_SECRET_FILE", value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
}

/// What a Weir says about how to sign in for its API (RFC 9728).
#[derive(Debug, Clone, Deserialize)]
struct Resource {
    #[serde(rename = "resource")]
    origin: String,
    authorization_servers: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
    weir_audience: String,
    weir_device_client_id: Option<String>,
}

impl Server {
    /// Whether a server is named at all.
    pub(super) fn is_named(&self) -> bool {
        self.url.is_some()
    }

    /// The API of the server, with a token: that of `WEIR_TOKEN`, or a new one.
    pub(super) async fn connect(&self) -> anyhow::Result<Api> {
        let token = match secret("WEIR_TOKEN") {
            Some(token) => token,
            None => self.sign_in().await?,
        };
        Api::new(&self.origin()?, token)
    }

    /// A new access token.
    pub(super) async fn sign_in(&self) -> anyhow::Result<SecretString> {
        let resource = self.resource().await?;
        sign_in::sign_in(self, &resource).await
    }

    /// Its origin.
    pub(super) fn origin(&self) -> anyhow::Result<String> {
        let url = self.url.as_ref();
        let url = url.context("name a server: --server https://weir.example, or WEIR_SERVER")?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !plain || !url.username().is_empty() || url.password().is_some() {
            bail!(
                "`{url}` is no server: expected an address without path, like https://weir.example"
            );
        }
        if url.scheme() != "https" && !is_loopback(url) {
            bail!("`{url}` is not https: the token would be readable on the way");
        }
        Ok(url.origin().ascii_serialization())
    }

    async fn resource(&self) -> anyhow::Result<Resource> {
        let origin = self.origin()?;
        let address = format!("{origin}/.well-known/oauth-protected-resource");
        let silent = || format!("`{origin}` does not answer");
        let answer = api::http(&origin)?.get(address).send().await;
        let answer = answer.with_context(silent)?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            bail!("`{origin}` takes no access tokens: its configuration has no `[api]`");
        }
        let resource: Resource = answer
            .json()
            .await
            .with_context(|| format!("`{origin}` does not answer as a Weir does"))?;
        // RFC 9728 §3.3: whoever says something else speaks for somebody else.
        if resource.origin != origin {
            bail!(
                "`{origin}` calls itself `{}`: use that address",
                resource.origin
            );
        }
        Ok(resource)
    }

    fn client_secret(&self) -> anyhow::Result<Option<SecretString>> {
        let Some(path) = &self.client_secret_file else {
            return Ok(secret("WEIR_CLIENT_SECRET"));
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("`{}` can't be read", path.display()))?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).into()))
    }
}

/// A secret from the environment. There is no option for one: others can read a command line.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where commands read secrets"
)]
fn secret(name: &str) -> Option<SecretString> {
    let value = std::env::var(name).ok()?;
    (!value.is_empty()).then(|| value.into())
}
