//! `weir policy check`: an author is told everything that is wrong, each with its line.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::canaries::{Canaries, dataset, policy};

fn check(canaries: &Canaries, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_weir"))
        .args(["policy", "check", "--policies"])
        .arg(canaries.path("policies"))
        .arg("--dashboards")
        .arg(canaries.path("dashboards"))
        .args(more)
        .output()
        .unwrap()
}

fn findings(canaries: &Canaries) -> Vec<Value> {
    let output = check(canaries, &["--json"]);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let code = output.status.code();
    let findings = said["findings"].as_array().unwrap().clone();
    assert_eq!(said["ok"], json!(findings.is_empty()));
    assert_eq!(code, Some(i32::from(!findings.is_empty())), "{said}");
    findings
}

/// The line and column of a word in a file, counted from one.
fn place(text: &str, word: &str) -> (usize, usize) {
    let before = text.split(word).next().unwrap();
    assert_ne!(before, text, "{word} is not in the text");
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (
        before.lines().count().max(1) + usize::from(before.ends_with('\n')),
        column,
    )
}

/// Demands a finding of a file at the place of a word, with a suggestion.
fn demand(findings: &[Value], file: &str, (text, word): (&str, &str), meant: Option<&str>) {
    let (line, column) = place(text, word);
    let found = findings.iter().any(|finding| {
        (
            &finding["file"],
            &finding["line"],
            &finding["column"],
            &finding["suggestion"],
        ) == (&json!(file), &json!(line), &json!(column), &json!(meant))
    });
    assert!(
        found,
        "{file}:{line}:{column} ({meant:?}) is not in {findings:#?}"
    );
}

#[test]
fn f32_mistakes_in_files_of_every_kind_are_told_at_once_with_line_and_column() {
    let canaries = Canaries::new();
    let notes = policy("notes")
        .replace("permit: all", "permitt: all")
        .replace("legal_hold:", "legal_holt:");
    let visits = "policy: gold.visits\ngiven:\n  - { id: one, busness_unit: auto }\n  - { id: two }\n\
                  cases:\n  - { as: { roles: [none] }, sees: [too] }\n  - { as: {}, sees: denyed }\n";
    let people = "personas:\n  - { name: a, label: { en: A, fr: A }, as: { rols: [a] } }\n\
                  \x20 - { name: B, label: { en: B, fr: B }, as: {} }\n";
    let mapping = "business_units: { clam: units, allow: [auto] }\nroles:\n  claim: roles\n  allow: analyst\n";
    let file = "dashboards/finance-overview.dashboard.yaml";
    let dashboard = std::fs::read_to_string(canaries.path(file)).unwrap();
    let dashboard = dashboard
        .replacen("by: [place]", "by: [plaice]", 1)
        .replacen("column: place", "column: plase", 1);
    canaries.edit("policies/notes.policy.yaml", &notes);
    canaries.edit("policies/visits.test.yaml", visits);
    canaries.edit("policies/personas.yaml", people);
    canaries.edit("policies/identity.yaml", mapping);
    canaries.edit(file, &dashboard);

    let found = findings(&canaries);

    let policy = "policies/notes.policy.yaml";
    demand(&found, policy, (&notes, "permitt"), Some("permit"));
    let hold = notes
        .lines()
        .find(|line| line.contains("legal_holt"))
        .unwrap();
    let (line, _) = place(&notes, "legal_holt");
    let at_hold = |finding: &&Value| finding["file"] == policy && finding["line"] == line;
    let hold_found = found.iter().find(at_hold).expect(hold);
    assert_eq!(hold_found["suggestion"], "legal_hold");
    let table = "policies/visits.test.yaml";
    demand(&found, table, (visits, "too]"), Some("two"));
    demand(&found, table, (visits, "denyed"), Some("denied"));
    let people_file = "policies/personas.yaml";
    demand(&found, people_file, (people, "rols"), Some("roles"));
    demand(&found, people_file, (people, "B, label"), None);
    let identity = "policies/identity.yaml";
    demand(&found, identity, (mapping, "units, allow"), Some("claim"));
    demand(&found, identity, (mapping, "analyst"), None);
    demand(&found, file, (&dashboard, "plaice"), Some("place"));
    demand(&found, file, (&dashboard, "plase"), Some("place"));
    let order: Vec<_> = found
        .iter()
        .map(|one| (one["file"].to_string(), one["line"].as_u64()))
        .collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn what_follows_from_another_mistake_alone_is_not_said() {
    let canaries = Canaries::new();
    let file = "dashboards/datasets/notes.dataset.yaml";
    let broken = dataset("notes").replace("sum: amount", "sum: amont");
    canaries.edit(file, &broken);

    let found = findings(&canaries);

    assert_eq!(found.len(), 1, "{found:#?}");
    demand(&found, file, (&broken, "amont"), Some("amount"));
}

#[test]
fn a_broken_policy_is_not_blamed_by_its_table_too() {
    let canaries = Canaries::new();
    let broken = policy("notes").replace("permit: all", "permitt: all");
    canaries.edit("policies/notes.policy.yaml", &broken);

    let found = findings(&canaries);

    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn people_get_a_line_for_each_finding_and_a_count() {
    let canaries = Canaries::new();
    let broken = policy("notes").replace("permit: all", "permitt: all");
    canaries.edit("policies/notes.policy.yaml", &broken);
    let (line, column) = place(&broken, "permitt");

    let output = check(&canaries, &[]);

    let said = String::from_utf8(output.stdout).unwrap();
    let place = format!("policies/notes.policy.yaml:{line}:{column}: rules[");
    assert!(
        said.contains(&place) && said.contains("did you mean `permit`?"),
        "{said}"
    );
    assert!(said.ends_with("1 finding\n"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn folders_that_are_not_there_are_exit_code_2() {
    let canaries = Canaries::new();
    std::fs::remove_dir_all(canaries.path("policies")).unwrap();

    let output = check(&canaries, &["--json"]);

    assert_eq!(output.status.code(), Some(2));
}
