//! `weir doctor`: what keeps a host page from showing a dashboard, and the line to change; or, of a
//! configuration, what keeps the engine from serving.

mod config;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Deserialize;
use serde_json::json;
use url::Url;
use weir_identity::Origin;
use weir_server::service::framing::{
    Embed, Fetcher, Finding, Hop, LookError, Reach, host_page, weir_from_outside,
};

use super::Outcome;
use super::server::Server;

/// Looks at the registration, at Weir as browsers reach it, and at a page of the host; with
/// `--config` at engine, workgroups and tables.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    server: Server,
    /// Looks at what this configuration names instead: engine, workgroups, tables.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["origin", "dashboard", "page"])]
    config: Option<PathBuf>,
    /// The host's origin.
    #[arg(long, value_name = "URL", required_unless_present = "config")]
    origin: Option<String>,
    /// The dashboard.
    #[arg(long, value_name = "SLUG", required_unless_present = "config")]
    dashboard: Option<String>,
    /// The page that embeds it; the front page of the origin, if nothing is said.
    #[arg(long, value_name = "URL")]
    page: Option<Url>,
    /// Does not ask the server who is registered: nobody has to sign in.
    #[arg(long)]
    without_registration: bool,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
struct Answer {
    findings: Vec<Finding>,
}

/// What was looked at, and what was not.
#[derive(Debug, Default)]
struct Diagnosis {
    findings: Vec<Finding>,
    unseen: Vec<(Hop, String)>,
}

impl Doctor {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        if let Some(file) = &self.config {
            return config::run(file, self.json).await;
        }
        let (Some(host), Some(dashboard)) = (&self.origin, &self.dashboard) else {
            bail!("expected --origin and --dashboard, or --config");
        };
        let origin = Origin::parse(host.as_str());
        let origin = origin.with_context(|| format!("`{host}` is no origin of a host"))?;
        let embed = Embed {
            origin,
            dashboard: dashboard.clone(),
            weir: Url::parse(&self.server.origin()?)?,
        };
        let mut diagnosis = Diagnosis::default();
        diagnosis.findings.extend(embed.by_addresses());
        if !self.without_registration {
            let registered = self.registered(host, dashboard).await?;
            diagnosis.findings.extend(registered);
        }
        diagnosis.look(&embed, self.page.clone()).await?;
        self.print(&diagnosis, &embed);
        match (diagnosis.findings.as_slice(), diagnosis.unseen.as_slice()) {
            ([], []) => Ok(Outcome::Fine),
            ([], [(_, why), ..]) => bail!("not everything could be looked at: {why}"),
            _ => Ok(Outcome::Findings),
        }
    }

    /// What the server says of its clients.
    async fn registered(&self, host: &str, dashboard: &str) -> anyhow::Result<Vec<Finding>> {
        let api = self.server.connect().await?;
        let query = [("origin", host), ("dashboard", dashboard)];
        let answer: Answer = api.get("/api/v1/framing", &query).await?.read()?;
        let findings = answer.findings.into_iter();
        Ok(findings
            .filter(|finding| finding.hop == Hop::Registration)
            .collect())
    }

    fn print(&self, diagnosis: &Diagnosis, embed: &Embed) {
        if self.json {
            let unseen = diagnosis.unseen.iter();
            let unseen: Vec<_> = unseen
                .map(|(hop, why)| json!({ "hop": hop, "why": why }))
                .collect();
            println!(
                "{}",
                json!({ "findings": diagnosis.findings, "unseen": unseen })
            );
            return;
        }
        for finding in &diagnosis.findings {
            let hop = match finding.hop {
                Hop::Registration => "registration",
                Hop::Weir => "Weir",
                Hop::Page => "page",
            };
            println!("{hop}: {}", finding.says);
            println!("  found:  {}", finding.found);
            println!("  change: {}\n", finding.change);
        }
        for (_, why) in &diagnosis.unseen {
            println!("not looked at: {why}");
        }
        if diagnosis.findings.is_empty() && diagnosis.unseen.is_empty() {
            println!(
                "{} can show {} of {}",
                embed.origin.as_str(),
                embed.dashboard,
                embed.weir_origin()
            );
        }
    }
}

impl Diagnosis {
    async fn look(&mut self, embed: &Embed, page: Option<Url>) -> anyhow::Result<()> {
        // Whoever runs a command may look at whatever their machine reaches.
        let fetcher = Fetcher(Reach::Anything);
        let (frame, sdk) = (embed.address(), embed.sdk());
        let weir = tokio::try_join!(fetcher.look(&frame, "iframe"), fetcher.look(&sdk, "script"));
        match weir {
            Ok((frame, sdk)) => self.findings.extend(weir_from_outside(&frame, &sdk, embed)),
            Err(error) => self.note(Hop::Weir, &error),
        }
        let page = match page {
            Some(page) => page,
            None => Url::parse(embed.origin.as_str())?,
        };
        match fetcher.look(&page, "document").await {
            Ok(page) => self.findings.extend(host_page(&page, embed)),
            Err(error) => self.note(Hop::Page, &error),
        }
        Ok(())
    }

    fn note(&mut self, hop: Hop, error: &LookError) {
        self.unseen.push((hop, error.to_string()));
    }
}
