//! Routes that know whom they are for, so that a test can ask every one of them whether that is
//! true, and the API's description says it too.

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{get, post};
use http::Method;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::openapi;
use crate::state::AppState;

/// Whom a route is for. Handlers demand it by an extractor of [`crate::guard`]; here it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Everybody.
    Anyone,
    /// Whoever has an embed token.
    Viewer,
    /// Whoever signed in.
    Member,
    /// Either of them.
    Reader,
    /// A registered client.
    Service,
    /// A governance admin.
    Admin,
    /// A governance admin, or a registered client.
    Revoker,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method; `HEAD` comes with `GET`.
    pub method: Method,
    /// The path, as the router spells it.
    pub path: String,
    /// Whom it is for.
    pub audience: Audience,
    /// Whether it stands in the API's description.
    pub is_documented: bool,
}

/// The routes of one audience, or of all.
pub(crate) struct Routes {
    audience: Audience,
    pub(super) router: OpenApiRouter<AppState>,
    pub(super) list: Vec<Route>,
}

impl Routes {
    pub(crate) fn of(audience: Audience) -> Self {
        Self {
            audience,
            router: OpenApiRouter::new(),
            list: Vec::new(),
        }
    }

    /// A page, or what a page is made of.
    pub(crate) fn get<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let mut routes = self.listed(Method::GET, path, false);
        routes.router = routes.router.route(path, get(handler));
        routes
    }

    /// What a page's form is sent to.
    pub(crate) fn post<H, T>(self, path: &str, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let mut routes = self.listed(Method::POST, path, false);
        routes.router = routes.router.route(path, post(handler));
        routes
    }

    /// A call of the API: method and path are those of its description.
    pub(crate) fn api(self, (schemas, mut paths, handlers): UtoipaMethodRouter<AppState>) -> Self {
        let mut routes = self;
        for (path, item) in &mut paths.paths {
            for (method, operation) in operations(item) {
                openapi::complete(operation, routes.audience);
                routes = routes.listed(method, path, true);
            }
        }
        routes.router = routes.router.routes((schemas, paths, handlers));
        routes
    }

    /// A folder of files for everybody.
    pub(crate) fn files<S>(self, path: &str, service: S) -> Self
    where
        S: tower::Service<axum::extract::Request, Error = std::convert::Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        let mut routes = self.listed(Method::GET, path, false);
        routes.router = routes.router.nest_service(path, service);
        routes
    }

    /// Allows bodies of `bytes`.
    pub(crate) fn with_bodies_up_to(mut self, bytes: usize) -> Self {
        self.router = self.router.layer(DefaultBodyLimit::max(bytes));
        self
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.list.extend(other.list);
        self
    }

    fn listed(mut self, method: Method, path: &str, is_documented: bool) -> Self {
        self.list.push(Route {
            method,
            path: path.to_owned(),
            audience: self.audience,
            is_documented,
        });
        self
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::DELETE, &mut item.delete),
        (Method::PATCH, &mut item.patch),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
