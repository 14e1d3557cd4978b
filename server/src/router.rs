//! Every route on one page, by audience.

mod openapi;
mod routes;

use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::routes;

pub(crate) use self::openapi::Person;
pub(crate) use self::routes::Routes;
pub use self::routes::{Audience, Route};
use crate::assets::Assets;
use crate::layers;
use crate::routes::{
    assets, bind, data, embed, export, governance, health, member, mint, portal, preview, pulse,
    rum, session, sign_out,
};
use crate::state::AppState;

/// Where the API describes itself.
const DESCRIPTION: &str = "/api/v1/openapi.json";

/// The whole application.
pub fn router(state: &AppState) -> Router {
    let all = all(&state.assets);
    state.telemetry.know_routes(&list(&state.assets));
    let (routes, api) = all.router.split_for_parts();
    let description: Arc<str> = openapi::described(api).to_json().unwrap_or_default().into();
    let describe = move || {
        let json = String::from(&*description);
        async { ([(CONTENT_TYPE, "application/json")], json).into_response() }
    };
    layers::apply(routes.route(DESCRIPTION, get(describe)), state)
}

/// Every route there is, for whoever wants to try them all.
#[must_use]
pub fn list(assets: &Assets) -> Vec<Route> {
    let mut list = all(assets).list;
    list.push(Route {
        method: http::Method::GET,
        path: DESCRIPTION.to_owned(),
        audience: Audience::Anyone,
        is_documented: false,
    });
    list
}

fn all(assets: &Assets) -> Routes {
    anyone(assets)
        .merge(viewers())
        .merge(reporting())
        .merge(members())
        .merge(previews())
        .merge(readers())
        .merge(services())
        .merge(governance::revoking())
        .merge(governance::routes())
        .merge(portal::routes())
}

fn anyone(assets: &Assets) -> Routes {
    let files = ServeDir::new(assets.dir()).precompressed_br();
    let immutable =
        SetResponseHeaderLayer::overriding(http::header::CACHE_CONTROL, assets::IMMUTABLE);
    // Without it a shared cache would hand packed files to whoever can't unpack them.
    let packed = SetResponseHeaderLayer::overriding(http::header::VARY, assets::BY_ENCODING);
    Routes::of(Audience::Anyone)
        .api(routes!(health::live))
        .api(routes!(health::ready))
        .api(routes!(health::jwks))
        .api(routes!(health::protected_resource))
        .get("/sdk/weir.js", assets::sdk)
        .get("/sdk/version.json", assets::sdk_version)
        .get("/sdk/{file}", assets::pinned_sdk)
        .get("/favicon.ico", assets::icon)
        .files(
            "/assets",
            tower::ServiceBuilder::new()
                .layer(immutable)
                .layer(packed)
                .service(files),
        )
        .get("/login", session::login)
        .get("/auth/callback", session::callback)
        .get("/auth/callback/{provider}", session::callback_of)
        .post("/auth/backchannel-logout", sign_out::by_provider)
        .get("/signed-out", sign_out::signed_out)
}

/// A verified embed token, in the form, behind the code, or in `Authorization`. No cookie is read
/// (invariant 7).
fn viewers() -> Routes {
    Routes::of(Audience::Viewer)
        .post("/embed/{slug}", embed::launch_by_form)
        .get("/embed/{slug}", embed::launch_by_code)
        .post("/embed/{slug}/bind", bind::bind)
        .get("/embed/{slug}/tiles/{tile}", embed::tile)
        .get("/embed/{slug}/pulse", pulse::pulse)
}

/// The same token, with a small report.
fn reporting() -> Routes {
    Routes::of(Audience::Viewer)
        .post("/rum", rum::rum)
        .with_bodies_up_to(rum::MAX_BODY)
}

/// A session.
fn members() -> Routes {
    Routes::of(Audience::Member)
        .get("/", member::home)
        .get("/d/{slug}", member::dashboard)
        .get("/d/{slug}/tiles/{tile}", member::tile)
        .post("/logout", sign_out::logout)
}

/// An admin who opened the preview in this session.
fn previews() -> Routes {
    Routes::of(Audience::Admin)
        .get("/admin/preview/{id}/{side}", preview::dashboard)
        .get("/admin/preview/{id}/{side}/tiles/{tile}", preview::tile)
}

/// A token if `Authorization` is there, else a session.
fn readers() -> Routes {
    Routes::of(Audience::Reader)
        .api(routes!(data::tile))
        .api(routes!(data::filter_values))
        .api(routes!(export::export))
}

/// A registered client's secret, or an assertion signed with its key.
fn services() -> Routes {
    Routes::of(Audience::Service)
        .api(routes!(mint::mint))
        .api(routes!(mint::exchange::exchange))
}
