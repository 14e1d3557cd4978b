//! `GET /api/v1/framing?origin=&dashboard=[&page=]`: whether a host page can frame a dashboard.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::{IntoParams, ToSchema};
use weir_identity::Origin;

use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::framing::{
    Embed, Fetcher, Finding, Hop, LookError, Reach, host_page, weir_from_outside,
};
use crate::state::AppState;

/// Which page, and what it is to show.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// The host's origin: `https://crm.example`.
    origin: String,
    /// The dashboard's slug.
    dashboard: String,
    /// A page under that origin; its front page, if nothing is said.
    page: Option<String>,
}

/// What is in the way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FramingAnswer {
    /// Nothing, if all is well.
    findings: Vec<Finding>,
    /// What could not be looked at, and why.
    unseen: Vec<Unseen>,
}

/// Something that could not be looked at.
#[derive(Debug, Serialize, ToSchema)]
struct Unseen {
    hop: Hop,
    why: String,
}

/// Looks at the registration, at Weir through its public address, and at a page of the host. The
/// page must be of a registered origin, and one that is inside a private network is not looked at:
/// that is for `weir doctor`, from there.
///
/// # Errors
/// A parameter that can't be used.
#[utoipa::path(
    get, path = "/api/v1/framing", tag = "embed", summary = "Whether a page can frame a dashboard",
    params(Asked),
    responses((status = 200, body = FramingAnswer)),
)]
pub(super) async fn framing(
    State(state): State<AppState>,
    _admin: Admin,
    Query(asked): Query<Asked>,
) -> Result<Json<FramingAnswer>, Problem> {
    let invalid =
        |pointer: &str, why: String| Problem::new(Slug::InvalidParameter).at(pointer, why);
    let origin =
        Origin::parse(asked.origin).map_err(|error| invalid("/origin", error.to_string()))?;
    let page = page(asked.page.as_deref(), &origin)
        .ok_or_else(|| invalid("/page", "a page under the origin".to_owned()))?;
    let embed = Embed {
        origin,
        dashboard: asked.dashboard,
        weir: state.public_url.clone(),
    };
    let mut findings = registration(&state, &embed);
    findings.extend(embed.by_addresses());
    let mut unseen = Vec::new();
    let mut note = |hop, error: LookError| {
        let why = error.to_string();
        unseen.push(Unseen { hop, why });
    };
    // The operator named Weir's own address; it may be anywhere.
    let own = Fetcher(Reach::Anything);
    let (frame, sdk) = (embed.address(), embed.sdk());
    match tokio::try_join!(own.look(&frame, "iframe"), own.look(&sdk, "script")) {
        Ok((frame, sdk)) => findings.extend(weir_from_outside(&frame, &sdk, &embed)),
        Err(error) => note(Hop::Weir, error),
    }
    // Only pages of hosts that an operator trusts with data are fetched.
    let known = state.host_origins();
    if known.iter().any(|known| known == embed.origin.as_str()) {
        match Fetcher(Reach::Public).look(&page, "document").await {
            Ok(page) => findings.extend(host_page(&page, &embed)),
            Err(error) => note(Hop::Page, error),
        }
    }
    Ok(Json(FramingAnswer { findings, unseen }))
}

/// The page that is asked about, which has to be of the origin.
fn page(asked: Option<&str>, origin: &Origin) -> Option<Url> {
    let page = Url::parse(asked.unwrap_or(origin.as_str())).ok()?;
    let own = page.origin().ascii_serialization() == origin.as_str();
    let bare = page.username().is_empty() && page.password().is_none();
    (own && bare).then_some(page)
}

fn registration(state: &AppState, embed: &Embed) -> Vec<Finding> {
    let found = |code: &str, says: String, change: String| Finding {
        code: code.to_owned(),
        hop: Hop::Registration,
        found: embed.origin.as_str().to_owned(),
        says,
        change,
    };
    let (origin, slug) = (embed.origin.as_str(), embed.dashboard.as_str());
    let mut findings = Vec::new();
    let content = state.dashboards.published.current();
    if content.dashboard(slug).is_none() {
        findings.push(found(
            "no-dashboard",
            "There is no dashboard of that name.".to_owned(),
            "Name one of those that `GET /api/v1/policies` lists.".to_owned(),
        ));
    }
    let clients = state.clients.active();
    let of_origin: Vec<_> = clients
        .iter()
        .filter(|client| {
            client
                .origins()
                .iter()
                .any(|known| known.as_str() == origin)
        })
        .collect();
    if of_origin.is_empty() {
        findings.push(found(
            "no-client",
            "No client may ask for tokens for this origin.".to_owned(),
            format!("origins = [\"{origin}\"]"),
        ));
    } else if !of_origin.iter().any(|client| {
        client
            .dashboards()
            .iter()
            .any(|known| known.as_str() == slug)
    }) {
        let ids: Vec<_> = of_origin
            .iter()
            .map(|client| client.id().as_str())
            .collect();
        findings.push(found(
            "not-this-dashboard",
            format!(
                "No client of this origin ({}) may show this dashboard.",
                ids.join(", ")
            ),
            format!("dashboards = [\"{slug}\"]"),
        ));
    }
    findings
}
