//! Every attack of the token catalogue (J rows) and what happened to others (F56 to F58) against the
//! verifier. All tokens carry a right signature unless the row is about signatures.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests: helpers may fail loudly, and tables of attacks are long"
)]

mod support;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::Signer;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use support::{Forge, ISSUER, b64, now};
use weir_identity::{
    ClientId, EmbedKey, KeyAlgorithm, KeyRing, Minter, Revocation, Revocations, ScheduledKey,
    Thumbprint, TokenError, TokenId, Verifier,
};

#[test]
fn a_good_token_is_accepted_and_names_its_viewer() {
    let forge = Forge::new();

    let proof = forge.verify(&forge.good()).unwrap();

    let subject = proof.subject();
    assert_eq!(
        (subject.issuer(), subject.id()),
        ("weir:embed:demo-crm", "u-123")
    );
    assert_eq!(subject.business_units().len(), 1);
    assert_eq!(subject.roles().len(), 1);
    assert_eq!(proof.claims().dashboard.as_str(), "finance-overview");
}

#[test]
fn j1_unsigned_tokens_are_refused() {
    let forge = Forge::new();
    let header = forge.header_with("alg", json!("none"));
    let signed = forge.sign(&header, &Forge::claims());
    let unsigned = format!("{}.", signed.rsplit_once('.').unwrap().0);

    assert_eq!(forge.refused(&signed), TokenError::Algorithm);
    assert_eq!(forge.refused(&unsigned), TokenError::Algorithm);
    let (message, _) = forge
        .good()
        .rsplit_once('.')
        .map(|(a, b)| (a.to_owned(), b.len()))
        .unwrap();
    assert_eq!(forge.refused(&format!("{message}.")), TokenError::Signature);
}

#[test]
fn j2_j4_other_algorithms_and_spellings_are_refused() {
    let forge = Forge::new();
    for algorithm in [
        "NoNe", "nOnE", "none ", "eddsa", "EDDSA", "EdDSA ", "Ed25519", "HS256", "HS384", "RS256",
        "RS512", "PS256", "ES256", "",
    ] {
        let header = forge.header_with("alg", json!(algorithm));
        assert_eq!(
            forge.refused_header(&header),
            TokenError::Algorithm,
            "{algorithm}"
        );
    }
}

#[test]
fn j3_the_public_key_is_no_shared_secret() {
    let forge = Forge::new();
    let public = forge.public_pem();
    let jwk = forge.ring.jwks(now())["keys"][0].to_string();
    for secret in [
        public.as_bytes(),
        jwk.as_bytes(),
        forge.key.verifying_key().as_bytes(),
    ] {
        let key = jsonwebtoken::EncodingKey::from_secret(secret);
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        header.kid = Some(forge.kid.clone());
        header.typ = Some("weir-embed+jwt".to_owned());

        let token = jsonwebtoken::encode(&header, &Forge::claims(), &key).unwrap();

        assert_eq!(forge.refused(&token), TokenError::Algorithm);
    }
}

#[test]
fn j5_misshapen_tokens_are_refused() {
    let forge = Forge::new();
    let good = forge.good();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("three parts")
    };
    let standard = signature.replace('-', "+").replace('_', "/");
    let misshapen = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        header.to_owned(),
        format!("{header}.{claims}"),
        format!("{good}.{signature}"),
        format!("{header}..{claims}.{signature}"),
        format!(".{claims}.{signature}"),
        format!("{header}..{signature}"),
        format!("{header}=.{claims}.{signature}"),
        format!("{good}="),
        format!("{good}=="),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{good} "),
        format!("\"{good}\""),
        format!("{good}\0"),
        format!("{header}.{claims}\u{e9}.{signature}"),
        good[..good.len() - 1].to_owned(),
        format!("{header}.{claims}.{standard}~"),
    ];
    for token in misshapen {
        assert!(forge.verify(&token).is_err(), "{token:?}");
    }
}

#[test]
fn j5_a_signature_has_one_spelling() {
    let forge = Forge::new();
    let good = forge.good();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = alphabet.find(good.chars().last().unwrap()).unwrap();

    // 64 bytes leave four unused bits in the last character.
    for loose in 1..16 {
        let other = alphabet.chars().nth(last ^ loose).unwrap();
        let token = format!("{}{other}", &good[..good.len() - 1]);
        assert_eq!(forge.refused(&token), TokenError::Malformed);
    }
}

#[test]
fn j6_key_ids_are_looked_up_in_a_fixed_map() {
    let forge = Forge::new();
    let long = "k".repeat(1000);
    for kid in [
        "",
        "../../dev/null",
        "' OR 1=1--",
        "\0",
        "ключ",
        "https://evil.example/k",
        &long,
    ] {
        let header = forge.header_with("kid", json!(kid));
        assert_eq!(
            forge.refused_header(&header),
            TokenError::UnknownKey,
            "{kid:?}"
        );
    }
    for kid in [json!(null), json!(1), json!([forge.kid]), json!({})] {
        let header = forge.header_with("kid", kid);
        assert_eq!(forge.refused_header(&header), TokenError::Header);
    }
    let without = json!({ "alg": "EdDSA", "typ": "weir-embed+jwt" });
    assert_eq!(forge.refused_header(&without), TokenError::Header);
}

/// J7 to J9 need no canary: nothing here can make a request, and the header alone refuses.
#[test]
fn j7_j8_j9_tokens_that_bring_their_own_keys_are_refused() {
    let forge = Forge::new();
    for (name, value) in [
        ("jku", json!("http://127.0.0.1:9/jwks")),
        ("x5u", json!("http://127.0.0.1:9/cert")),
        ("jwk", forge.ring.jwks(now())["keys"][0].clone()),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("x")),
    ] {
        let header = forge.header_with(name, value);
        assert_eq!(forge.refused_header(&header), TokenError::Header, "{name}");
    }
}

#[test]
fn j10_encrypted_and_compressed_tokens_are_refused() {
    let forge = Forge::new();
    let jwe = format!(
        "{}.a.b.c.d",
        b64(r#"{"alg":"PBES2-HS256+A128KW","p2c":2147483648}"#)
    );

    assert_eq!(forge.refused(&jwe), TokenError::Malformed);
    for (name, value) in [
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
        ("p2c", json!(1)),
    ] {
        let header = forge.header_with(name, value);
        assert_eq!(forge.refused_header(&header), TokenError::Header, "{name}");
    }
}

#[test]
fn j11_json_serializations_are_refused() {
    let forge = Forge::new();
    let good = forge.good();
    let parts: Vec<&str> = good.split('.').collect();
    let flat = json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2] });

    assert!(forge.verify(&flat.to_string()).is_err());
    assert!(forge.verify(&format!("{{\"x\":\"{good}\"}}")).is_err());
}

#[test]
fn j12_j13_j15_f56_there_is_exactly_one_audience() {
    let forge = Forge::new();

    for audience in [
        "evil",
        "weir",
        "weir-embed ",
        "WEIR-EMBED",
        "weir-session",
        "",
    ] {
        let claims = Forge::claims_with("aud", json!(audience));
        assert_eq!(
            forge.refused_claims(&claims),
            TokenError::WrongAudience,
            "{audience}"
        );
    }
    for audience in [
        json!(["weir-embed"]),
        json!(["evil", "weir-embed"]),
        json!(null),
        json!([]),
    ] {
        let claims = Forge::claims_with("aud", audience);
        assert_eq!(forge.refused_claims(&claims), TokenError::Claims);
    }
    assert_eq!(
        forge.refused_claims(&Forge::claims_without("aud")),
        TokenError::Claims
    );
}

#[test]
fn j14_f56_the_issuer_is_compared_byte_by_byte() {
    let forge = Forge::new();

    for issuer in [
        "https://weir.example/",
        "http://weir.example",
        "https://WEIR.example",
        "https://evil.example",
        "https://weir.example:443",
        "",
        " https://weir.example",
    ] {
        let claims = Forge::claims_with("iss", json!(issuer));
        assert_eq!(
            forge.refused_claims(&claims),
            TokenError::WrongIssuer,
            "{issuer}"
        );
    }
    assert_eq!(
        forge.refused_claims(&Forge::claims_without("iss")),
        TokenError::Claims
    );
    assert_eq!(
        forge.refused_claims(&Forge::claims_with("iss", json!([ISSUER]))),
        TokenError::Claims
    );
}

#[test]
fn j16_f57_tokens_of_other_types_are_refused() {
    let forge = Forge::new();
    for kind in [
        "JWT",
        "jwt",
        "at+jwt",
        "logout+jwt",
        "session+jwt",
        "embed+jwt",
        "WEIR-EMBED+JWT",
        "application/weir-embed+jwt",
        "",
    ] {
        let header = forge.header_with("typ", json!(kind));
        assert_eq!(
            forge.refused_header(&header),
            TokenError::WrongType,
            "{kind}"
        );
    }
    let without = json!({ "alg": "EdDSA", "kid": forge.kid });
    assert_eq!(forge.refused_header(&without), TokenError::Header);
}

#[test]
fn j17_critical_extensions_are_refused() {
    let forge = Forge::new();
    for critical in [json!(["x"]), json!(["b64"]), json!([])] {
        let header = forge.header_with("crit", critical);
        assert_eq!(forge.refused_header(&header), TokenError::Header);
    }
    let mut unencoded = forge.header_with("crit", json!(["b64"]));
    unencoded["b64"] = json!(false);
    assert_eq!(forge.refused_header(&unencoded), TokenError::Header);
}

#[test]
fn j18_a_token_ends_on_the_second() {
    let forge = Forge::new();
    let good = forge.good();
    let at = |seconds| {
        forge
            .verifier
            .verify(&good, now() + Duration::seconds(seconds))
    };

    assert!(at(299).is_ok());
    assert_eq!(at(300).unwrap_err(), TokenError::Expired);
    assert_eq!(at(330).unwrap_err(), TokenError::Expired);
}

#[test]
fn j19_not_before_is_no_claim_of_ours() {
    let forge = Forge::new();
    for moment in [now().timestamp() + 600, now().timestamp() - 600] {
        let claims = Forge::claims_with("nbf", json!(moment));
        assert_eq!(forge.refused_claims(&claims), TokenError::UnknownClaim);
    }
}

#[test]
fn j20_a_token_lives_five_minutes_at_most() {
    let forge = Forge::new();
    let issued = now().timestamp();

    for expires in [issued + 301, 253_402_300_799, i64::MAX, issued, issued - 1] {
        let claims = Forge::claims_with("exp", json!(expires));
        assert_eq!(
            forge.refused_claims(&claims),
            TokenError::Lifetime,
            "{expires}"
        );
    }
    let mut ancient = Forge::claims_with("iat", json!(i64::MIN));
    ancient["exp"] = json!(i64::MAX);
    assert_eq!(forge.refused_claims(&ancient), TokenError::Lifetime);
}

#[test]
fn j21_a_token_is_not_from_the_future() {
    let forge = Forge::new();
    let issued_in = |seconds: i64| {
        let mut claims = Forge::claims_with("iat", json!(now().timestamp() + seconds));
        claims["exp"] = json!(now().timestamp() + seconds + 60);
        forge.verify(&forge.sign(&forge.header(), &claims))
    };

    assert!(issued_in(5).is_ok());
    assert_eq!(issued_in(6).unwrap_err(), TokenError::FromTheFuture);
    assert_eq!(issued_in(86_400).unwrap_err(), TokenError::FromTheFuture);
}

#[test]
fn j22_f58_times_are_integers() {
    let forge = Forge::new();
    let text = now().timestamp().to_string();
    for name in ["iat", "exp"] {
        for raw in [
            format!("\"{text}\""),
            format!("{text}.0"),
            format!("{text}.5"),
            "null".to_owned(),
            "1e30".to_owned(),
            "1.7e9".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            "true".to_owned(),
            "18446744073709551615".to_owned(),
            format!("[{text}]"),
        ] {
            let claims = Forge::claims_with(name, json!("@"))
                .to_string()
                .replace("\"@\"", &raw);
            let refused = forge.refused(&forge.sign_texts(forge.header().to_string(), claims));
            assert_eq!(refused, TokenError::Claims, "{name}: {raw}");
        }
        let negative = Forge::claims_with(name, json!(-1));
        assert_eq!(forge.refused_claims(&negative), TokenError::Lifetime);
        assert_eq!(
            forge.refused_claims(&Forge::claims_without(name)),
            TokenError::Claims
        );
    }
}

#[test]
fn f58_every_claim_is_required_and_of_its_own_type() {
    let forge = Forge::new();
    let names: Vec<String> = Forge::claims()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();

    for name in names {
        let refused = forge.refused_claims(&Forge::claims_without(&name));
        assert_eq!(refused, TokenError::Claims, "{name}");
        for wrong in [
            json!(null),
            json!(true),
            json!([[]]),
            json!({ "x": 1 }),
            json!([1]),
            json!(1.5),
        ] {
            let refused = forge.refused_claims(&Forge::claims_with(&name, wrong.clone()));
            assert_eq!(refused, TokenError::Claims, "{name}: {wrong}");
        }
    }
}

#[test]
fn names_inside_claims_are_checked_like_everywhere_else() {
    let forge = Forge::new();
    for (name, value) in [
        ("dashboard", json!("../admin")),
        ("origin", json!("null")),
        ("origin", json!("https://*.example")),
        ("origin", json!("https://crm.example/")),
        ("client_id", json!("Demo CRM")),
        ("business_units", json!(["auto", ""])),
        ("rights", json!(["admin"])),
        ("locale", json!("de-DE")),
        ("jti", json!("1")),
        ("family", json!("")),
        ("subject_issuer", json!("")),
        ("subject_issuer", json!(" idp")),
        ("sub", json!("")),
        ("parameters", json!({ "a b": [] })),
    ] {
        let claims = Forge::claims_with(name, value.clone());
        assert_eq!(
            forge.refused_claims(&claims),
            TokenError::Claims,
            "{name}: {value}"
        );
    }
}

#[test]
fn j24_repeated_keys_are_refused_everywhere() {
    let forge = Forge::new();
    let header = forge.header().to_string();
    let claims = Forge::claims().to_string();
    let repeat =
        |text: &str, member: &str| format!("{},{member}}}", text.strip_suffix('}').unwrap());

    for member in [
        r#""sub":"u-123""#,
        r#""exp":1"#,
        r#""dashboard":"x""#,
        r#""x":1,"x":2"#,
    ] {
        let token = forge.sign_texts(&header, repeat(&claims, member));
        assert_eq!(forge.refused(&token), TokenError::DuplicateKey, "{member}");
    }
    let nested = Forge::claims()
        .to_string()
        .replace(r#"{"region":"#, r#"{"region":[],"region":"#);
    assert_eq!(
        forge.refused(&forge.sign_texts(&header, nested)),
        TokenError::DuplicateKey
    );
    for member in [r#""alg":"EdDSA""#, r#""\u0061lg":"none""#] {
        let token = forge.sign_texts(repeat(&header, member), &claims);
        assert_eq!(forge.refused(&token), TokenError::DuplicateKey, "{member}");
    }
}

#[test]
fn j25_long_and_deep_tokens_are_refused_before_decoding() {
    let forge = Forge::new();
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));

    let long = Forge::claims_with("sub", json!("x".repeat(1 << 20)));
    assert_eq!(forge.refused_claims(&long), TokenError::TooLong);
    assert_eq!(forge.refused(&"x".repeat(4097)), TokenError::TooLong);
    let token = forge.sign_texts(forge.header().to_string(), deep);
    assert!(token.len() <= 4096);
    assert_eq!(forge.refused(&token), TokenError::Malformed);
}

#[test]
fn j26_f45_unknown_claims_are_refused() {
    let forge = Forge::new();
    for name in [
        "rls",
        "sql",
        "role",
        "params",
        "Sub",
        "sub ",
        "name",
        "resources",
        "__proto__",
    ] {
        let claims = Forge::claims_with(name, json!("admin"));
        assert_eq!(
            forge.refused_claims(&claims),
            TokenError::UnknownClaim,
            "{name}"
        );
    }
}

#[test]
fn claims_and_headers_are_objects() {
    let forge = Forge::new();
    let positional: Vec<Value> = Forge::claims()
        .as_object()
        .unwrap()
        .values()
        .cloned()
        .collect();
    for text in [
        json!(positional).to_string(),
        "null".to_owned(),
        "1".to_owned(),
        String::new(),
    ] {
        assert!(
            forge
                .verify(&forge.sign_texts(forge.header().to_string(), &text))
                .is_err()
        );
        assert!(
            forge
                .verify(&forge.sign_texts(&text, Forge::claims().to_string()))
                .is_err()
        );
    }
    let two = format!("{}{{}}", Forge::claims());
    let token = forge.sign_texts(forge.header().to_string(), two);
    assert_eq!(forge.refused(&token), TokenError::Malformed);
}

#[test]
fn j27_keys_count_while_they_are_on_the_ring() {
    let (old, new) = (Forge::new(), Forge::new());
    let scheduled = |forge: &Forge, until: Option<i64>| ScheduledKey {
        key: Arc::new(EmbedKey::from_secret(KeyAlgorithm::EdDsa, &forge.key.to_bytes()).unwrap()),
        signs_from: now() - Duration::days(1),
        signs_until: until.map(|seconds| now() + Duration::seconds(seconds)),
    };
    let ring = Arc::new(KeyRing::default());
    let verifier = Verifier::new(ISSUER, ring.clone(), Arc::new(Revocations::new()));

    ring.replace([scheduled(&old, Some(0)), scheduled(&new, None)]);
    assert!(verifier.verify(&old.good(), now()).is_ok());
    assert!(verifier.verify(&new.good(), now()).is_ok());

    // Known or not, a token dies with its key.
    ring.replace([scheduled(&new, None)]);
    for _ in 0..2 {
        assert_eq!(
            verifier.verify(&old.good(), now()).unwrap_err(),
            TokenError::UnknownKey
        );
        assert!(verifier.verify(&new.good(), now()).is_ok());
    }
    assert_eq!(new.refused(&old.good()), TokenError::UnknownKey);
}

#[test]
fn j4_a_key_signs_with_its_own_algorithm_only() {
    let grant = grant(300);
    for algorithm in [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256] {
        let ring = Arc::new(KeyRing::of(EmbedKey::generate(algorithm)));
        let verifier = Verifier::new(ISSUER, ring.clone(), Arc::new(Revocations::new()));
        let minted = Minter::new(ISSUER, ring)
            .mint(grant.clone(), now())
            .unwrap();
        let token = minted.token.expose_secret();
        let (header, rest) = token.split_once('.').unwrap();
        let other = match algorithm {
            KeyAlgorithm::EdDsa => "ES256",
            KeyAlgorithm::Es256 => "EdDSA",
        };
        let header = String::from_utf8(support::unb64(header)).unwrap();
        let renamed = b64(header.replace(algorithm.as_str(), other));

        assert!(verifier.verify(token, now()).is_ok(), "{algorithm}");
        assert_eq!(
            verifier
                .verify(&format!("{renamed}.{rest}"), now())
                .unwrap_err(),
            TokenError::Algorithm
        );
    }
}

#[test]
fn j16_neither_kind_of_token_passes_for_the_other() {
    let forge = Forge::new();
    let frame = forge.frame(&Forge::frame_claims());

    // Asked twice: what is remembered of a token does not change its kind.
    for _ in 0..2 {
        assert_eq!(forge.refused(&frame), TokenError::WrongType);
        assert_eq!(
            forge.verify_frame(&forge.good()).unwrap_err(),
            TokenError::WrongType
        );
        assert!(forge.verify_frame(&frame).is_ok());
        assert!(forge.verify(&forge.good()).is_ok());
    }
    let named_anew = forge.frame(&Forge::claims());
    assert_eq!(
        forge.verify_frame(&named_anew).unwrap_err(),
        TokenError::Claims
    );
    assert_eq!(
        forge.refused_claims(&Forge::frame_claims()),
        TokenError::UnknownClaim
    );
}

#[test]
fn a_frame_token_names_one_key_and_says_nothing_else_of_it() {
    let forge = Forge::new();
    let jkt = b64([7; 32]);
    for cnf in [
        json!(null),
        json!({}),
        json!(jkt),
        json!([{ "jkt": jkt }]),
        json!({ "jkt": null }),
        json!({ "jkt": "" }),
        json!({ "jkt": format!("{jkt}=") }),
        json!({ "jkt": b64([7; 31]) }),
        json!({ "jkt": jkt, "jwk": {} }),
        json!({ "x5t#S256": jkt }),
    ] {
        let token = forge.frame(&Forge::claims_with("cnf", cnf.clone()));
        assert_eq!(
            forge.verify_frame(&token).unwrap_err(),
            TokenError::Claims,
            "{cnf}"
        );
    }
}

#[test]
fn a_frame_token_is_the_launch_token_with_a_key_and_a_family() {
    let forge = Forge::new();
    let minter = Minter::new(ISSUER, forge.ring.clone());
    let launch = minter.mint(grant(300), now()).unwrap().claims;
    let key = Thumbprint::parse(&b64([7; 32])).unwrap();
    let family = TokenId::parse("0193a5c0-7a3b-7c1d-9e2f-0123456789ad").unwrap();
    let later = now() + Duration::seconds(100);

    let frame = minter.frame(&launch, family.clone(), &key, later).unwrap();
    let proof = forge
        .verifier
        .verify_frame(frame.token.expose_secret(), later)
        .unwrap();
    let continuation = minter.continuation(&frame.claims, later).unwrap();
    let next = forge
        .verifier
        .verify(continuation.token.expose_secret(), later)
        .unwrap();

    assert_eq!((frame.expires_in, continuation.expires_in), (200, 200));
    assert_eq!(proof.key(), &key);
    let expected = weir_identity::EmbedClaims { family, ..launch };
    assert_eq!(proof.embed().claims(), &expected);
    assert_ne!(next.claims().jti, expected.jti);
    let expected = weir_identity::EmbedClaims {
        jti: next.claims().jti.clone(),
        ..expected
    };
    assert_eq!(next.claims(), &expected);
}

#[test]
fn the_longest_launch_token_has_a_frame_token() {
    let forge = Forge::new();
    let minter = Minter::new(ISSUER, forge.ring.clone());
    let region = weir_identity::ParameterName::parse("region").unwrap();
    let key = Thumbprint::parse(&b64([7; 32])).unwrap();
    let with = |length: usize| {
        let mut grant = grant(60);
        grant
            .parameters
            .insert(region.clone(), vec!["x".repeat(length)]);
        minter.mint(grant, now())
    };
    let (mut fits, mut too_long) = (1, 4000);
    while too_long - fits > 1 {
        let length = usize::midpoint(fits, too_long);
        if with(length).is_ok() {
            fits = length;
        } else {
            too_long = length;
        }
    }
    let longest = with(fits);
    let longest = longest.unwrap().claims;

    let frame = minter
        .frame(&longest, longest.family.clone(), &key, now())
        .unwrap();
    assert!(forge.verify_frame(frame.token.expose_secret()).is_ok());
}

#[test]
fn a_spent_launch_token_is_refused_and_its_frame_token_is_not() {
    let forge = Forge::new();
    let frame = forge.frame(&Forge::frame_claims());
    let claims = forge.verify_own();
    assert!(forge.verify(&forge.good()).is_ok());

    let until = claims.expires_at().unwrap();
    forge.revocations.spend(claims.jti, until);

    assert_eq!(forge.refused(&forge.good()), TokenError::Spent);
    assert!(forge.verify_frame(&frame).is_ok());
    forge.revocations.prune(now() + Duration::seconds(299));
    assert_eq!(forge.refused(&forge.good()), TokenError::Spent);
}

#[test]
fn j27_a_token_is_checked_with_the_key_it_names() {
    let (mine, other) = (Forge::new(), Forge::new());
    let header = mine.header();

    assert_eq!(
        mine.refused(&other.sign(&header, &Forge::claims())),
        TokenError::Signature
    );
}

fn revocation(target: Value, issued_up_to: DateTime<Utc>) -> Revocation {
    Revocation {
        target: serde_json::from_value(target).unwrap(),
        client: None,
        issued_up_to,
        until: now() + Duration::seconds(600),
    }
}

#[test]
fn e10_revoked_tokens_are_refused() {
    for target in [
        json!({ "kind": "subject", "issuer": "weir:embed:demo-crm", "sub": "u-123" }),
        json!({ "kind": "business_unit", "business_unit": "auto" }),
        json!({ "kind": "dashboard", "dashboard": "finance-overview" }),
        json!({ "kind": "client", "client_id": "demo-crm" }),
        json!({ "kind": "all" }),
    ] {
        let forge = Forge::new();

        let before = now() - Duration::seconds(1);
        forge.revocations.revoke(revocation(target.clone(), before));
        assert!(forge.verify(&forge.good()).is_ok(), "{target:?}");
        forge.revocations.revoke(revocation(target.clone(), now()));
        assert_eq!(
            forge.refused(&forge.good()),
            TokenError::Revoked,
            "{target:?}"
        );
    }
}

#[test]
fn e10_one_token_is_revoked_by_its_id_whatever_the_clocks_say() {
    let forge = Forge::new();
    let jti = Forge::claims()["jti"].clone();

    let long_ago = now() - Duration::days(1);
    let target = json!({ "kind": "token", "jti": jti });
    forge.revocations.revoke(revocation(target, long_ago));

    assert_eq!(forge.refused(&forge.good()), TokenError::Revoked);
}

#[test]
fn a_revocation_hits_its_target_only_and_only_rises() {
    let forge = Forge::new();
    let revoke = |target: Value, issued_up_to| {
        forge.revocations.revoke(revocation(target, issued_up_to));
    };

    revoke(
        json!({ "kind": "subject", "issuer": "weir:embed:other-crm", "sub": "u-123" }),
        now(),
    );
    revoke(
        json!({ "kind": "business_unit", "business_unit": "home" }),
        now(),
    );
    revoke(
        json!({ "kind": "dashboard", "dashboard": "risk-exposure" }),
        now(),
    );
    let other = "0193a5c0-7a3b-7c1d-9e2f-ffffffffffff";
    revoke(json!({ "kind": "token", "jti": other }), now());
    revoke(json!({ "kind": "family", "family": other }), now());
    assert!(forge.verify(&forge.good()).is_ok());

    revoke(json!({ "kind": "all" }), now());
    revoke(json!({ "kind": "all" }), now() - Duration::days(1));
    assert_eq!(forge.refused(&forge.good()), TokenError::Revoked);
    forge.revocations.prune(now() + Duration::seconds(599));
    assert_eq!(forge.refused(&forge.good()), TokenError::Revoked);
    forge.revocations.prune(now() + Duration::seconds(600));
    assert!(forge.verify(&forge.good()).is_ok());
}

#[test]
fn a_revocation_that_is_said_again_lives_as_long_as_the_longer() {
    let forge = Forge::new();
    let all = || revocation(json!({ "kind": "all" }), now());
    forge.revocations.revoke(all());
    forge.revocations.revoke(Revocation {
        until: now() + Duration::seconds(10),
        ..all()
    });

    forge.revocations.prune(now() + Duration::seconds(599));

    assert_eq!(forge.refused(&forge.good()), TokenError::Revoked);
}

#[test]
fn e13_what_a_client_revokes_is_its_own_alone() {
    let forge = Forge::new();
    let jti = Forge::claims()["jti"].clone();
    let by = |client: &str, target: Value| {
        let client = Some(ClientId::parse(client).unwrap());
        forge.revocations.revoke(Revocation {
            client,
            ..revocation(target, now())
        });
    };
    let whole = json!({ "kind": "token", "jti": jti });

    by("other-crm", whole.clone());
    by("other-crm", json!({ "kind": "all" }));
    by(
        "other-crm",
        json!({ "kind": "subject", "issuer": "weir:embed:demo-crm", "sub": "u-123" }),
    );
    assert!(forge.verify(&forge.good()).is_ok());

    by("demo-crm", whole);
    assert_eq!(forge.refused(&forge.good()), TokenError::Revoked);
}

#[test]
fn a_spent_token_is_known_until_its_end() {
    let forge = Forge::new();
    let revocations = &forge.revocations;
    let id =
        |last: &str| TokenId::parse(format!("0193a5c0-7a3b-7c1d-9e2f-01234567{last}")).unwrap();

    revocations.spend(id("89ab"), now() + Duration::seconds(300));
    revocations.spend(id("89ab"), now() + Duration::seconds(10));

    revocations.prune(now() + Duration::seconds(299));
    assert!(revocations.spent(&id("89ab")));
    assert!(!revocations.spent(&id("89ac")));
    revocations.prune(now() + Duration::seconds(300));
    assert!(!revocations.spent(&id("89ab")));
}

#[test]
fn f61_a_family_that_began_before_a_revocation_is_not_brought_back_by_a_fresh_token() {
    let family = TokenId::parse("0193a5c0-7a3b-7c1d-9e2f-aaaaaaaaaaaa").unwrap();
    let hour_ago = now() - Duration::hours(1);
    for target in [
        json!({ "kind": "family", "family": family }),
        json!({ "kind": "subject", "issuer": "weir:embed:demo-crm", "sub": "u-123" }),
        json!({ "kind": "all" }),
    ] {
        let forge = Forge::new();
        let claims = forge.verify(&forge.good()).unwrap().claims().clone();
        let joins = || forge.revocations.family_revoked(&family, hour_ago, &claims);
        assert!(!joins());

        let minute_ago = now() - Duration::minutes(1);
        forge
            .revocations
            .revoke(revocation(target.clone(), minute_ago));

        assert!(joins(), "{target}");
        assert!(forge.verify(&forge.good()).is_ok(), "{target}");
    }
}

#[test]
fn a_revoked_subject_ends_what_began_before_and_not_what_begins_after() {
    let forge = Forge::new();
    let target = json!({ "kind": "subject", "issuer": "https://idp.example", "sub": "mallory" });
    forge.revocations.revoke(revocation(target, now()));

    let ends =
        |issuer: &str, sub: &str, since| forge.revocations.subject_revoked(issuer, sub, since);
    let (idp, after) = ("https://idp.example", now() + Duration::seconds(1));
    assert!(ends(idp, "mallory", now()));
    assert!(!ends(idp, "mallory", after));
    assert!(!ends(idp, "ada", now()));
    assert!(!ends("https://other.example", "mallory", now()));
}

#[test]
fn errors_have_stable_codes_and_repeat_nothing() {
    let forge = Forge::new();
    let canary = "c4n4ry";
    for error in [
        forge.refused_claims(&Forge::claims_with(canary, json!(canary))),
        forge.refused_claims(&Forge::claims_with("iss", json!(canary))),
        forge.refused_header(&forge.header_with("kid", json!(canary))),
        forge.refused(canary),
    ] {
        assert!(!format!("{error} {error:?} {}", error.code()).contains(canary));
    }
    assert_eq!(TokenError::UnknownKey.code(), "unknown_kid");
}

#[test]
fn invariant_9_minted_tokens_are_accepted_and_tell_apart() {
    let forge = Forge::new();
    let minter = Minter::new(ISSUER, forge.ring.clone());
    let grant = grant(300);

    let first = minter.mint(grant.clone(), now()).unwrap();
    let second = minter.mint(grant, now()).unwrap();

    assert_ne!(first.claims.jti, second.claims.jti);
    assert_ne!(first.claims.family, second.claims.family);
    assert_eq!(first.expires_in, 300);
    let proof = forge.verify(first.token.expose_secret()).unwrap();
    assert_eq!(proof.claims(), &first.claims);
    assert!(!format!("{first:?}").contains(first.token.expose_secret()));
}

#[test]
fn invariant_9_nothing_is_minted_for_longer_than_five_minutes() {
    let minter = Minter::new(ISSUER, Forge::new().ring);
    for lifetime in [301, 0, -1, i64::MAX] {
        assert_eq!(
            minter.mint(grant(lifetime), now()).unwrap_err().code(),
            "lifetime"
        );
    }
}

#[test]
fn a_token_nobody_would_accept_is_not_minted() {
    let minter = Minter::new(ISSUER, Forge::new().ring);
    let mut grant = grant(60);
    let name = weir_identity::ParameterName::parse("region").unwrap();
    grant.parameters.insert(name, vec!["x".repeat(256); 20]);

    assert_eq!(
        minter.mint(grant, now()).unwrap_err().code(),
        "token_too_large"
    );
}

fn grant(lifetime_seconds: i64) -> weir_identity::EmbedGrant {
    let claims = Forge::new().verify_own();
    weir_identity::EmbedGrant {
        viewer: claims.sub,
        subject_issuer: claims.subject_issuer,
        client_id: claims.client_id,
        dashboard: claims.dashboard,
        origin: claims.origin,
        business_units: claims.business_units,
        attributes: claims.attributes,
        roles: claims.roles,
        locale: claims.locale,
        parameters: claims.parameters,
        rights: claims.rights,
        lifetime_seconds,
    }
}

impl Forge {
    fn verify_own(&self) -> weir_identity::EmbedClaims {
        self.verify(&self.good()).unwrap().claims().clone()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever byte of a token is changed into whatever other byte, the token is refused.
    #[test]
    fn any_changed_byte_refuses_a_token(position: prop::sample::Index, byte in 0_u8..128) {
        thread_local!(static FORGE: (Forge, String) = {
            let forge = Forge::new();
            let good = forge.good();
            (forge, good)
        });
        FORGE.with(|(forge, good)| {
            let mut bytes = good.clone().into_bytes();
            let index = position.index(bytes.len());
            prop_assume!(bytes[index] != byte);
            bytes[index] = byte;
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert!(forge.verify(&changed).is_err());
            Ok(())
        })?;
    }

    /// No text at all makes the verifier panic, and none is accepted.
    #[test]
    fn arbitrary_texts_are_refused(text in "\\PC{0,200}", header in "\\PC{0,60}", claims in "\\PC{0,60}") {
        let forge = Forge::new();
        prop_assert!(forge.verify(&text).is_err());
        prop_assert!(forge.verify(&forge.sign_texts(&header, &claims)).is_err());
        let signature = forge.key.sign(text.as_bytes()).to_bytes();
        let token = format!("{}.{}.{}", b64(&header), b64(&claims), b64(signature));
        prop_assert!(forge.verify(&token).is_err());
    }
}
