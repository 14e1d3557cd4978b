//! A Chromium without a window, and the tabs in it.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::BufReader;
use tokio::process::{Child, Command};

use super::cdp::{Cdp, taken};

/// What the browser is told: nothing of its own on the network, and nothing slowed down because
/// nobody looks.
const FLAGS: [&str; 17] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-component-update",
    "--disable-renderer-backgrounding",
    "--disable-features=LocalNetworkAccessChecks,Translate",
    "--hide-scrollbars",
    "--no-default-browser-check",
    "--no-first-run",
    "--site-per-process",
];

/// The two pipes of the protocol are the third and fourth file of the browser.
const PIPES: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

/// How long the browser may take to end.
const END: Duration = Duration::from_secs(10);

/// A running browser; it ends with this value.
#[derive(Debug)]
pub(super) struct Chromium {
    process: Child,
    pub(super) cdp: Arc<Cdp>,
    /// What the browser calls itself.
    pub(super) version: String,
    _profile: TempDir,
}

impl Chromium {
    /// Starts the browser at `program` with a window of this size.
    pub(super) async fn start(program: &Path, (width, height): (u32, u32)) -> anyhow::Result<Self> {
        let profile = tempfile::tempdir().context("making a folder for the browser")?;
        let mut process = Command::new("sh")
            .args(["-c", PIPES])
            .arg(program)
            .args(FLAGS)
            .arg(format!("--window-size={width},{height}"))
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let (Some(writer), Some(reader)) = (process.stdin.take(), process.stdout.take()) else {
            anyhow::bail!("the browser has no pipes");
        };
        let cdp = Arc::new(Cdp::over(writer, BufReader::new(reader)));
        let version = cdp.call(None, "Browser.getVersion", json!({})).await?;
        let frames = json!({ "discover": true, "filter": [{ "type": "iframe" }] });
        cdp.call(None, "Target.setDiscoverTargets", frames).await?;
        Ok(Self {
            process,
            cdp,
            version: text(&version, "product"),
            _profile: profile,
        })
    }

    /// A reader of their own: no cookie, no storage and no cache of anybody else.
    pub(super) async fn context(&self) -> anyhow::Result<String> {
        let made = self
            .cdp
            .call(None, "Target.createBrowserContext", json!({}))
            .await?;
        Ok(text(&made, "browserContextId"))
    }

    /// Forgets a reader with everything they had.
    pub(super) async fn forget(&self, context: &str) -> anyhow::Result<()> {
        let params = json!({ "browserContextId": context });
        self.cdp
            .call(None, "Target.disposeBrowserContext", params)
            .await?;
        Ok(())
    }

    /// An empty tab; its target and the session that drives it.
    pub(super) async fn tab(&self, context: &str) -> anyhow::Result<(String, String)> {
        let params = json!({ "url": "about:blank", "browserContextId": context });
        let made = self.cdp.call(None, "Target.createTarget", params).await?;
        let target = text(&made, "targetId");
        let session = self.attach(&target).await?;
        Ok((target, session))
    }

    /// A session with a target.
    pub(super) async fn attach(&self, target: &str) -> anyhow::Result<String> {
        let params = json!({ "targetId": target, "flatten": true });
        let attached = self.cdp.call(None, "Target.attachToTarget", params).await?;
        Ok(text(&attached, "sessionId"))
    }

    /// Closes a tab.
    pub(super) async fn close(&self, target: &str) -> anyhow::Result<()> {
        let params = json!({ "targetId": target });
        self.cdp.call(None, "Target.closeTarget", params).await?;
        Ok(())
    }

    /// Evaluates a script, waits for its promise, and gives what it says.
    pub(super) async fn evaluate(&self, session: &str, script: &str) -> anyhow::Result<Value> {
        let params = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let mut answer = self
            .cdp
            .call(Some(session), "Runtime.evaluate", params)
            .await?;
        if let Some(details) = answer.get("exceptionDetails") {
            anyhow::bail!("a script of the measurement failed in the page: {details}");
        }
        Ok(taken(&mut taken(&mut answer, "result"), "value"))
    }

    /// Ends the browser in its own way.
    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        // It may end before it answers.
        let _ = self.cdp.call(None, "Browser.close", json!({})).await;
        if tokio::time::timeout(END, self.process.wait())
            .await
            .is_err()
        {
            self.process.kill().await.context("ending the browser")?;
        }
        Ok(())
    }
}

/// A text of an answer; an answer without it is found by what is done with the empty one.
pub(super) fn text(answer: &Value, name: &str) -> String {
    let found = answer.get(name).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}
