//! Routes as labels: the templates of the router, and nothing that somebody asked for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::extract::MatchedPath;
use http::Method;

use super::metric::Value;
use crate::router::Route;

/// Files under here are one route.
const FILES: &str = "/assets";

/// The routes there are.
#[derive(Debug)]
pub(super) struct RouteIndex(HashMap<Arc<str>, HashSet<Method>>);

/// What is counted of one request.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    pub(super) method: &'static str,
    pub(super) route: Value,
    pub(super) kind: &'static str,
}

impl RouteIndex {
    pub(super) fn of(routes: &[Route]) -> Self {
        let mut known: HashMap<Arc<str>, HashSet<Method>> = HashMap::new();
        for route in routes {
            let methods = known.entry(route.path.as_str().into()).or_default();
            methods.insert(route.method.clone());
            if route.method == Method::GET {
                methods.insert(Method::HEAD);
            }
        }
        Self(known)
    }

    /// The labels of a request; everything that no route matches is one series.
    pub(super) fn labels(
        &self,
        matched: Option<&MatchedPath>,
        path: &str,
        method: &Method,
    ) -> Labels {
        let template = matched.map(MatchedPath::as_str);
        let known = template.and_then(|template| self.0.get_key_value(template));
        let is_file = path
            .strip_prefix(FILES)
            .is_some_and(|rest| rest.starts_with('/'));
        let known = known.or_else(|| is_file.then(|| self.0.get_key_value(FILES)).flatten());
        match known {
            Some((route, methods)) => Labels {
                method: methods.get(method).map_or("other", spelled),
                kind: kind(route),
                route: Value::Known(Arc::clone(route)),
            },
            None => Labels {
                method: "other",
                route: "unmatched".into(),
                kind: "other",
            },
        }
    }
}

fn spelled(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

/// What a route is to whoever waits for it; histograms are kept by this.
fn kind(route: &str) -> &'static str {
    if matches!(route, "/embed/{slug}" | "/d/{slug}") {
        return "page";
    }
    let is_api = route.starts_with("/api/");
    match route {
        _ if route.contains("/tiles/") && is_api => "data",
        _ if route.contains("/tiles/") => "tile",
        _ if route.contains("/filters/") => "filter",
        _ if route.starts_with("/api/v1/embed-tokens") => "mint",
        _ if is_api => "api",
        _ if route.starts_with("/admin") => "portal",
        _ if route.starts_with(FILES) || route.starts_with("/sdk") => "file",
        "/healthz" | "/readyz" => "health",
        _ => "other",
    }
}
