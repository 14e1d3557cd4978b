//! Only one place can start queries, and it takes nothing but vetted statements.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{World, root};

/// Every Rust file below `dir`, tests included.
fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn files_with(text: &str) -> Vec<String> {
    let mut files = Vec::new();
    for part in [
        "crates/engine/src",
        "crates/registry/src",
        "crates/identity/src",
        "server/src",
    ] {
        sources(&root().join(part), &mut files);
    }
    assert!(files.len() > 100, "the sources were not found");
    let with = files
        .into_iter()
        .filter(|path| fs::read_to_string(path).unwrap().contains(text));
    let name = |path: PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    with.map(name).collect()
}

#[test]
fn f33_one_module_starts_queries_at_athena() {
    assert_eq!(
        files_with(".start_query_execution("),
        ["crates/engine/src/athena/start.rs"]
    );
    for other in [
        ".create_prepared_statement(",
        ".start_session(",
        ".create_named_query(",
    ] {
        assert_eq!(
            files_with(other),
            [""; 0],
            "another way to run SQL: {other}"
        );
    }
}

#[test]
fn f33_what_is_started_is_made_of_a_vetted_statement_and_of_nothing_else() {
    let text = fs::read_to_string(root().join("crates/engine/src/athena/start.rs")).unwrap();

    assert_eq!(
        text.matches("Ok(Self {").count(),
        1,
        "one constructor of orders"
    );
    let vetted = text.find("statement.vet()?").expect("nothing is vetted");
    let made = text.find("Self::from_text(statement").unwrap();
    assert!(vetted < made);
    assert!(
        !text.contains("pub(super) fn from_text"),
        "texts stay inside"
    );
}

#[tokio::test]
async fn an_engine_prints_no_secret() {
    let world = World::new(|config| config.idempotency_key = [0xcd; 32]).await;
    let shown = format!("{:?} {:#?}", world.athena, world.athena);

    for byte in ["205, 205", "7, 7, 7", "cdcdcdcd", "07070707"] {
        assert!(!shown.contains(byte), "a key is printed as `{byte}`");
    }
}
