//! Every route, asked by everybody (failures F3, F33, F42; attacks A1, E3). The routes come from the
//! router itself and the calls of the API from its description, so none can be forgotten; what
//! everybody is answered stands in `docs/access.md`, where a change of it is read before it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use weir_server::router::{self, Audience, Route};

use crate::support::ask::{Ask, ask, framed, get, post};
use crate::support::canaries::{Canaries, policy};
use crate::support::world::{CRM, Who, World, repository};

/// Somebody who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actor {
    /// Without any credential.
    Nobody,
    /// With an embed token of the dashboard.
    Viewer,
    /// Signed in.
    Member,
    /// Signed in, with the role.
    Admin,
    /// The same, sent by a page of another site.
    Lured,
    /// A registered client with its secret.
    Service,
}

const ACTORS: [Actor; 6] = [
    Actor::Nobody,
    Actor::Viewer,
    Actor::Member,
    Actor::Lured,
    Actor::Admin,
    Actor::Service,
];

/// Who needs no credential. This list may only shrink.
const EXEMPT: [&str; 15] = [
    "GET /healthz",
    "GET /readyz",
    "GET /.well-known/jwks.json",
    "GET /.well-known/oauth-protected-resource",
    "GET /sdk/weir.js",
    "GET /sdk/version.json",
    "GET /sdk/{file}",
    "GET /favicon.ico",
    "GET /assets",
    "GET /login",
    "GET /auth/callback",
    "GET /auth/callback/{provider}",
    "POST /auth/backchannel-logout",
    "GET /signed-out",
    "GET /api/v1/openapi.json",
];

impl Actor {
    /// Whether routes for `audience` are for them.
    fn is_of(self, audience: Audience) -> bool {
        match audience {
            Audience::Anyone => true,
            Audience::Viewer => self == Self::Viewer,
            Audience::Member => matches!(self, Self::Member | Self::Admin | Self::Lured),
            Audience::Reader => self != Self::Nobody && self != Self::Service,
            Audience::Service => self == Self::Service,
            Audience::Admin => matches!(self, Self::Admin | Self::Lured),
            Audience::Revoker => matches!(self, Self::Admin | Self::Lured | Self::Service),
        }
    }

    async fn ask(self, office: &Office, ask: Ask) -> Ask {
        let world = &office.world;
        match self {
            Self::Nobody => ask,
            Self::Viewer => ask.bearer(&world.token(&Who::analyst("auto"), "finance-overview")),
            Self::Member => {
                let cookie = world.session(&Who::analyst("auto")).await;
                ask.header("sec-fetch-site", "same-origin").cookie(&cookie)
            }
            Self::Admin => ask
                .header("sec-fetch-site", "same-origin")
                .cookie(&office.admin),
            Self::Lured => ask
                .header("sec-fetch-site", "cross-site")
                .cookie(&office.admin),
            Self::Service => ask.basic(CRM.0, CRM.1),
        }
    }
}

/// A world with a draft of somebody else, a budget, an admin, and a preview that they began.
struct Office {
    world: World,
    admin: String,
    preview: String,
}

impl Office {
    async fn open(canaries: &Canaries) -> Self {
        let world = world_with_a_draft(canaries).await;
        let admin = world.session(&Who::governor()).await;
        let begun = post("/api/v1/view-as")
            .header("sec-fetch-site", "same-origin")
            .cookie(&admin)
            .json(&json!({
                "claims": { "roles": ["analyst"], "business_units": ["auto"] },
                "dashboard": "finance-overview",
            }));
        let budget = ask(Method::PUT, "/api/v1/budgets/dashboard:finance-overview")
            .header("sec-fetch-site", "same-origin")
            .cookie(&admin)
            .json(&json!({ "dollars_per_day": "2.50" }));
        world.send(budget).await.expect(StatusCode::CREATED);
        let begun = world.send(begun).await.expect(StatusCode::CREATED);
        let preview = begun.json()["id"].as_str().unwrap().to_owned();
        Self {
            world,
            admin,
            preview,
        }
    }
}

async fn world_with_a_draft(canaries: &Canaries) -> World {
    let world = World::build(&canaries.plan()).await.unwrap();
    let other = Who {
        name: "governor-2".to_owned(),
        ..Who::governor()
    };
    let cookie = world.session(&other).await;
    let revision = get("/api/v1/policies/revisions/1").cookie(&cookie);
    let mut files = world.send(revision).await.ok().json()["files"].clone();
    files["policies/notes.policy.yaml"] = json!(policy("notes").replace("executive", "director"));
    let draft = post("/api/v1/policies/drafts")
        .header("sec-fetch-site", "same-origin")
        .cookie(&cookie)
        .json(&json!({ "title": "Directors", "base": 1, "files": files }));
    world.send(draft).await.expect(StatusCode::CREATED);
    world
}

/// Something that is there, for every place that a path leaves open.
fn target(path: &str, office: &Office) -> String {
    let target = match path {
        "/assets" => "/assets/weir-1.js".to_owned(),
        "/admin/access/explain" | "/api/v1/explain" => {
            format!("{path}?dataset=gold.notes&role=analyst&business_unit=auto")
        }
        "/admin/revisions/diff" | "/api/v1/policies/diff" => format!("{path}?from=1&to=1"),
        "/api/v1/policies/who-could-see" => {
            let times = "from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z";
            format!("{path}?dataset=gold.notes&{times}")
        }
        "/api/v1/framing" => {
            format!("{path}?origin=https://nobody.example&dashboard=finance-overview")
        }
        "/api/v1/audit/export" => format!("{path}?format=jsonl"),
        path => path.to_owned(),
    };
    let id = match path {
        path if path.contains("/view-as/") || path.contains("/preview/") => &office.preview,
        path if path.contains("clients/") => CRM.0,
        _ => "1",
    };
    let places = [
        ("{slug}", "finance-overview"),
        ("{tile}", "list"),
        ("{filter}", "place"),
        ("{side}", "first"),
        ("{id}", id),
        ("{number}", "1"),
        ("{dataset}", "gold.notes"),
        ("{step}", "withdraw"),
        ("{provider}", "sso"),
        ("{secret}", "0a1b2c3d4e5f"),
        ("{scope}", "dashboard:finance-overview"),
        ("{file}", "version.json"),
    ];
    let target = places.iter().fold(target, |target, (place, value)| {
        target.replace(place, value)
    });
    assert!(!target.contains('{'), "give the place in {target} a value");
    target
}

fn request(route: &Route, office: &Office) -> Ask {
    let bare = ask(route.method.clone(), &target(&route.path, office));
    match (route.path.as_str(), &route.method) {
        ("/embed/{slug}", &Method::POST) => framed(bare.form(&[])),
        ("/embed/{slug}", _) => framed(bare),
        _ => bare,
    }
}

fn routes(world: &World) -> Vec<Route> {
    router::list(&world.app.state().assets)
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

#[tokio::test]
async fn every_route_lets_its_own_audience_in_and_nobody_else() {
    let canaries = Canaries::new();
    let office = Office::open(&canaries).await;
    let world = &office.world;
    let mut table = String::from(HEAD);
    let mut routes = routes(world);
    routes.sort_by_key(ends_something);
    for route in routes {
        write!(table, "| `{}` | {:?} |", name(&route), route.audience).unwrap();
        for actor in ACTORS {
            let answer = world
                .send(actor.ask(&office, request(&route, &office)).await)
                .await;
            let status = answer.status.as_u16();
            // What the policies withhold is behind an open door.
            let withheld = status == 403 && answer.text().contains("\"withheld\"");
            let shut = matches!(status, 401 | 403 | 404) && !withheld;
            let said: String = answer.text().chars().take(400).collect();
            let what = format!("{} for {actor:?}: {status} {said}", name(&route));
            if !actor.is_of(route.audience) {
                assert!(shut, "lets somebody in: {what}");
                assert!(!answer.text().contains("canary"), "leaks: {what}");
                assert!(answer.cookies().is_empty(), "sets a cookie: {what}");
            } else if actor == Actor::Lured && reads_a_cookie(&route) {
                assert_eq!(status, 403, "was lured: {what}");
            } else if route.audience != Audience::Viewer {
                // A launch needs its token in the form or behind the code.
                assert!(!shut, "keeps its own audience out: {what}");
            }
            write!(table, " {status} |").unwrap();
        }
        table.push('\n');
    }
    assert_is_on_record(&table);
}

/// Whether a browser's cookie could do something there: a provider that calls brings none.
fn reads_a_cookie(route: &Route) -> bool {
    route.method != Method::GET && route.audience != Audience::Anyone
}

/// C1, C4, E3, invariant 7, on every route and for everybody: the embed realm reads and sets no
/// cookie, no other realm takes its tokens, and nothing but the embed realm is framed by strangers.
#[tokio::test]
async fn invariant_7_c1_c4_e3_the_realms_are_apart_on_every_route() {
    let canaries = Canaries::new();
    let office = Office::open(&canaries).await;
    let world = &office.world;
    let mut routes = routes(world);
    routes.sort_by_key(ends_something);
    for route in routes {
        let is_embed = route.path.starts_with("/embed/");
        let mut of_nobody = None;
        for actor in ACTORS {
            let ask = actor.ask(&office, request(&route, &office)).await;
            let answer = world.send(ask).await;
            let what = format!("{} for {actor:?}: {}", name(&route), answer.status);
            assert_eq!(
                answer.header("x-content-type-options"),
                Some("nosniff"),
                "{what}"
            );
            let policy = answer.header("content-security-policy").unwrap_or_default();
            let mut words = policy.split(';').map(str::trim);
            let ancestors = words.find_map(|word| word.strip_prefix("frame-ancestors "));
            let ancestors = ancestors.unwrap_or_else(|| panic!("{what}: anybody may frame it"));
            if is_embed {
                assert!(answer.cookies().is_empty(), "{what} sets a cookie");
                assert!(answer.header("x-frame-options").is_none(), "{what}");
                assert!(!ancestors.contains('*'), "{what}: {ancestors}");
                // Whatever else is sent, a session is nobody there.
                let status = *of_nobody.get_or_insert(answer.status);
                if actor != Actor::Viewer {
                    assert_eq!(answer.status, status, "{what} reads the session");
                }
            } else {
                let preview = route.path.starts_with("/admin/preview/");
                let own = preview && ancestors == "'self'";
                assert!(own || ancestors == "'none'", "{what}: {ancestors}");
                assert!(answer.header("x-frame-options").is_some() || own, "{what}");
            }
            let takes = matches!(
                route.audience,
                Audience::Anyone | Audience::Viewer | Audience::Reader
            );
            if actor == Actor::Viewer && !takes {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
            }
        }
    }
}

/// What ends something that other routes need comes after them.
fn ends_something(route: &Route) -> u8 {
    match (route.path.as_str(), &route.method) {
        ("/logout", _) => 2,
        (path, method) => (*method == Method::DELETE || path.ends_with("/end")).into(),
    }
}

const HEAD: &str = "# Who is answered what

Every route, asked by everybody with a well-formed credential of their own: nobody; a viewer with an embed token; a
member; an admin whose browser was sent by a page of another site; an admin; a registered client. Bodies are empty, so
400, 409, 415, 422 and 428 are what stands behind an open door. The sign-in provider of this table does not answer (503).
Made by the tests; a difference is a change of who may do what.

| route | for | nobody | viewer | member | lured | admin | service |
|---|---|---|---|---|---|---|---|
";

/// The table in the repository says the same; whoever changes it leaves a trace.
fn assert_is_on_record(table: &str) {
    let known = std::fs::read_to_string(repository().join("docs/access.md")).unwrap_or_default();
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("access.md");
    std::fs::write(&made, table).unwrap();
    let lines = |text: &str| -> BTreeSet<String> { text.lines().map(str::to_owned).collect() };
    let (old, new) = (lines(&known), lines(table));
    let gone: Vec<_> = old.difference(&new).collect();
    let come: Vec<_> = new.difference(&old).collect();
    assert!(
        known == table,
        "docs/access.md says otherwise:\n- {gone:#?}\n+ {come:#?}\nIf that is meant, copy {} there.",
        made.display()
    );
}

#[tokio::test]
async fn a_path_answers_the_methods_of_its_routes_and_no_other() {
    let canaries = Canaries::new();
    let office = Office::open(&canaries).await;
    let world = &office.world;
    let mut methods: BTreeMap<String, Vec<Method>> = BTreeMap::new();
    for route in routes(world) {
        methods.entry(route.path).or_default().push(route.method);
    }
    // A folder of files answers for itself.
    methods.remove("/assets");
    for (path, known) in methods {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
            Method::TRACE,
        ] {
            let answer = world
                .send(
                    Actor::Admin
                        .ask(&office, ask(method.clone(), &target(&path, &office)))
                        .await,
                )
                .await;
            let is_answered = answer.status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(is_answered, known.contains(&method), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn only_these_routes_need_no_credential() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let routes = routes(&world).into_iter();
    let open = routes.filter(|route| route.audience == Audience::Anyone);
    let open: BTreeSet<String> = open.map(|route| name(&route)).collect();
    let exempt: BTreeSet<String> = EXEMPT.iter().map(ToString::to_string).collect();

    assert_eq!(open, exempt);
}

/// The calls of a description, each with whether a credential is asked for.
fn described(api: &Value) -> BTreeMap<String, bool> {
    let paths = api["paths"].as_object().unwrap().iter();
    let calls = paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, call)| {
            let what = format!("{} {path}", method.to_uppercase());
            assert!(call["summary"].is_string(), "{what} has no summary");
            assert!(call["tags"][0].is_string(), "{what} has no tag");
            assert!(call["responses"]["default"].is_object(), "{what}");
            let credentials = call["security"].as_array().unwrap();
            (what, !credentials.is_empty())
        })
    });
    calls.collect()
}

#[tokio::test]
async fn the_description_of_the_api_has_every_call_and_what_it_demands() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let api = world.send(get("/api/v1/openapi.json")).await.ok().json();

    let routes = routes(&world).into_iter();
    let documented = routes
        .filter(|route| route.is_documented)
        .map(|route| (name(&route), route.audience != Audience::Anyone));
    assert_eq!(described(&api), documented.collect());
    let routes = self::routes(&world).into_iter();
    let silent = routes
        .filter(|route| route.path.starts_with("/api/") && !route.is_documented)
        .map(|route| name(&route));
    assert_eq!(silent.collect::<Vec<_>>(), ["GET /api/v1/openapi.json"]);
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_every_reference_leads_somewhere(&api, &api);
}

fn assert_every_reference_leads_somewhere(api: &Value, part: &Value) {
    match part {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                let pointer = reference.trim_start_matches('#');
                assert!(api.pointer(pointer).is_some(), "{reference} is nowhere");
            }
            for member in members.values() {
                assert_every_reference_leads_somewhere(api, member);
            }
        }
        Value::Array(items) => {
            for item in items {
                assert_every_reference_leads_somewhere(api, item);
            }
        }
        _ => {}
    }
}
