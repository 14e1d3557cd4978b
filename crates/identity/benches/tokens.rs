//! Prints what an embed token costs: `cargo bench -p weir-identity`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a tool for the terminal"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use secrecy::ExposeSecret as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use weir_identity::{
    Call, ClientId, EmbedGrant, EmbedKey, KeyAlgorithm, KeyRing, Minter, Origin, ParameterName,
    Proof, ProofMemory, Revocations, Right, Slug, SubjectIssuer, Verifier, ViewerId,
};
use weir_policy::{AttributeName, BusinessUnit, Locale, RoleName};

const ISSUER: &str = "https://weir.example";
const ROUNDS: usize = 2_000;

fn main() {
    let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
    for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256] {
        let ring = Arc::new(KeyRing::of(EmbedKey::generate(algorithm)));
        let minter = Minter::new(ISSUER, ring.clone());
        let mint = || minter.mint(grant(), now).unwrap().token;
        row(&format!("sign a token, {algorithm}"), times(mint), "");

        let verifier = Verifier::new(ISSUER, ring, Arc::new(Revocations::new()));
        let tokens: Vec<_> = (0..ROUNDS).map(|_| mint()).collect();
        let cold = tokens.iter().map(|token| {
            let start = Instant::now();
            black_box(verifier.verify(token.expose_secret(), now).unwrap());
            start.elapsed()
        });
        row(
            &format!("verify a cold token, {algorithm}"),
            cold.collect(),
            "150 µs",
        );
        let warm = tokens[0].expose_secret();
        let verify = || verifier.verify(warm, now).unwrap();
        row(
            &format!("verify a warm token, {algorithm}"),
            times(verify),
            "5 µs",
        );
    }
    proofs(now);
}

fn proofs(now: DateTime<Utc>) {
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let memory = ProofMemory::new();
    let call = Call {
        method: "GET",
        url: "https://weir.example/embed/finance-overview/tiles/list",
        token: "header.claims.signature",
    };
    let proofs: Vec<String> = (0..ROUNDS / 2)
        .map(|n| proof(&key, &call, n, now))
        .collect();
    let checked = proofs.iter().map(|text| {
        let start = Instant::now();
        let proof = Proof::read(text, &call, now).unwrap();
        memory.remember(&proof, now).unwrap();
        start.elapsed()
    });
    row("check a proof and remember it", checked.collect(), "");
}

fn proof(key: &SigningKey, call: &Call<'_>, n: usize, now: DateTime<Utc>) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let point = key.verifying_key().to_encoded_point(false);
    let (x, y) = (encode(point.x().unwrap()), encode(point.y().unwrap()));
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256",
        "jwk": { "kty": "EC", "crv": "P-256", "x": x, "y": y } });
    let claims = json!({ "jti": n.to_string(), "htm": call.method, "htu": call.url,
        "iat": now.timestamp(), "ath": encode(&Sha256::digest(call.token)) });
    let (header, claims) = (header.to_string(), claims.to_string());
    let message = format!(
        "{}.{}",
        encode(header.as_bytes()),
        encode(claims.as_bytes())
    );
    let signature: Signature = key.sign(message.as_bytes());
    format!("{message}.{}", encode(&signature.to_bytes()))
}

/// A token of ordinary size.
fn grant() -> EmbedGrant {
    let client = ClientId::parse("crm").unwrap();
    let region = || BTreeSet::from(["QC".to_owned(), "ON".to_owned()]);
    EmbedGrant {
        viewer: ViewerId::parse("u-123").unwrap(),
        subject_issuer: SubjectIssuer::of_client(&client),
        client_id: client,
        dashboard: Slug::parse("finance-overview").unwrap(),
        origin: Origin::parse("https://crm.example").unwrap(),
        business_units: BTreeSet::from([BusinessUnit::parse("auto").unwrap()]),
        attributes: BTreeMap::from([(AttributeName::parse("region").unwrap(), region())]),
        roles: BTreeSet::from([RoleName::parse("analyst").unwrap()]),
        locale: Locale::FrCa,
        parameters: BTreeMap::from([(
            ParameterName::parse("region").unwrap(),
            vec!["QC".to_owned()],
        )]),
        rights: BTreeSet::from([Right::ExportCsv]),
        lifetime_seconds: 300,
    }
}

fn times<T>(mut run: impl FnMut() -> T) -> Vec<Duration> {
    let time = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    (0..ROUNDS).map(time).collect()
}

fn row(what: &str, mut times: Vec<Duration>, promised: &str) {
    times.sort();
    let (median, slow) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!(
        "{what:<32} median {:>8.2} µs   99th percentile {:>8.2} µs   promised {promised:>7}",
        median.as_secs_f64() * 1e6,
        slow.as_secs_f64() * 1e6
    );
}
