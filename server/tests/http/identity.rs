//! `weir identity explain`: what an operator is told of somebody's claims.

use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

const STAFF: &str = "https://login.example/realms/staff";

/// Explains claims under a mapping, with these arguments besides.
fn explain(mapping: Option<&str>, claims: &Value, more: &[&str]) -> Output {
    let home = TempDir::new().unwrap();
    let file = home.path().join("claims.json");
    std::fs::write(&file, claims.to_string()).unwrap();
    let policies = match mapping {
        Some(text) => {
            std::fs::write(home.path().join("identity.yaml"), text).unwrap();
            home.path().to_owned()
        }
        None => crate::support::world::repository().join("policies"),
    };
    Command::new(env!("CARGO_BIN_EXE_weir"))
        .args(["identity", "explain", "--claims"])
        .arg(file)
        .arg("--policies")
        .arg(policies)
        .args(more)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn by_issuer() -> String {
    format!(
        "issuers:\n  {STAFF}:\n    business_units: {{ claim: units, allow: [auto] }}\n    \
         roles: {{ claim: groups, allow: [analyst], rename: {{ CN=BI: analyst }} }}\n"
    )
}

#[test]
fn every_value_is_told_in_words_with_the_outcome_first() {
    let claims = json!({
        "sub": "u1", "business_units": ["auto", "AUTO"], "roles": ["analyst", "root"],
        "attributes": { "region": "QC" }, "department": "sales",
    });

    let output = explain(None, &claims, &[]);

    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for line in [
        "business units  auto\n",
        "roles           analyst\n",
        "attribute       region: QC\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let why = |value: &str| {
        let line = said.lines().find(|line| line.starts_with(value));
        line.unwrap_or_else(|| panic!("{value}: {said}")).to_owned()
    };
    assert!(why("business_units: auto ").ends_with("business_units = auto"));
    assert!(why("business_units: AUTO").ends_with("not on the allow list"));
    assert!(why("roles: root").ends_with("not on the allow list"));
    assert!(why("department: sales").ends_with("nothing, not mapped"));
    assert!(why("attributes.clearance").ends_with("not there, means none"));
}

#[test]
fn claims_are_explained_as_those_of_their_issuer() {
    let claims = json!({ "sub": "u1", "units": ["auto"], "groups": ["CN=BI"] });
    let of_staff = explain(Some(&by_issuer()), &claims, &["--issuer", STAFF, "--json"]);
    let of_strangers = ["--issuer", "https://other.example", "--json"];
    let of_strangers = explain(Some(&by_issuer()), &claims, &of_strangers);
    let of_nobody = explain(Some(&by_issuer()), &claims, &[]);

    let told: Value = serde_json::from_str(&said(&of_staff)).unwrap();
    assert_eq!(told["business_units"], json!(["auto"]));
    assert_eq!(told["roles"], json!(["analyst"]));
    let told: Value = serde_json::from_str(&said(&of_strangers)).unwrap();
    assert_eq!(
        (&told["mapped"], &told["roles"]),
        (&json!(false), &json!([]))
    );
    assert_eq!(told["values"][0]["verdict"], "unmapped");
    assert_eq!(
        of_nobody.status.code(),
        Some(2),
        "whose claims they are is not said"
    );
}

#[test]
fn claims_that_refuse_the_sign_in_are_findings() {
    let output = explain(None, &json!({ "sub": "u1", "roles": "executive" }), &[]);

    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("Can't sign in: claim `roles`"), "{said}");
    assert!(
        said.contains("roles: executive") && said.contains("wrong JSON type"),
        "{said}"
    );
}
