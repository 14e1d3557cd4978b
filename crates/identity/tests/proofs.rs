//! What passes for a proof of possession (attack E12; RFC 9449 §4.2 and §4.3): one good one, and
//! every way in which it can be wrong.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: helpers may fail loudly, and tables of attacks are long"
)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use weir_identity::{Call, Proof, ProofError, ProofMemory};

const URL: &str = "https://weir.example/embed/finance-overview/bind";
const TOKEN: &str = "header.claims.signature";

const CALL: Call<'static> = Call {
    method: "POST",
    url: URL,
    token: TOKEN,
};

fn now() -> DateTime<Utc> {
    "2026-10-05T12:00:00Z".parse().unwrap()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A frame's key.
struct Frame(SigningKey);

impl Frame {
    fn new() -> Self {
        loop {
            if let Ok(key) = SigningKey::from_slice(&rand::random::<[u8; 32]>()) {
                return Self(key);
            }
        }
    }

    fn jwk(&self) -> Value {
        let point = self.0.verifying_key().to_encoded_point(false);
        let (x, y) = (b64(point.x().unwrap()), b64(point.y().unwrap()));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
    }

    fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    fn sign_texts(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        let message = format!("{}.{}", b64(header), b64(claims));
        let signature: Signature = self.0.sign(message.as_bytes());
        format!("{message}.{}", b64(signature.to_bytes()))
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_texts(header.to_string(), claims.to_string())
    }

    fn good(&self) -> String {
        self.sign(&self.header(), &claims())
    }

    fn with_header(&self, name: &str, value: Value) -> ProofError {
        let mut header = self.header();
        header[name] = value;
        refused(&self.sign(&header, &claims()))
    }

    fn with_claim(&self, name: &str, value: Value) -> ProofError {
        let mut claims = claims();
        claims[name] = value;
        refused(&self.sign(&self.header(), &claims))
    }
}

fn claims() -> Value {
    json!({
        "jti": "6a9b2c1e-1", "htm": "POST", "htu": URL,
        "iat": now().timestamp(), "ath": b64(Sha256::digest(TOKEN)),
    })
}

fn refused(proof: &str) -> ProofError {
    Proof::read(proof, &CALL, now())
        .err()
        .unwrap_or_else(|| panic!("accepted: {proof}"))
}

#[test]
fn a_good_proof_names_its_key_by_the_rfc_7638_thumbprint() {
    let frame = Frame::new();
    let jwk = frame.jwk();
    let members = format!(
        r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#,
        jwk["x"], jwk["y"]
    );

    let proof = Proof::read(&frame.good(), &CALL, now()).unwrap();

    assert_eq!(proof.key().to_string(), b64(Sha256::digest(members)));
}

/// The proof of RFC 9449 §7.1, made by somebody else's code: its signature and key are understood,
/// and only its time and place are not ours.
#[test]
fn the_proof_of_the_rfc_is_read() {
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let call = Call {
        method: "GET",
        url: "https://resource.example.org/protectedresource",
        token: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
    };
    let then = DateTime::from_timestamp(1_562_262_618, 0).unwrap();

    let read = Proof::read(proof, &call, then).unwrap();

    // RFC 9449 §6.1.
    assert_eq!(
        read.key().to_string(),
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    );
    assert_eq!(Proof::read(proof, &call, now()), Err(ProofError::Time));
}

#[test]
fn e12_a_proof_is_for_one_method_one_address_one_token_and_one_minute() {
    let frame = Frame::new();
    for method in ["GET", "post", "POST ", ""] {
        let error = frame.with_claim("htm", json!(method));
        assert_eq!(error, ProofError::Method, "{method}");
    }
    for url in [
        "https://weir.example/embed/finance-overview",
        "https://weir.example/embed/finance-overview/bind/",
        "https://weir.example/embed/finance-overview/bind?x=1",
        "https://weir.example/embed/finance-overview/bind#x",
        "http://weir.example/embed/finance-overview/bind",
        "https://weir.example:443/embed/finance-overview/bind",
        "https://WEIR.example/embed/finance-overview/bind",
        "https://evil.example/embed/finance-overview/bind",
        "/embed/finance-overview/bind",
        "",
    ] {
        assert_eq!(
            frame.with_claim("htu", json!(url)),
            ProofError::Address,
            "{url}"
        );
    }
    for token in ["", "header.claims.signaturf", TOKEN] {
        let hash = if token == TOKEN {
            format!("{}=", b64(Sha256::digest(token)))
        } else {
            b64(Sha256::digest(token))
        };
        assert_eq!(
            frame.with_claim("ath", json!(hash)),
            ProofError::Token,
            "{token}"
        );
    }
    for seconds in [-61, 61, -300, 300, i64::MIN / 2, i64::MAX / 2] {
        let iat = now().timestamp().saturating_add(seconds);
        assert_eq!(
            frame.with_claim("iat", json!(iat)),
            ProofError::Time,
            "{seconds}"
        );
    }
    for seconds in [-60, 60] {
        let mut claims = claims();
        claims["iat"] = json!(now().timestamp() + seconds);
        let proof = frame.sign(&frame.header(), &claims);
        assert!(Proof::read(&proof, &CALL, now()).is_ok(), "{seconds}");
    }
}

#[test]
fn e12_nothing_else_stands_in_a_proofs_header() {
    let frame = Frame::new();
    for algorithm in [
        "none", "None", "HS256", "RS256", "EdDSA", "ES384", "es256", "",
    ] {
        let error = frame.with_header("alg", json!(algorithm));
        assert_eq!(error, ProofError::Algorithm, "{algorithm}");
    }
    for kind in ["JWT", "dpop", "DPOP+JWT", "weir-frame+jwt", ""] {
        assert_eq!(
            frame.with_header("typ", json!(kind)),
            ProofError::WrongType,
            "{kind}"
        );
    }
    for (name, value) in [
        ("kid", json!("x")),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("jku", json!("http://127.0.0.1:9/")),
        ("x5c", json!([])),
    ] {
        assert_eq!(frame.with_header(name, value), ProofError::Header, "{name}");
    }
    for name in ["typ", "alg", "jwk"] {
        for wrong in [json!(null), json!(1), json!([])] {
            let error = frame.with_header(name, wrong.clone());
            assert_eq!(error, ProofError::Header, "{name}: {wrong}");
        }
    }
}

#[test]
fn e12_the_key_of_a_proof_is_a_public_p256_key_and_nothing_more() {
    let frame = Frame::new();
    let jwk = frame.jwk();
    let with = |name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        jwk
    };
    let not_on_the_curve = with("y", jwk["x"].clone());
    let short = with("x", json!(b64([1; 31])));
    let padded = with("x", json!(format!("{}=", jwk["x"].as_str().unwrap())));
    for wrong in [
        json!({}),
        with("d", json!(b64(frame.0.to_bytes()))),
        with("kid", json!("x")),
        with("alg", json!("ES256")),
        with("kty", json!("OKP")),
        with("crv", json!("P-384")),
        with("crv", json!("Ed25519")),
        with("x", json!(1)),
        with("y", json!("")),
        json!({ "kty": "OKP", "crv": "Ed25519", "x": jwk["x"] }),
        json!({ "kty": "oct", "k": "AAAA" }),
        json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" }),
        not_on_the_curve,
        short,
        padded,
    ] {
        let error = frame.with_header("jwk", wrong.clone());
        assert_eq!(error, ProofError::Key, "{wrong}");
    }
    assert_eq!(
        frame.with_header("jwk", Frame::new().jwk()),
        ProofError::Signature
    );
}

#[test]
fn e12_every_claim_of_a_proof_is_there_once_and_no_other() {
    let frame = Frame::new();
    for name in ["jti", "htm", "htu", "iat", "ath"] {
        let mut without = claims();
        without.as_object_mut().unwrap().remove(name);
        let error = refused(&frame.sign(&frame.header(), &without));
        assert_eq!(error, ProofError::Claims, "{name}");
        for wrong in [json!(null), json!(1.5), json!([]), json!({}), json!(true)] {
            let error = frame.with_claim(name, wrong.clone());
            assert_eq!(error, ProofError::Claims, "{name}: {wrong}");
        }
    }
    for (name, value) in [
        ("nonce", json!("x")),
        ("exp", json!(1)),
        ("sub", json!("u")),
        ("jti", json!("")),
        ("jti", json!("a b")),
        ("jti", json!("x".repeat(129))),
        ("iat", json!(now().timestamp().to_string())),
    ] {
        assert_eq!(
            frame.with_claim(name, value.clone()),
            ProofError::Claims,
            "{name}: {value}"
        );
    }
    let twice = claims().to_string().replacen('{', r#"{"htm":"GET","#, 1);
    let twice = frame.sign_texts(frame.header().to_string(), twice);
    assert_eq!(refused(&twice), ProofError::DuplicateKey);
    let algorithm_twice = frame
        .header()
        .to_string()
        .replacen('{', r#"{"alg":"none","#, 1);
    let algorithm_twice = frame.sign_texts(algorithm_twice, claims().to_string());
    assert_eq!(refused(&algorithm_twice), ProofError::DuplicateKey);
}

#[test]
fn e12_misshapen_proofs_are_refused() {
    let frame = Frame::new();
    let good = frame.good();
    let (message, signature) = good.rsplit_once('.').unwrap();
    for proof in [
        String::new(),
        "..".to_owned(),
        message.to_owned(),
        format!("{message}."),
        format!("{good}.{signature}"),
        format!("{good}="),
        format!("{good} "),
        format!("{good}, {good}"),
        format!("{message}.{}", b64([0; 64])),
        good.replace('.', ".."),
        "x".repeat(2049),
    ] {
        assert!(Proof::read(&proof, &CALL, now()).is_err(), "{proof:?}");
    }
    assert_eq!(refused(&"x".repeat(2049)), ProofError::TooLong);
}

fn with_id(frame: &Frame, id: &str, iat: i64) -> Proof {
    let mut claims = claims();
    claims["jti"] = json!(id);
    claims["iat"] = json!(iat);
    let call_time = DateTime::from_timestamp(iat, 0).unwrap();
    Proof::read(&frame.sign(&frame.header(), &claims), &CALL, call_time).unwrap()
}

#[test]
fn e12_a_proof_counts_once_for_as_long_as_it_could_be_accepted() {
    let (frame, other) = (Frame::new(), Frame::new());
    let memory = ProofMemory::new();
    let issued = now().timestamp();
    let proof = with_id(&frame, "one", issued);

    assert_eq!(memory.remember(&proof, now()), Ok(()));
    for seconds in [0, 1, 59, 60] {
        let later = now() + Duration::seconds(seconds);
        assert_eq!(
            memory.remember(&proof, later),
            Err(ProofError::Replayed),
            "{seconds}"
        );
    }
    // Another signature over the same id is the same proof; another id or key is not.
    assert_eq!(
        memory.remember(&with_id(&frame, "one", issued + 1), now()),
        Err(ProofError::Replayed)
    );
    assert_eq!(
        memory.remember(&with_id(&frame, "two", issued), now()),
        Ok(())
    );
    assert_eq!(
        memory.remember(&with_id(&other, "one", issued), now()),
        Ok(())
    );
    // From here on its time alone refuses it.
    let over = now() + Duration::seconds(61);
    assert_eq!(memory.remember(&proof, over), Ok(()));
    assert_eq!(
        Proof::read(&frame.good(), &CALL, over),
        Err(ProofError::Time)
    );
}
