//! The machines and networks that readers have.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::cdp::{Cdp, Events};
use super::chromium::text;

/// A reader's machine and network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// This machine, its loopback network.
    None,
    /// A processor that takes four times as long.
    Laptop,
    /// The network that Chromium's own tools call "fast 4G".
    #[serde(rename = "fast_4g")]
    Fast4g,
    /// Both.
    #[serde(rename = "laptop_fast_4g")]
    LaptopFast4g,
}

/// Milliseconds from a request until its answer is read, at least, whatever the server takes of
/// them; bytes a second down and up.
const FAST_4G: (f64, f64, f64) = (165.0, 1_012_500.0, 168_750.0);

impl Profile {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "no throttle",
            Self::Laptop => "office laptop (4x CPU)",
            Self::Fast4g => "fast 4G",
            Self::LaptopFast4g => "office laptop and fast 4G",
        }
    }

    /// Its name in labels.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Laptop => "laptop",
            Self::Fast4g => "fast_4g",
            Self::LaptopFast4g => "laptop_fast_4g",
        }
    }

    const fn slowness(self) -> u32 {
        match self {
            Self::None | Self::Fast4g => 1,
            Self::Laptop | Self::LaptopFast4g => 4,
        }
    }

    const fn network(self) -> Option<(f64, f64, f64)> {
        match self {
            Self::None | Self::Laptop => None,
            Self::Fast4g | Self::LaptopFast4g => Some(FAST_4G),
        }
    }

    /// A wait that is as long for this machine as `wait` is for a fast one.
    pub(super) fn stretched(self, wait: Duration) -> Duration {
        wait * (self.slowness() + u32::from(self.network().is_some()))
    }

    /// Slows a page or a frame down.
    pub(super) async fn slow_down(self, cdp: &Cdp, session: &str) -> anyhow::Result<()> {
        for (method, params) in self.commands() {
            cdp.call(Some(session), method, params).await?;
        }
        Ok(())
    }

    fn commands(self) -> Vec<(&'static str, Value)> {
        let mut commands = Vec::new();
        if self.slowness() > 1 {
            let rate = json!({ "rate": self.slowness() });
            commands.push(("Emulation.setCPUThrottlingRate", rate));
        }
        if let Some((latency, down, up)) = self.network() {
            let network = json!({
                "offline": false, "latency": latency,
                "downloadThroughput": down, "uploadThroughput": up,
            });
            commands.push(("Network.enable", json!({})));
            commands.push(("Network.emulateNetworkConditions", network));
        }
        commands
    }

    /// Slows every frame of the page down before its document begins. It is held for as long as that
    /// takes, about a millisecond; without a profile nothing is held at all.
    pub(super) async fn follow(
        self,
        cdp: &Arc<Cdp>,
        session: &str,
    ) -> anyhow::Result<JoinHandle<()>> {
        if self == Self::None {
            return Ok(tokio::spawn(std::future::ready(())));
        }
        let held = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        let events = cdp.events();
        cdp.call(Some(session), "Target.setAutoAttach", held)
            .await?;
        let following = follow(self, Arc::clone(cdp), events, session.to_owned());
        Ok(tokio::spawn(following))
    }
}

async fn follow(profile: Profile, cdp: Arc<Cdp>, mut events: Events, page: String) {
    loop {
        let frame = events.find("a frame", |event| {
            let ours = event.session.as_deref() == Some(page.as_str());
            let new = ours && event.method == "Target.attachedToTarget";
            new.then(|| text(&event.params, "sessionId"))
        });
        let Ok(frame) = frame.await else { return };
        // A frame that went away meanwhile is measured by nobody.
        let _ = profile.slow_down(&cdp, &frame).await;
        let go = cdp.call(Some(&frame), "Runtime.runIfWaitingForDebugger", json!({}));
        if go.await.is_err() {
            return;
        }
    }
}
