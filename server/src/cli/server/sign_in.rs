//! Getting a token: as a program by its secret, or as a person on a page.

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use std::time::Duration;
use weir_identity::{DeviceLogin, TokenSource, TokenSourceConfig};
use weir_server::clock::Clock;

use super::{Resource, Server};

/// Nobody is asked more often than this, whatever the provider says.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn sign_in(server: &Server, resource: &Resource) -> anyhow::Result<SecretString> {
    let issuer = issuer(server, resource)?;
    let client_secret = server.client_secret()?;
    let client_id = match (&server.client_id, &client_secret) {
        (Some(id), _) => id.clone(),
        (None, Some(_)) => bail!("a client secret needs its client id: WEIR_CLIENT_ID"),
        (None, None) => resource.weir_device_client_id.clone().context(
            "people can't sign in from a terminal here: the server names no client for it \
             (`api.device_client_id`). A program needs WEIR_CLIENT_ID and WEIR_CLIENT_SECRET",
        )?,
    };
    let as_program = client_secret.is_some();
    let source = TokenSource::new(TokenSourceConfig {
        issuer: issuer.clone(),
        client_id,
        client_secret,
        scopes: resource.scopes_supported.clone(),
        audience: resource.weir_audience.clone(),
    })?;
    let clock = Clock::system();
    let token = if as_program {
        source.as_itself(clock.now()).await
    } else {
        on_a_page(&source, clock).await
    };
    token.with_context(|| format!("no access token from `{issuer}`"))
}

/// The provider that the server names; one that was pinned must be among those it names.
fn issuer(server: &Server, resource: &Resource) -> anyhow::Result<String> {
    let named = &resource.authorization_servers;
    match (&server.issuer, named.as_slice()) {
        (_, []) => bail!("the server names no identity provider"),
        (Some(pinned), _) if named.contains(pinned) => Ok(pinned.clone()),
        (Some(pinned), [only]) => {
            bail!("the server names the identity provider `{only}`, not `{pinned}`")
        }
        (Some(pinned), _) => bail!("the server does not name the identity provider `{pinned}`"),
        (None, [only]) => Ok(only.clone()),
        (None, several) => bail!(
            "the server names several identity providers, choose one by `WEIR_ISSUER`: {}",
            several.join(", ")
        ),
    }
}

async fn on_a_page(
    source: &TokenSource,
    clock: Clock,
) -> Result<SecretString, weir_identity::LoginError> {
    let login = source.begin_device(clock.now()).await?;
    ask(&login);
    let wait = |pause: Duration| tokio::time::sleep(pause.max(SHORTEST_PAUSE));
    source
        .finish_device(&login, move || clock.now(), wait)
        .await
}

/// On stderr: stdout is the command's outcome.
fn ask(login: &DeviceLogin) {
    let minutes = login.lasts().as_secs() / 60;
    eprintln!(
        "To sign in, open  {}",
        login
            .page_with_code()
            .map_or_else(|| login.page(), str::to_owned)
    );
    eprintln!("and compare the code  {}", login.code());
    eprintln!("within {minutes} minutes. Waiting …");
}
