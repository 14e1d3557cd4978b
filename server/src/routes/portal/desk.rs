//! Who sits at the portal: an admin, a language, a request. Every handler of a portal page takes a
//! [`Desk`], so none can run without that proof.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::request::Parts;
use weir_frontend::model::admin::{AdminFrame, AdminProblemVm, RevisionMark, Section};
use weir_frontend::model::{LinkVm, Locale as PageLocale};
use weir_frontend::pages::admin as pages;
use weir_query::Locale;
use weir_registry::{PublishedRevision, RequestId};

use super::flash;
use super::words::pick;
use crate::document::{Nonce, Realm, document, page_locale};
use crate::guard::{self, Admin};
use crate::present::Presenter;
use crate::problem::{Problem, Slug, render};
use crate::reader::Member;
use crate::routes::member::in_other_language;
use crate::routes::params::Params;
use crate::routes::session::or_sign_in;
use crate::service::governance::{Doer, is_waiting_for};
use crate::state::AppState;

/// An admin at a page of the portal.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    /// What handlers share.
    pub(crate) state: AppState,
    /// The admin.
    pub(crate) admin: Admin,
    /// The same with their session: pages are for people who signed in.
    pub(crate) member: Member,
    /// The request.
    pub(crate) request: RequestId,
    /// Language, colours, and whatever else the address says.
    pub(crate) params: Params,
    /// The page's language.
    pub(crate) locale: Locale,
    nonce: Nonce,
    uri: Uri,
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Response;

    /// Nobody signed in is asked to sign in; whoever is no admin finds what stands at any address
    /// that does not exist (attack A1).
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let request = guard::request_id(parts).map_err(IntoResponse::into_response)?;
        let params = Params::from_query(parts.uri.query());
        let params = params.map_err(IntoResponse::into_response)?;
        let uri = readable(parts);
        let admin = Admin::from_request_parts(parts, state).await;
        let both = admin.and_then(|admin| Ok((admin.member()?, admin)));
        let (member, admin) = or_sign_in(state, both, &uri, &params, &parts.headers)
            .map_err(IntoResponse::into_response)?;
        let known = params.locale.or(member.person.locale);
        let locale = known.unwrap_or_else(|| crate::locale::browser_locale(&parts.headers));
        Ok(Self {
            state: state.clone(),
            admin,
            member,
            request,
            params,
            locale,
            nonce: Nonce::fresh(),
            uri,
        })
    }
}

/// The page that a form was sent from, for one that was sent: nobody can go back to a step.
fn readable(parts: &Parts) -> Uri {
    let path = parts.uri.path();
    let above = match path.rsplit_once('/') {
        Some((above, _)) if !parts.method.is_safe() && !above.is_empty() => above,
        _ => return parts.uri.clone(),
    };
    let query = parts.uri.query().map(|query| format!("?{query}"));
    format!("{above}{}", query.unwrap_or_default())
        .parse()
        .unwrap_or_else(|_| parts.uri.clone())
}

impl Desk {
    /// Writes numbers and dates in the page's language.
    pub(crate) fn presenter(&self) -> &Presenter {
        self.state.presenters.get(self.locale)
    }

    /// Who does what this request asks for.
    pub(crate) fn doer(&self) -> Doer {
        Doer {
            actor: self.admin.actor(),
            request: self.request.clone(),
        }
    }

    /// A parameter of the address.
    pub(crate) fn asked(&self, name: &str) -> Option<&str> {
        let mut chosen = self.params.chosen.iter();
        let found = chosen.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What stands around a page.
    ///
    /// # Errors
    /// When the registry can't say what is in force or what waits.
    pub(crate) async fn frame(&self, section: Section) -> Result<AdminFrame, Problem> {
        let governance = &self.state.governance;
        let actor = self.admin.actor();
        let drafts = governance.drafts().await?;
        let waiting = drafts.iter().filter(|draft| is_waiting_for(draft, &actor));
        let latest = governance.newest().await?;
        Ok(AdminFrame {
            locale: page_locale(self.locale),
            theme: self.params.theme,
            nonce: self.nonce.to_string(),
            user_name: self.admin.0.person.display_name.clone(),
            // Same-origin is proven by fetch metadata, see `guard::is_same_origin`.
            csrf: String::new(),
            switch_language_href: in_other_language(&self.uri, self.locale),
            keep_language: self.params.locale.is_some(),
            section,
            waiting: u32::try_from(waiting.count()).unwrap_or(u32::MAX),
            revision: latest.as_ref().map(|latest| self.mark(latest)),
            flash: self
                .asked(flash::NAME)
                .and_then(|did| flash::done(did, self.locale)),
        })
    }

    /// A revision, as it is named beside other things.
    pub(crate) fn mark(&self, revision: &PublishedRevision) -> RevisionMark {
        RevisionMark {
            number: revision.number.to_string(),
            href: format!("/admin/revisions/{}", revision.number),
            since: self.presenter().when(revision.published_at),
        }
    }

    /// A page of the portal.
    pub(crate) fn page(&self, html: String) -> Response {
        document(
            html,
            &self.nonce,
            &Realm::Portal(self.state.provider_origins()),
        )
    }

    /// A page that has previews in frames.
    pub(crate) fn page_of_frames(&self, html: String) -> Response {
        let realm = Realm::Previews(self.state.provider_origins());
        document(html, &self.nonce, &realm)
    }

    /// A page that says why something was not done.
    pub(crate) fn page_with(&self, status: StatusCode, html: String) -> Response {
        let mut response = self.page(html);
        *response.status_mut() = status;
        response
    }

    /// After a step: on to a page, in the language that was chosen.
    pub(crate) fn go(&self, path: &str, pairs: &[(&str, &str)]) -> Response {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        if let Some(locale) = self.params.locale {
            query.append_pair("locale", locale.tag());
        }
        let query = query.finish();
        let to = if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        };
        Redirect::to(&to).into_response()
    }

    /// The page, or what went wrong inside the portal's frame.
    pub(crate) async fn answer(
        &self,
        section: Section,
        page: Result<Response, Problem>,
    ) -> Response {
        match page {
            Ok(page) => page,
            Err(problem) => match self.frame(section).await {
                Ok(frame) => self.problem(frame, &problem),
                // Without a registry there is no frame either.
                Err(_) => problem.into_response(),
            },
        }
    }

    fn problem(&self, frame: AdminFrame, problem: &Problem) -> Response {
        let id = self.request.as_str();
        render::log(problem, id);
        let slug = problem.slug();
        let (title, sentence) = match slug {
            Slug::NotFound => (
                pick(self.locale, "This does not exist", "Ceci n’existe pas"),
                pick(
                    self.locale,
                    "Check the address, or look for it in the lists.",
                    "Vérifiez l’adresse ou cherchez dans les listes.",
                ),
            ),
            other => (other.title(self.locale), other.sentence(self.locale)),
        };
        let html = pages::admin_problem(&AdminProblemVm {
            action: Some(way_on(frame.section, frame.locale)),
            frame,
            title: title.to_owned(),
            sentence: sentence.to_owned(),
            request_id: id.to_owned(),
        });
        let mut response = self.page_with(slug.status(), html);
        render::decorate(slug, response.headers_mut());
        response
    }
}

/// The list that a page belongs to.
fn way_on(section: Section, locale: PageLocale) -> LinkVm {
    let (href, en, fr) = match section {
        Section::Policies => ("/admin/policies", "All policies", "Toutes les politiques"),
        Section::Drafts => ("/admin/drafts", "All drafts", "Toutes les ébauches"),
        Section::Revisions => ("/admin/revisions", "All revisions", "Toutes les révisions"),
        Section::Access => ("/admin/access", "Who sees what", "Qui voit quoi"),
        Section::ViewAs => ("/admin/view-as", "View as", "Voir en tant que"),
        Section::Clients => ("/admin/clients", "All clients", "Tous les clients"),
        Section::Stop => ("/admin/stop-access", "Stop access", "Couper l’accès"),
        Section::Costs => ("/admin/costs", "Costs", "Coûts"),
        Section::Vitals => ("/admin/vitals", "Page speed", "Rapidité"),
        Section::Audit => ("/admin/audit", "Audit", "Journal d’audit"),
        Section::Waiting => ("/admin", "Waiting for me", "En attente de moi"),
    };
    let label = match locale {
        PageLocale::EnCa => en,
        PageLocale::FrCa => fr,
    };
    LinkVm {
        label: label.to_owned(),
        href: href.to_owned(),
    }
}
