//! `weir policy test`: what an author and a build server are told.

use std::process::{Command, Output};

use crate::support::canaries::{Canaries, policy};

fn policy_test(canaries: &Canaries, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_weir"))
        .args(["policy", "test", "--policies"])
        .arg(canaries.path("policies"))
        .arg("--dashboards")
        .arg(canaries.path("dashboards"))
        .args(more)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn every_case_is_named_and_all_passing_is_exit_code_0() {
    let output = policy_test(&Canaries::new(), &[]);

    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("ok      policies/notes.test.yaml: an analyst sees the own unit"),
        "{said}"
    );
    assert!(said.contains("4 cases, 0 failed"), "{said}");
}

#[test]
fn a_failing_row_says_the_rule_that_decided_it_to_people_and_to_build_servers() {
    let canaries = Canaries::new();
    let opened = policy("notes").replace("legal_hold: { eq: true }", "legal_hold: { eq: false }");
    canaries.edit("policies/notes.policy.yaml", &opened);
    let report = canaries.path("report.xml");

    let output = policy_test(&canaries, &["--junit", report.to_str().unwrap()]);

    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("FAILED  policies/notes.test.yaml: an analyst sees the own unit"),
        "{said}"
    );
    assert!(
        said.contains("litigation-hold") && said.contains("4 cases, 1 failed"),
        "{said}"
    );
    let xml = std::fs::read_to_string(report).unwrap();
    assert!(
        xml.contains("tests=\"4\"") && xml.contains("failures=\"1\""),
        "{xml}"
    );
    assert!(xml.contains("litigation-hold"), "{xml}");
}

#[test]
fn documents_that_cannot_be_read_are_exit_code_2() {
    let canaries = Canaries::new();
    canaries.edit(
        "policies/notes.policy.yaml",
        "dataset: gold.notes\nrulez: []\n",
    );

    let output = policy_test(&canaries, &["--json"]);

    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.contains("notes.policy.yaml") && complaint.contains("rules"),
        "{complaint}"
    );
}
