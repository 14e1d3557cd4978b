//! `private_key_jwt` (RFC 7523 §3): what proves a client, and everything else that looks like it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: helpers may fail loudly"
)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::{Signer as _, SigningKey};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use weir_identity::{Accepted, Assertion, AssertionError, ClientId, EmbedClient, Registration};

const AUDIENCE: &str = "https://weir.example";
const ENDPOINT: &str = "https://weir.example/api/v1/embed-tokens";

/// A key that everybody may know: it signs nothing but these tests' assertions.
const RSA: &[u8] = include_bytes!("client_assertions/rsa_2048.pem");
const RSA_MODULUS: &str = include_str!("client_assertions/rsa_2048.n");

fn now() -> DateTime<Utc> {
    "2026-10-05T12:00:00Z".parse().unwrap()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A client with one key of each kind.
struct Crm {
    ed: SigningKey,
    ec: p256::ecdsa::SigningKey,
    client: EmbedClient,
}

impl Crm {
    fn new() -> Self {
        let ed = SigningKey::from_bytes(&rand::random());
        let ec = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let point = ec.verifying_key().to_encoded_point(false);
        let keys = json!([
            { "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": b64(ed.verifying_key().as_bytes()) },
            { "kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "use": "sig",
              "x": b64(point.x().unwrap()), "y": b64(point.y().unwrap()) },
            { "kty": "RSA", "kid": "rsa", "n": RSA_MODULUS, "e": "AQAB" },
        ]);
        let document = json!({
            "origins": [], "dashboards": [], "business_units": [], "jwks": { "keys": keys },
        });
        let registration = Registration::from_value(&document).unwrap();
        let client = EmbedClient::new(ClientId::parse("crm").unwrap(), registration, Vec::new());
        Self { ed, ec, client }
    }

    fn sign_text(&self, header: &str, claims: &str, kid: &str) -> String {
        let message = format!("{}.{}", b64(header), b64(claims));
        let signature = match kid {
            "ec" => {
                let signature: p256::ecdsa::Signature = self.ec.sign(message.as_bytes());
                b64(signature.to_bytes())
            }
            "rsa" => {
                let key = EncodingKey::from_rsa_pem(RSA).unwrap();
                crypto::sign(message.as_bytes(), &key, Algorithm::RS256).unwrap()
            }
            _ => b64(self.ed.sign(message.as_bytes()).to_bytes()),
        };
        format!("{message}.{signature}")
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let kid = header["kid"].as_str().unwrap_or("ed");
        self.sign_text(&header.to_string(), &claims.to_string(), kid)
    }

    fn accept(&self, text: &str) -> Result<Accepted, AssertionError> {
        let assertion = Assertion::read(text)?;
        assertion.accept(&self.client, &[AUDIENCE, ENDPOINT], now())
    }
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "kid": "ed", "typ": "JWT" })
}

fn claims() -> Value {
    json!({
        "iss": "crm", "sub": "crm", "aud": AUDIENCE, "jti": "7d1c",
        "iat": now().timestamp(), "exp": (now() + Duration::seconds(60)).timestamp(),
    })
}

fn with(mut document: Value, name: &str, value: Value) -> Value {
    document[name] = value;
    document
}

fn without(mut document: Value, name: &str) -> Value {
    document.as_object_mut().unwrap().remove(name).unwrap();
    document
}

fn at(seconds: i64) -> Value {
    json!(now().timestamp() + seconds)
}

#[test]
fn each_kind_of_key_proves_the_client() {
    let crm = Crm::new();

    for (alg, kid) in [("EdDSA", "ed"), ("ES256", "ec"), ("RS256", "rsa")] {
        for typ in ["JWT", "jwt", "client-authentication+jwt"] {
            let header = json!({ "alg": alg, "kid": kid, "typ": typ });
            let accepted = crm.accept(&crm.sign(&header, &claims()));

            assert!(accepted.is_ok(), "{alg} {typ}: {accepted:?}");
        }
    }
}

#[test]
fn the_audience_is_weir_or_the_very_endpoint_and_nobody_besides() {
    let crm = Crm::new();
    for good in [json!(AUDIENCE), json!(ENDPOINT), json!([ENDPOINT])] {
        let text = crm.sign(&header(), &with(claims(), "aud", good.clone()));
        assert!(crm.accept(&text).is_ok(), "{good}");
    }
    for bad in [
        json!("https://weir.example/"),
        json!("https://weir.example/api/v1/embed-tokens/"),
        json!("http://weir.example"),
        json!("https://WEIR.example"),
        json!("https://other.example"),
        json!([AUDIENCE, "https://other.example"]),
        json!([AUDIENCE, AUDIENCE]),
        json!([]),
        json!([[AUDIENCE]]),
        json!(null),
        json!(7),
        json!({ "aud": AUDIENCE }),
    ] {
        let text = crm.sign(&header(), &with(claims(), "aud", bad.clone()));
        assert_eq!(crm.accept(&text), Err(AssertionError::Audience), "{bad}");
    }
    let none = crm.sign(&header(), &without(claims(), "aud"));
    assert_eq!(crm.accept(&none), Err(AssertionError::Audience));
}

#[test]
fn what_must_not_be_seen_twice_is_named_per_client_and_id() {
    let crm = Crm::new();
    let first = crm.accept(&crm.sign(&header(), &claims())).unwrap();
    let later = with(claims(), "exp", at(90));

    let again = crm.accept(&crm.sign(&header(), &later)).unwrap();
    let other = with(claims(), "jti", json!("7d1d"));
    let other = crm.accept(&crm.sign(&header(), &other)).unwrap();

    assert_eq!(first.once, again.once);
    assert_ne!(first.once, other.once);
    assert_eq!(again.until, now() + Duration::seconds(90));
}

#[test]
fn headers_say_algorithm_key_and_type_and_nothing_else() {
    use AssertionError as E;
    let crm = Crm::new();
    let h = |name: &str, value: Value| with(header(), name, value);
    for (header, expected) in [
        (h("alg", json!("none")), E::Algorithm),
        (h("alg", json!("NoNe")), E::Algorithm),
        (h("alg", json!("HS256")), E::Algorithm),
        (h("alg", json!("ES384")), E::Algorithm),
        (h("alg", json!("PS256")), E::Algorithm),
        (h("alg", json!("ES256")), E::Algorithm),
        (h("alg", json!("RS256")), E::Algorithm),
        (h("alg", json!(["EdDSA"])), E::Header),
        (without(header(), "alg"), E::Header),
        (h("kid", json!("other")), E::UnknownKey),
        (h("kid", json!("../../dev/null")), E::UnknownKey),
        (h("kid", json!("' OR 1=1--")), E::UnknownKey),
        (h("kid", json!(["ed"])), E::Header),
        (without(header(), "kid"), E::Header),
        (h("typ", json!("at+jwt")), E::WrongType),
        (h("typ", json!("weir-embed+jwt")), E::WrongType),
        (h("typ", json!("dpop+jwt")), E::WrongType),
        (h("typ", json!(null)), E::WrongType),
        (without(header(), "typ"), E::WrongType),
        (h("jku", json!("http://127.0.0.1:1/")), E::Header),
        (h("x5u", json!("http://127.0.0.1:1/")), E::Header),
        (h("jwk", json!({ "kty": "OKP" })), E::Header),
        (h("x5c", json!([])), E::Header),
        (h("crit", json!([])), E::Header),
        (h("b64", json!(false)), E::Header),
        (h("zip", json!("DEF")), E::Header),
    ] {
        assert_eq!(
            crm.accept(&crm.sign(&header, &claims())),
            Err(expected),
            "{header}"
        );
    }
}

#[test]
fn claims_are_all_there_of_their_own_type_and_no_others() {
    use AssertionError as E;
    let crm = Crm::new();
    let c = |name: &str, value: Value| with(claims(), name, value);
    let mut table = vec![
        (c("iss", json!("other")), E::Speaker),
        (c("sub", json!("other")), E::Speaker),
        (c("iss", json!(["crm"])), E::Claims),
        (c("sub", json!("")), E::Claims),
        (c("jti", json!("")), E::Claims),
        (c("jti", json!(7)), E::Claims),
        (c("jti", json!("a b")), E::Claims),
        (c("jti", json!("x".repeat(129))), E::Claims),
        (c("act", json!({ "sub": "crm" })), E::Claims),
        (c("scope", json!("admin")), E::Claims),
        (without(claims(), "iss"), E::Claims),
        (without(claims(), "sub"), E::Claims),
        (without(claims(), "jti"), E::Claims),
        (without(claims(), "iat"), E::Claims),
        (without(claims(), "exp"), E::Claims),
        (c("exp", at(0)), E::Expired),
        (c("exp", at(-1)), E::Expired),
        (c("exp", at(301)), E::Time),
        (c("iat", at(6)), E::Time),
        (c("nbf", at(6)), E::Time),
        (c("nbf", json!("soon")), E::Claims),
    ];
    for name in ["iat", "exp"] {
        for value in [
            json!("1790000000"),
            json!(1.5e9),
            json!(1e300),
            json!(-1),
            json!(0),
            json!(null),
            json!([1]),
            json!(true),
        ] {
            table.push((c(name, value), E::Claims));
        }
    }
    for (claims, expected) in table {
        assert_eq!(
            crm.accept(&crm.sign(&header(), &claims)),
            Err(expected),
            "{claims}"
        );
    }
    // Issued long ago and meant to live for hours, though it ends soon.
    let old = with(with(claims(), "iat", at(-3600)), "exp", at(30));
    assert_eq!(crm.accept(&crm.sign(&header(), &old)), Err(E::Time));
    // A clock that is a little ahead, and one that is a little behind.
    for (iat, exp) in [(4, 304), (-4, 296), (-299, 1)] {
        let near = with(with(claims(), "iat", at(iat)), "exp", at(exp));
        assert!(crm.accept(&crm.sign(&header(), &near)).is_ok(), "{near}");
    }
}

#[test]
fn texts_that_are_no_assertion_are_refused() {
    let crm = Crm::new();
    let good = crm.sign(&header(), &claims());
    let twice = claims().to_string().replacen('{', r#"{"iss":"crm","#, 1);
    for bad in [
        String::new(),
        "crm:secret".to_owned(),
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        good.replacen('.', "", 1),
        format!("{good}.{}", b64("x")),
        crm.sign_text(&header().to_string(), &twice, "ed"),
        crm.sign_text(&header().to_string(), "[]", "ed"),
        crm.sign_text("not json", &claims().to_string(), "ed"),
    ] {
        assert_eq!(crm.accept(&bad), Err(AssertionError::Malformed), "{bad}");
    }
    let long = with(claims(), "jti", json!("x".repeat(5000)));
    let long = crm.sign(&header(), &long);
    assert_eq!(crm.accept(&long), Err(AssertionError::TooLong));
}

#[test]
fn a_signature_is_the_named_keys_over_exactly_this_text() {
    let crm = Crm::new();
    let stranger = Crm::new();
    let good = crm.sign(&header(), &claims());
    let (message, _) = good.rsplit_once('.').unwrap();

    let forged = stranger.sign(&header(), &claims());
    let unsigned = format!("{message}.");
    let (ec, ed) = (
        json!({ "alg": "ES256", "kid": "ec", "typ": "JWT" }),
        claims(),
    );
    let crossed = crm.sign_text(&ec.to_string(), &ed.to_string(), "ed");

    for bad in [forged, unsigned, crossed] {
        assert_eq!(crm.accept(&bad), Err(AssertionError::Signature), "{bad}");
    }
    for position in [5, message.len() - 5] {
        let mut flipped = good.clone().into_bytes();
        flipped[position] ^= 1;
        let flipped = String::from_utf8(flipped).unwrap();
        assert!(crm.accept(&flipped).is_err(), "{flipped}");
    }
}

#[test]
fn an_assertion_of_one_client_proves_no_other() {
    let crm = Crm::new();
    let registration = crm.client.registration().clone();
    let other = EmbedClient::new(ClientId::parse("other").unwrap(), registration, Vec::new());
    let text = crm.sign(&header(), &claims());

    let refused = Assertion::read(&text)
        .unwrap()
        .accept(&other, &[AUDIENCE], now());

    assert_eq!(refused, Err(AssertionError::Speaker));
}

#[test]
fn no_refusal_repeats_what_was_sent() {
    let crm = Crm::new();
    let canary = with(claims(), "c4n4ry", json!("c4n4ry"));
    let refused = crm.accept(&crm.sign(&header(), &canary)).unwrap_err();

    assert!(!refused.to_string().contains("c4n4ry"));
    assert!(!refused.code().contains("c4n4ry"));
}
