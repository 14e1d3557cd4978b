//! The browser realm: a member's list of dashboards and the dashboards themselves.

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::Uri;
use axum::response::Response;
use weir_frontend::model::{CardVm, HomeVm, MemberFrame, NavLink, Realm as PageRealm};
use weir_query::Locale;
use weir_registry::RequestId;

use super::embed::tile_html;
use super::page::{Showing, show, view};
use super::params::Params;
use crate::document::{Nonce, Realm, document, page_locale};
use crate::guard::Admin;
use crate::overload::Class;
use crate::problem::Problem;
use crate::reader::{Member, Reader};
use crate::routes::session::or_sign_in;
use crate::state::AppState;

/// `GET /`: the dashboards.
///
/// # Errors
/// An unusable parameter, or a part of Weir that does not answer.
pub async fn home(
    State(state): State<AppState>,
    member: Result<Member, Problem>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: http::HeaderMap,
) -> Result<Response, Problem> {
    let params = Params::from_query(query.as_deref())?;
    let member = match or_sign_in(&state, member, &uri, &params, &headers) {
        Ok(member) => member,
        Err(other) => return other,
    };
    let locale = locale(&params, &member, &headers);
    let presenter = state.presenters.get(locale);
    let nonce = Nonce::fresh();
    let card = |dashboard: &std::sync::Arc<weir_query::Dashboard>| CardVm {
        title: dashboard.title().get(locale).to_owned(),
        description: dashboard.subtitle().get(locale).to_owned(),
        href: href(dashboard.slug().as_str(), locale),
        note: String::new(),
    };
    let content = state.dashboards.published.current();
    let datasets = content.catalog().datasets().map(AsRef::as_ref);
    let seen = content.units_seen(&member.person.subject, datasets);
    let page = HomeVm {
        locale: page_locale(locale),
        theme: params.theme,
        nonce: nonce.to_string(),
        member: frame(&state, &member, &uri, None, locale),
        cards: content.dashboards().map(card).collect(),
        scope: presenter.scope(&seen, content.business_units()).sentence,
    };
    Ok(document(
        weir_frontend::pages::home(&page),
        &nonce,
        &Realm::SignedIn(state.provider_origins()),
    ))
}

/// `GET /d/{slug}`: one dashboard.
///
/// # Errors
/// No such dashboard, an unusable parameter, or not recorded.
pub async fn dashboard(
    State(state): State<AppState>,
    member: Result<Member, Problem>,
    Path(slug): Path<String>,
    Extension(request): Extension<RequestId>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: http::HeaderMap,
) -> Result<Response, Problem> {
    let params = Params::from_query(query.as_deref())?;
    let member = match or_sign_in(&state, member, &uri, &params, &headers) {
        Ok(member) => member,
        Err(other) => return other,
    };
    let locale = locale(&params, &member, &headers);
    let around = frame(&state, &member, &uri, Some(&slug), locale);
    let view = view(
        &state.dashboards,
        Reader::Member(member),
        &slug,
        &params.chosen,
        (Class::Page, request),
    )
    .await?;
    let showing = Showing {
        locale,
        theme: params.theme,
        around: PageRealm::Member(around),
        realm: Realm::SignedIn(state.provider_origins()),
    };
    show(&state, &state.dashboards, view, showing).await
}

/// `GET /d/{slug}/tiles/{tile}`: one tile as HTML, for the page's filter bar.
///
/// # Errors
/// No such tile, an unusable parameter, or not recorded.
pub async fn tile(
    State(state): State<AppState>,
    member: Member,
    Path((slug, tile)): Path<(String, String)>,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let reader = Reader::Member(member);
    let means = (&state, &state.dashboards);
    tile_html(means, reader, (&slug, &tile), query.as_deref(), request).await
}

fn locale(params: &Params, member: &Member, headers: &http::HeaderMap) -> Locale {
    let known = params
        .locale
        .or(Reader::Member(member.clone()).preferred_locale());
    known.unwrap_or_else(|| crate::locale::browser_locale(headers))
}

fn href(slug: &str, locale: Locale) -> String {
    format!("/d/{slug}?locale={locale}")
}

fn frame(
    state: &AppState,
    member: &Member,
    uri: &Uri,
    current: Option<&str>,
    locale: Locale,
) -> MemberFrame {
    let link = |dashboard: &std::sync::Arc<weir_query::Dashboard>| {
        let slug = dashboard.slug().as_str();
        NavLink {
            label: dashboard.title().get(locale).to_owned(),
            href: href(slug, locale),
            current: current == Some(slug),
        }
    };
    let content = state.dashboards.published.current();
    let portal = Admin::is(member).then(|| NavLink {
        label: match locale {
            Locale::EnCa => "Governance".to_owned(),
            Locale::FrCa => "Gouvernance".to_owned(),
        },
        href: format!("/admin?locale={locale}"),
        current: false,
    });
    MemberFrame {
        user_name: member.person.display_name.clone(),
        nav: content.dashboards().map(link).chain(portal).collect(),
        switch_language_href: in_other_language(uri, locale),
        // Same-origin is proven by fetch metadata, see `guard::is_same_origin`.
        csrf: None,
    }
}

/// This page, with its filters, in the other language.
#[must_use]
pub fn in_other_language(uri: &Uri, locale: Locale) -> String {
    let other = match locale {
        Locale::EnCa => Locale::FrCa,
        Locale::FrCa => Locale::EnCa,
    };
    let query = uri.query().unwrap_or_default();
    let kept = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "locale");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("locale", other.tag())
        .finish();
    format!("{}?{query}", uri.path())
}
