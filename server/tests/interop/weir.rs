//! Weir as an operator would deploy it, in this process, on a port of its own.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::redirect;
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weir_identity::{HashCost, SecretHash};
use weir_registry::Registry;
use weir_server::app::App;
use weir_server::clock::Clock;
use weir_server::config::Config;
use weir_server::serve;

/// The key of hash masks, so that an independent reader can compute the same hashes.
pub(crate) const MASK_KEY: &str = "interop-mask-key-of-at-least-32-bytes";

/// The origin of the imagined host page.
const HOST_ORIGIN: &str = "https://host.example";

/// The audience of access tokens for the governance API.
const API: &str = "https://weir.example/api";

const SECRET: &str = "interop-secret";

/// What a test's Weir is set up with.
#[derive(Debug, Clone)]
pub(crate) struct Deployment<'a> {
    pub(crate) lake: &'a Path,
    pub(crate) policies: &'a Path,
    pub(crate) dashboards: &'a Path,
    /// Tables of `[[embed.clients]]` without secret and origin.
    pub(crate) clients: &'a str,
    pub(crate) issuer: &'a str,
}

/// A running Weir.
#[derive(Debug)]
pub(crate) struct Weir {
    pub(crate) url: String,
    pub(crate) registry: Registry,
    http: reqwest::Client,
    stop: CancellationToken,
    _dir: TempDir,
}

/// Who is looking, as a host's back end says it.
#[derive(Debug, Clone)]
pub(crate) struct Viewer<'a> {
    pub(crate) client: &'a str,
    pub(crate) business_units: &'a [&'a str],
    pub(crate) attributes: Value,
}

impl Weir {
    /// Starts it on a listener that is already bound, so that its address is known before.
    pub(crate) async fn start_on(listener: TcpListener, deployment: &Deployment<'_>) -> Self {
        Self::start_changed(listener, deployment, |_| ()).await
    }

    /// The same, with a change of its configuration.
    pub(crate) async fn start_changed(
        listener: TcpListener,
        deployment: &Deployment<'_>,
        change: impl FnOnce(&mut String),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let file = write_config(dir.path(), &url, deployment);
        let mut text = fs::read_to_string(&file).unwrap();
        change(&mut text);
        fs::write(&file, text).unwrap();
        let config = Config::load(&file).unwrap();
        let app = match App::build(config, Clock::system()).await {
            Ok(app) => app,
            Err(error) => panic!("weir did not start: {:#}", anyhow::Error::from(error)),
        };
        let stop = CancellationToken::new();
        let registry = app.state().registry.clone();
        tokio::spawn(serve::serve(listener, app.door(), stop.clone()));
        let followed = stop.clone();
        tokio::spawn(async move { app.follow_snapshots(followed).await });
        Self {
            url,
            registry,
            http: browser(),
            stop,
            _dir: dir,
        }
    }

    /// Starts it on any free port.
    pub(crate) async fn start(deployment: &Deployment<'_>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::start_on(listener, deployment).await
    }

    /// A token for `viewer` to look at `dashboard`.
    pub(crate) async fn token(&self, dashboard: &str, viewer: &Viewer<'_>) -> String {
        let wish = json!({
            "dashboard": dashboard,
            "subject": { "sub": "interop" },
            "business_units": viewer.business_units,
            "attributes": viewer.attributes,
            "origin": HOST_ORIGIN,
        });
        let request = self
            .http
            .post(format!("{}/api/v1/embed-tokens", self.url))
            .basic_auth(viewer.client, Some(SECRET))
            .json(&wish);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token: {answer}"))
            .to_owned()
    }

    /// A dashboard's page, as a frame of the host gets it.
    pub(crate) async fn page(&self, dashboard: &str, token: &str) -> String {
        let request = self
            .http
            .post(format!("{}/embed/{dashboard}", self.url))
            .header("origin", HOST_ORIGIN)
            .header("sec-fetch-dest", "iframe")
            .form(&[("token", token)]);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{dashboard}");
        answer.text().await.unwrap()
    }

    /// Status and body of a tile's data.
    pub(crate) async fn data(&self, dashboard: &str, tile: &str, token: &str) -> (u16, Value) {
        let url = format!(
            "{}/api/v1/dashboards/{dashboard}/tiles/{tile}/data",
            self.url
        );
        let answer = self.http.get(url).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// A tile's data, which must be there.
    pub(crate) async fn tile(&self, dashboard: &str, tile: &str, token: &str) -> Value {
        let (status, answer) = self.data(dashboard, tile, token).await;
        assert_eq!(status, 200, "{dashboard}/{tile}: {answer}");
        answer
    }
}

impl Drop for Weir {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A client that follows no redirect and keeps no cookie: every step is the test's own.
pub(crate) fn browser() -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy();
    builder.build().unwrap()
}

pub(crate) fn write_config(
    dir: &Path,
    url: &str,
    deployment: &Deployment<'_>,
) -> std::path::PathBuf {
    let key = dir.join("master.key");
    fs::write(&key, STANDARD.encode(rand::random::<[u8; 32]>())).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    // Single quotes: TOML takes what is between them as it is.
    let text = format!(
        "[http]\nbind = '{}'\npublic_url = '{url}'\n\
         [lake]\ndir = '{}'\nmask_key = '{MASK_KEY}'\n\
         [content]\npolicies = '{}'\ndashboards = '{}'\n\
         [registry]\nurl = 'sqlite://{}'\n\
         [assets]\ndir = '{}'\n\
         [timing]\nsnapshot_refresh_ms = 50\nquery_deadline_ms = 120000\n\
         [oidc]\nissuer = '{}'\nclient_id = 'weir'\nclient_secret = 'weir-secret'\n\
         [api]\naudience = '{API}'\ndevice_client_id = 'weir-cli'\nscopes = ['govern']\n\
         [embed]\nmaster_key_file = '{}'\n{}",
        url.trim_start_matches("http://"),
        deployment.lake.display(),
        deployment.policies.display(),
        deployment.dashboards.display(),
        dir.join("weir.db").display(),
        crate::support::site().display(),
        deployment.issuer,
        key.display(),
        clients(deployment.clients),
    );
    let file = dir.join("weir.toml");
    fs::write(&file, text).unwrap();
    file
}

/// Gives every client the tests' secret and origin.
fn clients(tables: &str) -> String {
    let hash = SecretHash::create(&SecretString::from(SECRET), HashCost::DEFAULT).unwrap();
    let mut text = String::new();
    for table in tables.split("[[embed.clients]]").skip(1) {
        let (phc, origin) = (hash.as_phc(), HOST_ORIGIN);
        let head = format!("[[embed.clients]]\nsecret_hash = {phc:?}\norigins = [{origin:?}]");
        writeln!(text, "{head}{table}").unwrap();
    }
    text
}
