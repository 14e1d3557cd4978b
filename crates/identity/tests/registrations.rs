//! Registrations of embed clients as documents: strict, canonical, and never wider than they say.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "tests: helpers may fail loudly, and tables of mistakes are long"
)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use weir_identity::{
    ClientId, EmbedClient, EmbedClients, HashCost, NewSecret, Registration, SecretHash,
};

fn document() -> Value {
    json!({
        "name": "CRM", "active": true,
        "origins": ["https://crm.example", "http://127.0.0.1:8081"],
        "dashboards": ["finance-overview"], "business_units": ["auto", "home"],
        "roles": ["analyst"], "attributes": { "region": "any", "clearance": ["internal"] },
        "rights": ["export_csv"], "max_lifetime_seconds": 120, "rate_per_minute": 60,
        "jwks": { "keys": [ed("k1")] },
        "exchange": { "audiences": ["crm-frontend"], "roles": ["analyst"] },
    })
}

fn ed(kid: &str) -> Value {
    let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x })
}

fn with(name: &str, value: Value) -> Value {
    let mut document = document();
    document[name] = value;
    document
}

#[test]
fn a_document_is_read_and_written_as_the_same() {
    let read = Registration::from_json(document().to_string().as_bytes()).unwrap();

    let written = read.to_json();

    assert_eq!(Registration::from_value(&written).unwrap(), read);
    for (name, value) in document().as_object().unwrap() {
        let sorted = |value: &Value| {
            let mut texts: Vec<String> = value
                .as_array()
                .into_iter()
                .flatten()
                .map(Value::to_string)
                .collect();
            texts.sort();
            texts
        };
        match value {
            Value::Array(_) => assert_eq!(sorted(value), sorted(&written[name]), "{name}"),
            _ => assert_eq!(value, &written[name], "{name}"),
        }
    }
}

#[test]
fn what_is_left_out_allows_nothing_and_has_sensible_limits() {
    let least = json!({ "origins": [], "dashboards": [], "business_units": [] });

    let read = Registration::from_value(&least).unwrap();

    assert!(read.active);
    assert!(read.roles.is_empty() && read.attributes.is_empty() && read.rights.is_empty());
    assert!(read.keys.is_empty() && read.exchange.is_none());
    assert_eq!(
        (read.max_lifetime_seconds, read.rate_per_minute),
        (300, 600)
    );
}

#[test]
fn every_mistake_names_its_place_and_the_nearest_right_word() {
    let private = {
        let mut key = ed("k1");
        key["d"] = json!("AAAA");
        key
    };
    let rsa = |bytes: usize, e: &str| {
        let mut modulus = vec![0xff_u8; bytes];
        modulus[bytes - 1] = 1;
        json!({ "kty": "RSA", "kid": "r", "n": URL_SAFE_NO_PAD.encode(modulus), "e": e })
    };
    let keys = |keys: Value| with("jwks", json!({ "keys": keys }));
    let zero = URL_SAFE_NO_PAD.encode([0_u8; 32]);
    let off_curve = json!({ "kty": "EC", "crv": "P-256", "kid": "e", "x": zero, "y": zero });
    let weak = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "w", "x": zero });
    for (document, pointer, said) in [
        (
            with("orgins", json!([])),
            "/orgins",
            "did you mean `origins`?",
        ),
        (with("secret", json!("x")), "/secret", "unknown key"),
        (with("active", json!("yes")), "/active", "`true` or `false`"),
        (
            with("origins", json!(["https://*.crm.example"])),
            "/origins/0",
            "no wildcard",
        ),
        (
            with("origins", json!(["http://crm.example"])),
            "/origins/0",
            "loopback only",
        ),
        (
            with("origins", json!(["https://crm.example/"])),
            "/origins/0",
            "no path",
        ),
        (with("origins", json!(["null"])), "/origins/0", "an origin"),
        (
            with("origins", json!("https://crm.example")),
            "/origins",
            "a list",
        ),
        (with("dashboards", json!(["*"])), "/dashboards/0", "a slug"),
        (
            with("business_units", json!([7])),
            "/business_units/0",
            "a text",
        ),
        (
            with("attributes", json!({ "region": "all" })),
            "/attributes/region",
            "the word `any`",
        ),
        (
            with("rights", json!(["admin"])),
            "/rights/0",
            "`export_csv`",
        ),
        (
            with("max_lifetime_seconds", json!(301)),
            "/max_lifetime_seconds",
            "1 to 300",
        ),
        (
            with("max_lifetime_seconds", json!(0)),
            "/max_lifetime_seconds",
            "1 to 300",
        ),
        (
            with("rate_per_minute", json!(0)),
            "/rate_per_minute",
            "1 to",
        ),
        (
            with("rate_per_minute", json!(1e9)),
            "/rate_per_minute",
            "1 to",
        ),
        (
            with("exchange", json!({})),
            "/exchange",
            "`audiences` is missing",
        ),
        (
            with("exchange", json!({ "audiences": [] })),
            "/exchange/audiences",
            "at least one",
        ),
        (
            with("exchange", json!({ "audiences": ["weir-embed"] })),
            "/exchange/audiences",
            "at least one",
        ),
        (
            with("exchange", json!({ "audiences": ["a"], "role": [] })),
            "/exchange/role",
            "did you mean `roles`?",
        ),
        (with("jwks", json!([])), "/jwks", "a mapping"),
        (
            keys(json!([private])),
            "/jwks/keys/0",
            "this one is private",
        ),
        (keys(json!([ed("k1"), ed("k1")])), "/jwks/keys", "no two"),
        (
            keys(json!([{ "kty": "oct", "kid": "x" }])),
            "/jwks/keys/0/kty",
            "`EC`",
        ),
        (
            keys(json!([{ "kty": "oct", "kid": "x", "k": "AAAA" }])),
            "/jwks/keys/0",
            "private",
        ),
        (
            keys(json!([rsa(128, "AQAB")])),
            "/jwks/keys/0",
            "2048 to 4096 bits",
        ),
        (
            keys(json!([rsa(1024, "AQAB")])),
            "/jwks/keys/0",
            "2048 to 4096 bits",
        ),
        (keys(json!([rsa(256, "AQ")])), "/jwks/keys/0", "65537"),
        (keys(json!([off_curve])), "/jwks/keys/0", "P-256"),
        (keys(json!([weak])), "/jwks/keys/0", "Ed25519"),
        (
            keys(json!([{ "kty": "OKP", "crv": "X25519", "kid": "x", "x": ed("k")["x"] }])),
            "/jwks/keys/0",
            "Ed25519",
        ),
        (
            keys(json!([{ "kty": "OKP", "crv": "Ed25519", "x": ed("k")["x"] }])),
            "/jwks/keys/0",
            "`kid` is missing",
        ),
    ] {
        let error = Registration::from_value(&document).unwrap_err();

        assert_eq!(error.pointer(), pointer, "{error}");
        assert!(
            error.detail().contains(said),
            "{error} does not say `{said}`"
        );
    }
    for text in ["", "[]", "null", r#"{"origins":[],"origins":[]}"#, "{} {}"] {
        assert!(Registration::from_json(text.as_bytes()).is_err(), "{text}");
    }
}

fn client(secrets: Vec<SecretHash>) -> EmbedClients {
    let registration = Registration::from_value(&document()).unwrap();
    let id = ClientId::parse("crm").unwrap();
    EmbedClients::of([EmbedClient::new(id, registration, secrets)]).unwrap()
}

#[test]
fn both_live_secrets_open_the_door_and_no_other_does() {
    let [one, two, gone] = [(); 3].map(|()| NewSecret::generate(HashCost::MINIMAL).unwrap());
    let clients = client(vec![one.hash, two.hash]);

    for live in [&one.secret, &two.secret] {
        assert!(clients.authenticate("crm", live.expose_secret()).is_some());
    }
    assert!(
        clients
            .authenticate("crm", gone.secret.expose_secret())
            .is_none()
    );
    assert!(client(Vec::new()).authenticate("crm", "").is_none());
}

#[test]
fn a_generated_secret_is_long_findable_and_never_the_same() {
    let one = NewSecret::generate(HashCost::MINIMAL).unwrap();
    let two = NewSecret::generate(HashCost::MINIMAL).unwrap();

    let text = one.secret.expose_secret();
    assert!(
        text.starts_with("weir_secret_") && text.len() == 12 + 43,
        "{}",
        text.len()
    );
    assert_ne!(text, two.secret.expose_secret());
    assert_ne!(one.id, two.id);
    assert!(!format!("{one:?}").contains(text));
}

/// What the documentation shows is what is taken.
#[test]
fn the_registrations_of_the_documentation_are_valid() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/embedding.md");
    let text = std::fs::read_to_string(path).unwrap();
    let blocks: Vec<_> = text.split("```json\n").skip(1).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let document = block.split("```").next().unwrap();
        let read = Registration::from_json(document.as_bytes());
        assert!(read.is_ok(), "{read:?}: {document}");
    }
}
