//! The page that somebody would write by hand who had the figures already, inside the same host
//! page: what no dashboard can be faster than.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;

use super::chromium::Chromium;
use super::files::{File, Files, HTML, ICON, SCRIPT, STYLE};
use super::opening::{AWAY, Address, framed};

/// Stands in the place of the SDK.
const FRAME: &str = include_str!("../../browser/frame.js");

/// Where the page is on the file server.
const PAGE: &str = "/still.html";

/// What `host.js` says.
#[derive(Debug, Deserialize)]
struct Host {
    page: String,
    css: String,
    js: String,
    icon: String,
}

/// Both pages as files, made from what the browser really shows at `weir`.
#[derive(Debug)]
pub(super) struct Still {
    pub(super) page: String,
    host: Host,
}

impl Still {
    /// Opens the dashboard once more and writes down what is seen.
    pub(super) async fn copy(browser: &Chromium, weir: &Address) -> anyhow::Result<Self> {
        let context = browser.context().await?;
        let (_, session) = browser.tab(&context).await?;
        let inside = framed(browser, &session, weir, AWAY).await?;
        // Only a page that is whole can be copied.
        browser
            .evaluate(&inside, include_str!("../../browser/vitals.js"))
            .await?;
        let page = browser
            .evaluate(&inside, include_str!("../../browser/still.js"))
            .await?;
        let host = browser
            .evaluate(&session, include_str!("../../browser/host.js"))
            .await?;
        browser.forget(&context).await?;
        let page = page.as_str().context("the frame has no page")?.to_owned();
        let host = serde_json::from_value(host).context("reading the host page")?;
        Ok(Self { page, host })
    }

    /// Serves both: the host page at one address, the framed one at another of another site.
    pub(super) async fn serve(self, weir: &str) -> anyhow::Result<(Files, Address)> {
        let files = Files::listen().await?;
        let frame = format!("{}{PAGE}", files.inner);
        let sdk = format!("{weir}/sdk/weir.js");
        let script = format!("/frame.js?frame={frame}");
        anyhow::ensure!(self.host.page.contains(&sdk), "the host page has no SDK");
        let page = self.host.page.replace(&sdk, &script);
        let address = Address {
            page: format!("{}/host.html", files.outer),
            frame,
        };
        files.serve(BTreeMap::from([
            (PAGE.to_owned(), File::new(HTML, self.page)),
            ("/host.html".to_owned(), File::new(HTML, page)),
            ("/frame.js".to_owned(), File::new(SCRIPT, FRAME.to_owned())),
            ("/crm.js".to_owned(), File::new(SCRIPT, self.host.js)),
            ("/crm.css".to_owned(), File::new(STYLE, self.host.css)),
            ("/icon.svg".to_owned(), File::new(ICON, self.host.icon)),
        ]));
        Ok((files, address))
    }
}
