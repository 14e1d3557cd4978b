//! Every route on one page, by audience, with the guard that stands before it.

use axum::Router;
use axum::routing::{get, post};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::layers;
use crate::routes::{assets, data, embed, governance, health, member, mint, session};
use crate::state::AppState;

/// The whole application.
pub fn router(state: &AppState) -> Router {
    let routes = Router::new()
        .merge(anyone(state))
        .merge(viewers())
        .merge(members())
        .merge(readers())
        .merge(services())
        .merge(governance::routes());
    layers::apply(routes, state)
}

fn anyone(state: &AppState) -> Router<AppState> {
    let files = ServeDir::new(state.assets.dir()).precompressed_br();
    let immutable =
        SetResponseHeaderLayer::overriding(http::header::CACHE_CONTROL, assets::IMMUTABLE);
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/.well-known/jwks.json", get(health::jwks))
        .route(
            "/.well-known/oauth-protected-resource",
            get(health::protected_resource),
        )
        .route("/sdk/weir.js", get(assets::sdk))
        .route("/favicon.ico", get(assets::icon))
        .nest_service(
            "/assets",
            tower::ServiceBuilder::new().layer(immutable).service(files),
        )
        .route("/login", get(session::login))
        .route("/auth/callback", get(session::callback))
        .route("/signed-out", get(session::signed_out))
}

/// Guard: a verified embed token, in the form, behind the code, or in `Authorization`. No cookie is
/// read (invariant 7).
fn viewers() -> Router<AppState> {
    Router::new()
        .route(
            "/embed/{slug}",
            post(embed::launch_by_form).get(embed::launch_by_code),
        )
        .route("/embed/{slug}/tiles/{tile}", get(embed::tile))
}

/// Guard: a session.
fn members() -> Router<AppState> {
    Router::new()
        .route("/", get(member::home))
        .route("/d/{slug}", get(member::dashboard))
        .route("/d/{slug}/tiles/{tile}", get(member::tile))
        .route("/logout", post(session::logout))
}

/// Guard: a token if `Authorization` is there, else a session.
fn readers() -> Router<AppState> {
    Router::new()
        .route(
            "/api/v1/dashboards/{slug}/tiles/{tile}/data",
            get(data::tile),
        )
        .route(
            "/api/v1/dashboards/{slug}/filters/{filter}/values",
            get(data::filter_values),
        )
}

/// Guard: a registered client's secret.
fn services() -> Router<AppState> {
    Router::new().route("/api/v1/embed-tokens", post(mint::mint))
}
