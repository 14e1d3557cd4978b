//! Every route has a guard, and a row here (failures F3, F33, F42; attack E3). A route that is added
//! to the router and not to this list fails.

use std::collections::BTreeSet;

use http::{Method, StatusCode};

use crate::support::ask::{Ask, ask, framed};
use crate::support::canaries::Canaries;
use crate::support::world::{CRM, Who, World, repository};

/// What comes with a request.
#[derive(Debug, Clone, Copy)]
enum Credential {
    None,
    Token,
    Session,
    Secret,
}

/// A route as the router spells it, a target of it, and the status for each credential.
type Row = (&'static str, &'static str, &'static str, [u16; 4]);

const ROWS: [Row; 21] = [
    // Anyone.
    ("GET", "/healthz", "/healthz", [200; 4]),
    ("GET", "/readyz", "/readyz", [200; 4]),
    (
        "GET",
        "/.well-known/jwks.json",
        "/.well-known/jwks.json",
        [200; 4],
    ),
    (
        "GET",
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource",
        [200; 4],
    ),
    ("GET", "/sdk/weir.js", "/sdk/weir.js", [200; 4]),
    ("GET", "/favicon.ico", "/favicon.ico", [200; 4]),
    ("GET", "/assets", "/assets/weir-1.js", [200; 4]),
    // The provider of this world does not answer.
    ("GET", "/login", "/login", [503; 4]),
    ("GET", "/auth/callback", "/auth/callback", [400; 4]),
    ("GET", "/signed-out", "/signed-out", [200; 4]),
    // A token in the form, or behind the code: neither is there.
    ("POST", "/embed/{slug}", "/embed/finance-overview", [401; 4]),
    ("GET", "/embed/{slug}", "/embed/finance-overview", [401; 4]),
    (
        "GET",
        "/embed/{slug}/tiles/{tile}",
        "/embed/finance-overview/tiles/list",
        [401, 200, 401, 401],
    ),
    // A session.
    ("GET", "/", "/", [401, 401, 200, 401]),
    (
        "GET",
        "/d/{slug}",
        "/d/finance-overview",
        [401, 401, 200, 401],
    ),
    (
        "GET",
        "/d/{slug}/tiles/{tile}",
        "/d/finance-overview/tiles/list",
        [401, 401, 200, 401],
    ),
    // And from Weir's own page.
    ("POST", "/logout", "/logout", [401, 401, 403, 401]),
    // Either.
    (
        "GET",
        "/api/v1/dashboards/{slug}/tiles/{tile}/data",
        "/api/v1/dashboards/finance-overview/tiles/list/data",
        [401, 200, 200, 401],
    ),
    (
        "GET",
        "/api/v1/dashboards/{slug}/filters/{filter}/values",
        "/api/v1/dashboards/finance-overview/filters/place/values",
        [401, 200, 200, 401],
    ),
    // A client's secret; the body is empty.
    (
        "POST",
        "/api/v1/embed-tokens",
        "/api/v1/embed-tokens",
        [401, 401, 401, 422],
    ),
    // Nothing is there.
    ("GET", "", "/admin", [404; 4]),
];

async fn with(world: &World, ask: Ask, credential: Credential) -> Ask {
    match credential {
        Credential::None => ask,
        Credential::Token => ask.bearer(&world.token(&Who::analyst("auto"), "finance-overview")),
        Credential::Session => ask.cookie(&world.session(&Who::analyst("auto")).await),
        Credential::Secret => ask.basic(CRM.0, CRM.1),
    }
}

#[tokio::test]
async fn every_route_lets_its_own_audience_in_and_nobody_else() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let credentials = [
        Credential::None,
        Credential::Token,
        Credential::Session,
        Credential::Secret,
    ];
    for (method, _, target, expected) in ROWS {
        for (credential, expected) in credentials.into_iter().zip(expected) {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let bare = ask(method.clone(), target);
            let bare = if target.starts_with("/embed/f") && !target.contains("tiles") {
                framed(if method == Method::POST {
                    bare.form(&[])
                } else {
                    bare
                })
            } else {
                bare
            };
            let answer = world.send(with(&world, bare, credential).await).await;
            assert_eq!(
                answer.status.as_u16(),
                expected,
                "{method} {target} with {credential:?}: {}",
                answer.text()
            );
            let refused = answer.status != StatusCode::OK;
            assert!(
                !refused || !answer.text().contains("canary"),
                "{target} with {credential:?}"
            );
            assert!(
                answer.cookies().is_empty(),
                "{target} with {credential:?} sets a cookie"
            );
        }
    }
}

#[test]
fn every_route_of_the_router_stands_in_the_list_and_no_other() {
    let source = std::fs::read_to_string(repository().join("server/src/router.rs")).unwrap();
    let calls = source
        .split(".route(")
        .skip(1)
        .chain(source.split(".nest_service(").skip(1));
    let known: BTreeSet<_> = calls
        .map(|rest| rest.split('"').nth(1).unwrap().to_owned())
        .collect();
    let listed = ROWS
        .iter()
        .map(|row| row.1.to_owned())
        .filter(|route| !route.is_empty());
    assert_eq!(known, listed.collect());
}

#[test]
fn every_method_of_the_router_stands_in_the_list() {
    let source = std::fs::read_to_string(repository().join("server/src/router.rs")).unwrap();
    for rest in source.split(".route(").skip(1) {
        let route = rest.split('"').nth(1).unwrap();
        let rest = rest.split(".route(").next().unwrap();
        for (method, name) in [
            ("get(", "GET"),
            ("post(", "POST"),
            ("put(", "PUT"),
            ("delete(", "DELETE"),
            ("any(", "ANY"),
        ] {
            let here = rest.split(';').next().unwrap();
            let routed =
                here.contains(&format!(" {method}")) || here.contains(&format!(".{method}"));
            let listed = ROWS.iter().any(|row| row.1 == route && row.0 == name);
            assert!(!routed || listed, "{name} {route} is not in the list");
        }
    }
}
