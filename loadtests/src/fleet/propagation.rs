//! How long a change takes until every replica goes by it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::try_join_all;
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::crowd::{as_client, mint, to_replica};
use super::{Fleet, FleetPlan};
use crate::progress::Progress;
use crate::surroundings::{Answer, BUSINESS_UNITS, DASHBOARDS, Web, Weir};

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
}

/// Times every change of the plan.
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
    for number in 0..plan.revocations {
        progress.counted(number as u64, plan.revocations as u64, "revocations");
        timed
            .revocations
            .push(revocation(fleet, &public, number).await?);
    }
    timed.revocations.sort_by(f64::total_cmp);
    Ok(timed)
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
