//! `/admin/preview/{id}/{side}`: a dashboard through somebody else's eyes, framed by the portal,
//! marked, and gone when its time is over.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::header::REFRESH;
use http::{HeaderMap, HeaderValue};
use weir_frontend::model::{PreviewFrame, Realm as PageRealm};
use weir_query::Locale;
use weir_registry::RequestId;

use super::embed::tile_html;
use super::page::{Showing, show, view};
use super::params::Params;
use crate::document::Realm;
use crate::guard::Admin;
use crate::locale::browser_locale;
use crate::overload::Class;
use crate::problem::{Problem, Slug};
use crate::reader::{Member, Reader};
use crate::service::view_as::{Preview, Side, Stage};
use crate::state::AppState;

/// One side of a preview, found and set up.
#[derive(Debug)]
pub struct Through {
    /// The preview.
    pub preview: Preview,
    /// Which side.
    pub side: Side,
    /// What it is shown with.
    pub stage: Arc<Stage>,
    /// The admin with their eyes.
    pub reader: Reader,
}

impl Through {
    /// Finds the side that an address names.
    ///
    /// # Errors
    /// No such preview or side, somebody else's, or one that is over.
    pub async fn open(
        state: &AppState,
        admin: &Member,
        (id, side): (&str, &str),
    ) -> Result<Self, Problem> {
        let side = Side::parse(side).ok_or_else(|| Problem::new(Slug::NotFound))?;
        let preview = state.view_as.find(id, admin).await?;
        Ok(Self {
            stage: state.view_as.side(&preview, side).await?,
            reader: preview.reader(admin, side),
            preview,
            side,
        })
    }

    fn around(&self, state: &AppState, admin: &Member, locale: Locale) -> PreviewFrame {
        let presenter = state.presenters.get(locale);
        let rules = self.preview.rules(self.side);
        let rules = rules.unwrap_or(self.preview.kept.first);
        PreviewFrame {
            mark: presenter.mark(
                &admin.person.display_name,
                &presenter.eyes(&self.preview.kept.seen, &self.stage.content),
                rules,
                self.preview.until,
            ),
            base: href(&self.preview, self.side),
            values_base: format!(
                "/api/v1/view-as/{}/{}/filters",
                self.preview.id.reveal(),
                self.side.name()
            ),
        }
    }
}

/// The address of one side's picture.
#[must_use]
pub fn href(preview: &Preview, side: Side) -> String {
    format!("/admin/preview/{}/{}", preview.id.reveal(), side.name())
}

/// `GET /admin/preview/{id}/{side}`: the dashboard.
///
/// # Errors
/// As [`Through::open`]; an unusable parameter; not recorded.
pub async fn dashboard(
    State(state): State<AppState>,
    admin: Admin,
    Path((id, side)): Path<(String, String)>,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = Params::from_query(query.as_deref())?;
    let member = admin.member()?;
    let through = Through::open(&state, &member, (&id, &side)).await?;
    let known = params.locale.or(member.person.locale);
    let locale = known.unwrap_or_else(|| browser_locale(&headers));
    let showing = Showing {
        locale,
        theme: params.theme,
        around: PageRealm::Preview(through.around(&state, &member, locale)),
        realm: Realm::Preview,
    };
    let Through {
        preview,
        stage,
        reader,
        ..
    } = through;
    let means = &stage.dashboards;
    let slug = &preview.kept.dashboard;
    let of_a_page = (Class::Page, request);
    let view = view(means, reader, slug, &params.chosen, of_a_page).await?;
    let response = show(&state, means, view, showing).await?;
    Ok(gone_in_time(response, &state, &preview))
}

/// `GET /admin/preview/{id}/{side}/tiles/{tile}`: one tile as HTML, for the page's filter bar.
///
/// # Errors
/// As [`dashboard`]; no such tile.
pub async fn tile(
    State(state): State<AppState>,
    admin: Admin,
    Path((id, side, tile)): Path<(String, String, String)>,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let through = Through::open(&state, &admin.member()?, (&id, &side)).await?;
    let means = (&state, &through.stage.dashboards);
    let path = (through.preview.kept.dashboard.as_str(), tile.as_str());
    tile_html(means, through.reader, path, query.as_deref(), request).await
}

/// The browser asks again when the preview is over, and what it showed leaves the screen.
#[must_use]
pub fn gone_in_time(mut response: Response, state: &AppState, preview: &Preview) -> Response {
    let left = (preview.until - state.clock.now()).num_seconds().max(0) + 1;
    response
        .headers_mut()
        .insert(REFRESH, HeaderValue::from(left));
    response
}
