//! How long a change takes until every replica goes by it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::try_join_all;
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::crowd::{as_client, mint};
use super::rules::{self, Rules};
use super::{Fleet, FleetPlan};
use crate::progress::Progress;
use crate::surroundings::{Answer, BUSINESS_UNITS, DASHBOARDS, Web, Weir, to_replica};

/// How often each replica is asked whether it knows.
const LOOK: Duration = Duration::from_millis(20);

/// Later than this is never.
const PATIENCE: Duration = Duration::from_secs(30);

/// The tile that is asked for.
const TILE: &str = "/api/v1/dashboards/finance-overview/tiles/loss-ratio/data";

/// From when a change was answered until the last replica went by it, in milliseconds, the shortest
/// first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Propagation {
    /// How many replicas there were.
    pub replicas: usize,
    /// Tokens that were revoked.
    pub revocations: Vec<f64>,
    /// Revisions of policies that were published.
    pub policies: Vec<f64>,
}

impl Propagation {
    /// Each kind of change, with its times.
    pub(super) fn kinds(&self) -> [(&'static str, &[f64]); 2] {
        [
            ("revocation", &self.revocations),
            ("policy", &self.policies),
        ]
    }
}

/// Times every change of the plan: half of them are revocations, half are policies.
pub(super) async fn measure(
    plan: &FleetPlan,
    fleet: &Fleet<'_>,
    progress: &Progress,
) -> anyhow::Result<Propagation> {
    let public = fleet.public_url();
    let mut timed = Propagation {
        replicas: fleet.replicas.len(),
        ..Propagation::default()
    };
    let policies = plan.changes / 2;
    let revocations = plan.changes - policies;
    for number in 0..revocations {
        progress.counted(number as u64, plan.changes as u64, "changes");
        let took = revocation(fleet, &public, number).await?;
        timed.revocations.push(took);
    }
    if policies > 0 {
        let done = (revocations, plan.changes);
        timed.policies = policy_changes(policies, fleet, done, progress).await?;
    }
    timed.revocations.sort_by(f64::total_cmp);
    timed.policies.sort_by(f64::total_cmp);
    Ok(timed)
}

/// A unit is closed and opened again and again; each time until every replica shows its reader the
/// one or the other. What is shown was computed before: nothing waits for an engine.
async fn policy_changes(
    many: usize,
    fleet: &Fleet<'_>,
    (done, all): (usize, usize),
    progress: &Progress,
) -> anyhow::Result<Vec<f64>> {
    let public = fleet.public_url();
    let first = fleet.replicas.first().context("nobody to ask")?;
    let open = shown(first, &public, &reader(&public).await?).await?;
    let open = open.context("a reader who should see rows sees none")?;
    let rules = Rules::closed(first.url(), &public).await?;
    let token = reader(&public).await?;
    let differs =
        async |replica: &Weir| Ok(shown(replica, &public, &token).await? != Some(open.clone()));
    everywhere(fleet, differs)
        .await
        .context("the first change")?;
    let mut times = Vec::new();
    for number in 0..many {
        progress.counted((done + number) as u64, all as u64, "changes");
        let closes = number % 2 == 1;
        let token = reader(&public).await?;
        rules.turn(closes).await?;
        let sees = async |replica: &Weir| {
            let sees_open = shown(replica, &public, &token).await?.as_ref() == Some(&open);
            Ok(sees_open != closes)
        };
        times.push(everywhere(fleet, sees).await?);
    }
    if many.is_multiple_of(2) {
        rules.turn(false).await?;
    }
    Ok(times)
}

/// A token of somebody who sees the rules change.
async fn reader(public: &str) -> anyhow::Result<String> {
    mint(public, DASHBOARDS[0], rules::UNIT, 0).await
}

/// The rows that a replica gives, if it gives any.
async fn shown(replica: &Weir, public: &str, token: &str) -> anyhow::Result<Option<Value>> {
    let answer = asked(replica, public, token).await?;
    let said: Value = serde_json::from_slice(&answer.body)?;
    Ok(said.get("rows").cloned())
}

/// A token that every replica takes is revoked; until none does.
async fn revocation(fleet: &Fleet<'_>, public: &str, number: usize) -> anyhow::Result<f64> {
    let unit = BUSINESS_UNITS.get(number % BUSINESS_UNITS.len());
    let token = mint(public, DASHBOARDS[0], unit.context("no unit")?, number).await?;
    for replica in &fleet.replicas {
        let answer = asked(replica, public, &token).await?;
        let said = String::from_utf8_lossy(&answer.body);
        ensure!(
            answer.status.is_success(),
            "a good token: {} {said}",
            answer.status
        );
    }
    let wish = json!({ "target": { "jti": id_of(&token)? }, "reason": "A load test" });
    as_client(public, "/api/v1/embed-tokens/revoke", &wish).await?;
    everywhere(fleet, async |replica| {
        let answer = asked(replica, public, &token).await?;
        Ok(answer.status.is_client_error())
    })
    .await
}

/// Milliseconds until `knows` is so of every replica, counted from now.
async fn everywhere(
    fleet: &Fleet<'_>,
    knows: impl AsyncFn(&Weir) -> anyhow::Result<bool>,
) -> anyhow::Result<f64> {
    let began = Instant::now();
    let each = fleet.replicas.iter().map(async |replica| {
        while !knows(replica).await? {
            if began.elapsed() > PATIENCE {
                bail!(
                    "a replica did not see a change for {} s",
                    PATIENCE.as_secs()
                );
            }
            sleep(LOOK).await;
        }
        Ok(began.elapsed())
    });
    let times = try_join_all(each).await?;
    let last = times.into_iter().max().unwrap_or_default();
    Ok(last.as_secs_f64() * 1000.0)
}

async fn asked(replica: &Weir, public: &str, token: &str) -> anyhow::Result<Answer> {
    let uri = format!("{}{TILE}", replica.url());
    let request = to_replica(public, &uri).header("authorization", format!("Bearer {token}"));
    Web::new().send(request.body(Full::default())?).await
}

/// The id in a token's claims.
fn id_of(token: &str) -> anyhow::Result<String> {
    let claims = token.split('.').nth(1).context("a token has three parts")?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    let id = claims.get("jti").and_then(Value::as_str);
    Ok(id.context("a token without an id")?.to_owned())
}
