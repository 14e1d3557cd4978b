use serde_json::json;

use super::*;

/// A workspace of `members`; each edge is (from, to, kind of dependency).
fn faults(members: &[&str], edges: &[(&str, &str, Option<&str>)]) -> Vec<String> {
    let ends = edges.iter().flat_map(|(from, to, _)| [*from, *to]);
    let all: BTreeSet<&str> = members.iter().copied().chain(ends).collect();
    let packages = all.iter().map(|name| json!({ "id": name, "name": name }));
    let nodes = all.iter().map(|name| {
        let own = edges.iter().filter(|(from, ..)| from == name);
        let deps = own.map(|(_, to, kind)| json!({ "pkg": to, "dep_kinds": [{ "kind": kind }] }));
        json!({ "id": name, "deps": deps.collect::<Vec<_>>() })
    });
    let metadata = json!({
        "packages": packages.collect::<Vec<_>>(),
        "workspace_members": members,
        "resolve": { "nodes": nodes.collect::<Vec<_>>() },
    });
    Graph::parse(&metadata.to_string()).unwrap().faults()
}

#[test]
fn this_workspace_is_layered_as_designed() {
    let graph = Graph::read(&Workspace::find().unwrap()).unwrap();

    assert_eq!(graph.faults(), Vec::<String>::new());
}

#[test]
fn every_crate_of_the_list_exists() {
    let graph = Graph::read(&Workspace::find().unwrap()).unwrap();
    let members: BTreeSet<&str> = graph.members.iter().map(|id| graph.name(id)).collect();

    for (name, _) in ALLOWED {
        assert!(members.contains(name), "{name}");
    }
}

#[test]
fn the_engine_may_know_the_query_core() {
    let found = faults(
        &["weir-engine", "weir-query"],
        &[("weir-engine", "weir-query", None)],
    );

    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_query_core_may_not_know_the_engine() {
    let found = faults(
        &["weir-engine", "weir-query"],
        &[("weir-query", "weir-engine", None)],
    );

    assert_eq!(found, ["`weir-query` may not know `weir-engine`"]);
}

#[test]
fn a_test_dependency_may_point_anywhere() {
    let edges = [
        ("weir-query", "weir-engine", Some("dev")),
        ("weir-query", "tokio", Some("dev")),
    ];

    let found = faults(&["weir-engine", "weir-query"], &edges);

    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_pure_crate_that_reaches_tokio_is_shown_the_way() {
    let edges = [
        ("weir-policy", "some-crate", None),
        ("some-crate", "tokio", None),
    ];

    let found = faults(&["weir-policy"], &edges);

    assert_eq!(
        found,
        ["a pure crate reaches the world: weir-policy -> some-crate -> tokio"]
    );
}

#[test]
fn families_of_crates_are_meant_as_a_whole() {
    assert!(is_impure("aws-sdk-athena"));
    assert!(is_impure("tracing-core"));
    assert!(!is_impure("awscow"));
}

#[test]
fn a_new_crate_must_get_a_place() {
    let found = faults(&["weir-extra"], &[]);

    assert_eq!(found.len(), 1);
    assert!(
        found
            .first()
            .unwrap()
            .contains("`weir-extra` has no place in the list")
    );
}

/// The faults of one package that knows the engine in this way.
fn door(dependency: &serde_json::Value, features: &serde_json::Value) -> Vec<String> {
    let package = json!({
        "id": "p", "name": "weir-server", "dependencies": [dependency], "features": features,
    });
    let metadata = json!({
        "packages": [package],
        "workspace_members": [],
        "resolve": { "nodes": [] },
    });
    Graph::parse(&metadata.to_string()).unwrap().faults()
}

#[test]
fn only_the_simulator_may_open_the_door_past_grants() {
    let open = json!({ "name": "weir-engine", "kind": null, "features": ["development"] });
    let test = json!({ "name": "weir-engine", "kind": "dev", "features": ["development"] });
    let shut = json!({ "name": "weir-engine", "kind": null, "features": [] });
    let refused = ["`weir-server` may not turn on `weir-engine/development`"];

    assert_eq!(door(&open, &json!({})), refused);
    assert_eq!(
        door(&shut, &json!({ "x": ["weir-engine/development"] })),
        refused
    );
    assert!(door(&test, &json!({})).is_empty());
    assert!(door(&shut, &json!({})).is_empty());
}
