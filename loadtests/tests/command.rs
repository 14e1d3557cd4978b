//! The command as `cargo xtask load` calls it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::{Command, Output};

fn run(plan: &str) -> Output {
    let nowhere = "/nowhere/weir";
    let out = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_weir-load"))
        .args(["run", "--plan", plan, "--weir", nowhere, "--sim", nowhere])
        .args(["--site", nowhere, "--repository"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .arg("--out")
        .arg(out.path())
        .output()
        .unwrap()
}

#[test]
fn an_unknown_plan_is_exit_code_2_and_names_those_there_are() {
    let output = run("smoek");

    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("smoek") && said.contains("smoke"), "{said}");
}

#[test]
fn a_server_that_is_not_there_is_exit_code_2_and_named() {
    let output = run("smoke");

    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("/nowhere/weir"), "{said}");
}
