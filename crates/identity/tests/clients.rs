//! What a registered client may assert, and how everything else is refused.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "tests: helpers may fail loudly, and tables of attacks are long"
)]

use serde_json::{Value, json};
use weir_identity::{
    EmbedClient, EmbedClientConfig, EmbedClients, HashCost, MintRefusal, MintRequest, SecretHash,
};

fn config() -> EmbedClientConfig {
    let hash = SecretHash::create(&"demo-crm-secret".into(), HashCost::MINIMAL).unwrap();
    serde_json::from_value(json!({
        "id": "demo-crm", "secret_hash": hash.as_phc(),
        "origins": ["http://127.0.0.1:8081", "https://crm.example"],
        "dashboards": ["finance-overview", "risk-exposure"],
        "business_units": ["auto", "home"], "roles": ["analyst"],
        "attributes": { "region": "any", "clearance": ["internal"] },
        "rights": ["export_csv"],
    }))
    .unwrap()
}

fn client() -> EmbedClient {
    EmbedClient::try_from(config()).unwrap()
}

/// The example of the public contract.
fn request() -> Value {
    json!({
        "dashboard": "finance-overview", "subject": { "sub": "u-123", "name": "…" },
        "business_units": ["auto"], "attributes": { "region": ["QC"] }, "locale": "fr-CA",
        "origin": "https://crm.example", "parameters": { "region": ["QC"] }, "rights": ["export_csv"],
    })
}

fn request_with(name: &str, value: Value) -> Value {
    let mut body = request();
    body[name] = value;
    body
}

fn ask(body: &Value) -> Result<weir_identity::EmbedGrant, MintRefusal> {
    client().authorize(MintRequest::from_json(body.to_string().as_bytes())?)
}

#[track_caller]
fn assert_refused(body: &Value, code: &str, pointer: &str) {
    let refusal = ask(body).unwrap_err();
    assert_eq!(
        (refusal.code().as_str(), refusal.pointer()),
        (code, pointer),
        "{refusal}"
    );
}

#[test]
fn what_is_registered_is_granted() {
    let grant = ask(&request()).unwrap();

    assert_eq!(grant.client_id.as_str(), "demo-crm");
    assert_eq!(grant.viewer.as_str(), "u-123");
    assert_eq!(grant.lifetime_seconds, 300);
    assert_eq!(grant.roles.len(), 1);
}

#[test]
fn the_shortest_request_asserts_nothing_about_the_viewer() {
    let body = json!({
        "dashboard": "finance-overview", "subject": { "sub": "newcomer" },
        "origin": "https://crm.example",
    });

    let grant = ask(&body).unwrap();

    assert!(grant.business_units.is_empty() && grant.attributes.is_empty());
    assert!(grant.rights.is_empty() && grant.parameters.is_empty());
}

#[test]
fn e11_nothing_beyond_the_registration_is_granted() {
    for (field, value, code, pointer) in [
        (
            "dashboard",
            json!("claims-operations"),
            "dashboard_not_allowed",
            "/dashboard",
        ),
        (
            "origin",
            json!("https://evil.example"),
            "origin_not_allowed",
            "/origin",
        ),
        (
            "origin",
            json!("https://crm.example:8443"),
            "origin_not_allowed",
            "/origin",
        ),
        (
            "business_units",
            json!(["auto", "wealth"]),
            "business_unit_not_allowed",
            "/business_units/1",
        ),
        (
            "business_units",
            json!(["Auto"]),
            "business_unit_not_allowed",
            "/business_units/0",
        ),
        (
            "business_units",
            json!(["*"]),
            "business_unit_not_allowed",
            "/business_units/0",
        ),
        (
            "attributes",
            json!({ "clearance": ["confidential"] }),
            "attribute_not_allowed",
            "/attributes/clearance/0",
        ),
        (
            "attributes",
            json!({ "level": ["1"] }),
            "attribute_not_allowed",
            "/attributes/level",
        ),
        (
            "attributes",
            json!({ "a/b~c": ["1"] }),
            "attribute_not_allowed",
            "/attributes/a~1b~0c",
        ),
        (
            "rights",
            json!(["export_csv", "export_xlsx"]),
            "right_not_allowed",
            "/rights/1",
        ),
        (
            "expires_in",
            json!(301),
            "lifetime_not_allowed",
            "/expires_in",
        ),
        (
            "expires_in",
            json!(0),
            "lifetime_not_allowed",
            "/expires_in",
        ),
    ] {
        let body = request_with(field, value);
        assert_refused(&body, code, pointer);
        assert!(ask(&body).unwrap_err().code().is_forbidden());
    }
}

#[test]
fn requests_of_the_wrong_shape_are_refused_at_the_field() {
    for (field, value, code, pointer) in [
        ("role", json!("admin"), "unknown_field", "/role"),
        ("roles", json!(["executive"]), "unknown_field", "/roles"),
        ("sql", json!("1=1"), "unknown_field", "/sql"),
        (
            "subject",
            json!({ "sub": "u", "roles": [] }),
            "unknown_field",
            "/subject/roles",
        ),
        (
            "subject",
            json!({ "name": "x" }),
            "missing_field",
            "/subject",
        ),
        ("subject", json!(["u-123"]), "invalid_value", "/subject"),
        (
            "subject",
            json!({ "sub": 5 }),
            "invalid_value",
            "/subject/sub",
        ),
        (
            "subject",
            json!({ "sub": "" }),
            "invalid_value",
            "/subject/sub",
        ),
        ("dashboard", json!("../x"), "invalid_value", "/dashboard"),
        ("dashboard", json!(null), "invalid_value", "/dashboard"),
        (
            "origin",
            json!("https://*.example"),
            "invalid_value",
            "/origin",
        ),
        ("origin", json!("null"), "invalid_value", "/origin"),
        (
            "business_units",
            json!("auto"),
            "invalid_value",
            "/business_units",
        ),
        (
            "business_units",
            json!([["auto"]]),
            "invalid_value",
            "/business_units/0",
        ),
        ("locale", json!("fr"), "invalid_value", "/locale"),
        (
            "parameters",
            json!({ "region": "QC" }),
            "invalid_value",
            "/parameters/region",
        ),
        (
            "parameters",
            json!({ "x'--": [] }),
            "invalid_value",
            "/parameters/x'--",
        ),
        (
            "parameters",
            json!({ "region": ["a\u{0}"] }),
            "invalid_value",
            "/parameters/region/0",
        ),
        (
            "attributes",
            json!({ "region": ["x".repeat(257)] }),
            "invalid_value",
            "/attributes/region/0",
        ),
        ("rights", json!(["admin"]), "invalid_value", "/rights/0"),
        ("expires_in", json!(60.5), "invalid_value", "/expires_in"),
        ("expires_in", json!("60"), "invalid_value", "/expires_in"),
    ] {
        assert_refused(&request_with(field, value), code, pointer);
    }
}

#[test]
fn bodies_that_are_no_single_object_are_refused() {
    for body in [
        "",
        "null",
        "[]",
        "{",
        "{}x",
        r#"{"dashboard":"a","dashboard":"b"}"#,
        "\u{feff}{}",
    ] {
        let refusal = MintRequest::from_json(body.as_bytes()).unwrap_err();
        assert!(!refusal.code().is_forbidden(), "{body}");
        assert_eq!(refusal.pointer(), "");
    }
}

#[test]
fn refusals_help_the_developer_and_repeat_no_value() {
    let near = ask(&request_with("dashboard", json!("finance-overvew"))).unwrap_err();
    assert!(
        near.detail().contains("did you mean `finance-overview`"),
        "{near}"
    );

    let misspelt = ask(&request_with("busines_units", json!([]))).unwrap_err();
    assert!(
        misspelt.detail().contains("did you mean `business_units`"),
        "{misspelt}"
    );

    let hostile = ask(&request_with("business_units", json!(["<script>c4n4ry"]))).unwrap_err();
    assert!(!hostile.to_string().contains("c4n4ry"), "{hostile}");
}

#[test]
fn only_the_right_secret_of_a_known_client_is_let_in() {
    let clients = EmbedClients::new([config()]).unwrap();

    assert!(
        clients
            .authenticate("demo-crm", "demo-crm-secret")
            .is_some()
    );
    for (id, secret) in [
        ("demo-crm", ""),
        ("demo-crm", "demo-crm-secre"),
        ("demo-crm", "Demo-crm-secret"),
        ("other-crm", "demo-crm-secret"),
        ("DEMO-CRM", "demo-crm-secret"),
        ("", ""),
    ] {
        assert!(clients.authenticate(id, secret).is_none(), "{id}:{secret}");
    }
    assert!(
        EmbedClients::new([])
            .unwrap()
            .authenticate("demo-crm", "demo-crm-secret")
            .is_none()
    );
}

#[test]
fn registrations_are_checked_field_by_field() {
    for (field, value, path) in [
        ("id", json!("Demo CRM"), "`id`"),
        ("secret_hash", json!("demo-crm-secret"), "`secret_hash`"),
        (
            "origins",
            json!(["https://crm.example", "https://*"]),
            "`origins[1]`",
        ),
        ("origins", json!(["http://crm.example"]), "`origins[0]`"),
        ("dashboards", json!(["finance overview"]), "`dashboards[0]`"),
        ("business_units", json!([""]), "`business_units[0]`"),
        ("roles", json!(["a b"]), "`roles[0]`"),
        ("rights", json!(["export"]), "`rights[0]`"),
        (
            "attributes",
            json!({ "Region": "any" }),
            "`attributes.Region`",
        ),
        (
            "attributes",
            json!({ "region": "all" }),
            "`attributes.region`",
        ),
        (
            "max_lifetime_seconds",
            json!(3600),
            "`max_lifetime_seconds`",
        ),
    ] {
        let mut text = json!({
            "id": "demo-crm", "secret_hash": config().secret_hash, "origins": [], "dashboards": [],
            "business_units": [],
        });
        text[field] = value;
        let config: EmbedClientConfig = serde_json::from_value(text).unwrap();

        let error = EmbedClient::try_from(config).unwrap_err().to_string();

        assert!(error.contains(path), "{error}");
    }
}

#[test]
fn unknown_settings_and_ids_taken_twice_are_errors() {
    let unknown = json!({ "id": "a", "secret_hash": "", "origins": [], "dashboards": [],
        "business_units": [], "allow_all": true });
    assert!(serde_json::from_value::<EmbedClientConfig>(unknown).is_err());

    let twice = EmbedClients::new([config(), config()]).unwrap_err();
    assert!(twice.to_string().contains("demo-crm"), "{twice}");
}
