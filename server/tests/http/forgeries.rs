//! The table of everything that is almost an embed token (attacks J1 to J27; failures F53, F56 to
//! F58). Each row is signed with the right key unless the row is about that, and each is tried
//! wherever a token can be put, also where none belongs.

use std::io::ErrorKind;
use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, Mac as _};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;

use super::tokens::{places, refused};
use crate::support::ask::{get, post};
use crate::support::canaries::Canaries;
use crate::support::frame::{FrameKey, b64};
use crate::support::world::{Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const BIND: &str = "/embed/finance-overview/bind";

/// A row of the table: the attack, what is wrong, and the token.
type Row = (&'static str, String, String);

/// A good token, taken apart, and the key it was signed with.
struct Forger {
    good: String,
    header: Value,
    claims: Value,
    key: SigningKey,
    now: i64,
    /// Where nobody must ever connect to.
    trap: String,
    /// A frame token of the same viewer.
    frame: String,
}

impl Forger {
    async fn of(world: &World, trap: &TcpListener) -> Self {
        let who = Who::analyst("auto");
        let good = world.token(&who, SLUG);
        let part = |index| {
            let part: &str = good.split('.').nth(index).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        Self {
            header: part(0),
            claims: part(1),
            key: SigningKey::from_bytes(&world.signing_secret()),
            now: world.clock.now().timestamp(),
            trap: format!("http://{}/keys", trap.local_addr().unwrap()),
            frame: world.frame(&who, SLUG).await.token,
            good,
        }
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        sign(&self.key, header, claims)
    }

    fn header_with(&self, name: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[name] = value;
        self.sign(&header.to_string(), &self.claims.to_string())
    }

    fn header_without(&self, name: &str) -> String {
        let mut header = self.header.clone();
        header.as_object_mut().unwrap().remove(name);
        self.sign(&header.to_string(), &self.claims.to_string())
    }

    fn claim(&self, name: &str, value: Value) -> String {
        self.claims_with(&[(name, value)])
    }

    fn claims_with(&self, changes: &[(&str, Value)]) -> String {
        let mut claims = self.claims.clone();
        for (name, value) in changes {
            claims[*name] = value.clone();
        }
        self.sign(&self.header.to_string(), &claims.to_string())
    }

    fn without(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        self.sign(&self.header.to_string(), &claims.to_string())
    }

    /// One claim in a spelling of its own, such as `1e300`.
    fn raw(&self, name: &str, value: &str) -> String {
        let mut claims = self.claims.clone();
        claims[name] = json!("@@");
        let claims = claims.to_string().replace("\"@@\"", value);
        self.sign(&self.header.to_string(), &claims)
    }

    fn twice(&self, member: &str) -> String {
        let claims = self
            .claims
            .to_string()
            .replacen('{', &format!("{{{member},"), 1);
        self.sign(&self.header.to_string(), &claims)
    }

    fn rows(&self) -> Vec<Row> {
        [
            self.algorithms(),
            self.shapes(),
            self.keys(),
            self.others(),
            self.types(),
            self.times(),
            self.members(),
        ]
        .concat()
    }

    fn algorithms(&self) -> Vec<Row> {
        let claims = b64(self.claims.to_string());
        let mut none = self.header.clone();
        none["alg"] = json!("none");
        let unsigned = format!("{}.{claims}.", b64(none.to_string()));
        let mut rows = vec![
            row("J1", "unsigned", unsigned),
            row(
                "J1",
                "`none` with a signature",
                self.header_with("alg", json!("none")),
            ),
        ];
        for alg in ["NoNe", "nOnE", "none "] {
            rows.push(row("J2", alg, self.header_with("alg", json!(alg))));
        }
        let public = self.key.verifying_key();
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(public.as_bytes()) });
        for (what, secret) in [
            ("the public key as a secret", public.as_bytes().to_vec()),
            ("its JWK as a secret", jwk.to_string().into_bytes()),
            ("nothing as a secret", Vec::new()),
        ] {
            let mut header = self.header.clone();
            header["alg"] = json!("HS256");
            let message = format!("{}.{claims}", b64(header.to_string()));
            let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
            mac.update(message.as_bytes());
            let token = format!("{message}.{}", b64(mac.finalize().into_bytes()));
            rows.push(row("J3", what, token));
        }
        for alg in [
            "HS384", "RS256", "RS512", "PS256", "ES256", "ES384", "Ed448", "eddsa", "",
        ] {
            rows.push(row(
                "J4",
                &format!("alg {alg:?}"),
                self.header_with("alg", json!(alg)),
            ));
        }
        rows
    }

    fn shapes(&self) -> Vec<Row> {
        let good = &self.good;
        let parts: Vec<&str> = good.split('.').collect();
        let flip = |index: usize| {
            let mut parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
            let other = if parts[index].ends_with('A') {
                "Q"
            } else {
                "A"
            };
            let keep = parts[index].len() - 1;
            parts[index] = format!("{}{other}", &parts[index][..keep]);
            parts.join(".")
        };
        let jwe = r#"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483648}"#;
        let flat = json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2] });
        let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        vec![
            row("J5", "nothing", String::new()),
            row("J5", "noise", "noise".to_owned()),
            row("J5", "one bit of the header", flip(0)),
            row("J5", "one bit of the claims", flip(1)),
            row("J5", "one bit of the signature", flip(2)),
            row("J5", "cut off", good[..good.len() - 2].to_owned()),
            row("J5", "two parts", format!("{}.{}", parts[0], parts[1])),
            row("J5", "no signature", format!("{}.{}.", parts[0], parts[1])),
            row("J5", "four parts", format!("{good}.{}", parts[2])),
            row("J5", "padded", format!("{good}=")),
            row("J5", "a blank behind it", format!("{good} ")),
            row("J10", "encrypted", format!("{}.a.b.c.d", b64(jwe))),
            row("J10", "compressed", self.header_with("zip", json!("DEF"))),
            row("J11", "JSON", flat.to_string()),
            row("J11", "JSON around it", format!("{{\"token\":\"{good}\"}}")),
            row("J25", "long", self.claim("sub", json!("x".repeat(4_000)))),
            row("J25", "deep", self.sign(&self.header.to_string(), &deep)),
        ]
    }

    fn keys(&self) -> Vec<Row> {
        let stranger = SigningKey::from_bytes(&[17; 32]);
        let (header, claims) = (self.header.to_string(), self.claims.to_string());
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(stranger.verifying_key().as_bytes()) });
        let mut with_own = self.header.clone();
        with_own["jwk"] = jwk.clone();
        let mut rows = vec![
            row(
                "J7",
                "keys from a jku",
                self.header_with("jku", json!(self.trap)),
            ),
            row(
                "J7",
                "a certificate from an x5u",
                self.header_with("x5u", json!(self.trap)),
            ),
            row("J8", "a key in its header", self.header_with("jwk", jwk)),
            row(
                "J8",
                "signed with the key it brings",
                sign(&stranger, &with_own.to_string(), &claims),
            ),
            row(
                "J9",
                "a chain in its header",
                self.header_with("x5c", json!(["MIIB"])),
            ),
            row("J27", "a stranger's key", sign(&stranger, &header, &claims)),
            row("J6", "no kid", self.header_without("kid")),
        ];
        let long = "k".repeat(10_000);
        let url = self.trap.as_str();
        for kid in ["", "../../dev/null", "' OR 1=1--", "\0", "ключ", url, &long] {
            let shown: String = kid.chars().take(20).collect();
            rows.push(row(
                "J6",
                &format!("kid {shown:?}"),
                self.header_with("kid", json!(kid)),
            ));
        }
        for kid in [json!(null), json!(1), json!([self.header["kid"]])] {
            rows.push(row(
                "J6",
                &format!("kid {kid}"),
                self.header_with("kid", kid),
            ));
        }
        rows
    }

    fn others(&self) -> Vec<Row> {
        let mut rows = vec![
            row("J13", "no audience", self.without("aud")),
            row("J14", "no issuer", self.without("iss")),
        ];
        for aud in [
            json!("weir"),
            json!("weir-api"),
            json!("WEIR-EMBED"),
            json!(""),
        ] {
            rows.push(row(
                "J12",
                &format!("audience {aud}"),
                self.claim("aud", aud),
            ));
        }
        for aud in [json!(["evil", "weir-embed"]), json!(["weir-embed"])] {
            rows.push(row(
                "J15",
                &format!("audience {aud}"),
                self.claim("aud", aud),
            ));
        }
        for iss in [
            "https://weir.example/",
            "http://weir.example",
            "https://WEIR.example",
        ] {
            rows.push(row("J14", iss, self.claim("iss", json!(iss))));
        }
        rows
    }

    fn types(&self) -> Vec<Row> {
        let id_token = json!({
            "iss": "https://login.example", "aud": "weir", "sub": "analyst-auto", "nonce": "n",
            "iat": self.now, "exp": self.now + 300,
        });
        let plain = json!({ "alg": "EdDSA", "kid": self.header["kid"], "typ": "JWT" });
        let id_token = id_token.to_string();
        let mut rows = vec![
            row("J16", "no type", self.header_without("typ")),
            row(
                "J16",
                "an ID token",
                self.sign(&plain.to_string(), &id_token),
            ),
            row(
                "J16",
                "an ID token that says embed",
                self.sign(&self.header.to_string(), &id_token),
            ),
            row(
                "J16",
                "a frame token's claims",
                self.claim("cnf", json!({ "jkt": b64([7; 32]) })),
            ),
        ];
        for typ in [
            "JWT",
            "at+jwt",
            "logout+jwt",
            "session+jwt",
            "dpop+jwt",
            "WEIR-EMBED+JWT",
        ] {
            rows.push(row("J16", typ, self.header_with("typ", json!(typ))));
        }
        for crit in [json!(["x"]), json!(["b64"]), json!([])] {
            rows.push(row(
                "J17",
                &format!("crit {crit}"),
                self.header_with("crit", crit),
            ));
        }
        rows.push(row("J17", "b64", self.header_with("b64", json!(false))));
        rows
    }

    fn times(&self) -> Vec<Row> {
        let now = self.now;
        let tomorrow = [("iat", json!(now + 86_400)), ("exp", json!(now + 86_500))];
        let mut rows = vec![
            row(
                "J19",
                "nbf in ten minutes",
                self.claim("nbf", json!(now + 600)),
            ),
            row(
                "J20",
                "for ever",
                self.claim("exp", json!(253_402_300_799_i64)),
            ),
            row(
                "J20",
                "five minutes and a second",
                self.claim("exp", json!(now + 301)),
            ),
            row(
                "J20",
                "over before it began",
                self.claim("exp", json!(now - 1)),
            ),
            row("J21", "from tomorrow", self.claims_with(&tomorrow)),
        ];
        for name in ["exp", "iat"] {
            rows.push(row("J22", &format!("no {name}"), self.without(name)));
            let text = format!("\"{}\"", now + 60);
            let float = format!("{}.5", now + 60);
            let whole = format!("{}.0", now + 60);
            let list = format!("[{}]", now + 60);
            let shapes = [
                "null",
                "-1",
                "1e300",
                "1.7e9",
                "true",
                "{}",
                "18446744073709551616",
            ];
            for value in shapes.into_iter().chain([&*text, &float, &whole, &list]) {
                rows.push(row(
                    "J22",
                    &format!("{name} {value}"),
                    self.raw(name, value),
                ));
            }
        }
        rows
    }

    fn members(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for member in [
            r#""dashboard":"claims-operations""#,
            r#""exp":1"#,
            r#""sub":"u""#,
            r#""x":1,"x":2"#,
        ] {
            rows.push(row("J24", &format!("twice: {member}"), self.twice(member)));
        }
        let header = self.header.to_string();
        let header = header.replacen('{', r#"{"alg":"none","#, 1);
        rows.push(row(
            "J24",
            "alg twice",
            self.sign(&header, &self.claims.to_string()),
        ));
        for name in [
            "rls",
            "sql",
            "role",
            "admin",
            "resources",
            "Sub",
            "__proto__",
        ] {
            rows.push(row(
                "J26",
                &format!("claim {name}"),
                self.claim(name, json!("1=1")),
            ));
        }
        for name in self.claims.as_object().unwrap().keys() {
            rows.push(row("J26", &format!("without {name}"), self.without(name)));
        }
        rows
    }
}

fn row(attack: &'static str, what: &str, token: String) -> Row {
    (attack, format!("{attack}: {what}"), token)
}

fn sign(key: &SigningKey, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", b64(header), b64(claims));
    let signature = b64(key.sign(message.as_bytes()).to_bytes());
    format!("{message}.{signature}")
}

/// A listener that nobody may ever connect to.
fn trap() -> TcpListener {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    trap
}

fn assert_nobody_came(trap: &TcpListener) {
    let came = trap.accept().map(|(_, who)| who);
    let nobody = came
        .as_ref()
        .is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
    assert!(nobody, "somebody asked for a key: {came:?}");
}

/// Routes where an embed token never belongs, each with a good session of an admin beside it.
const ELSEWHERE: [&str; 6] = [
    "/",
    "/d/finance-overview",
    "/d/finance-overview/tiles/list",
    "/admin",
    "/api/v1/policies/revisions",
    "/api/v1/audit",
];

async fn opens_nothing_elsewhere(world: &World, token: &str, cookie: &str, why: &str) {
    for route in ELSEWHERE {
        let answer = world.send(get(route).bearer(token).cookie(cookie)).await;
        let shut = matches!(answer.status.as_u16(), 401 | 404);
        assert!(shut, "{why} on {route}: {}", answer.status);
        assert!(!answer.text().contains("canary"), "{why} on {route}");
        assert!(answer.cookies().is_empty(), "{why} on {route}");
    }
}

#[tokio::test]
async fn j1_to_j27_f56_f57_f58_nothing_but_a_token_of_weirs_own_opens_anything() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let trap = trap();
    let forger = Forger::of(&world, &trap).await;
    let cookie = world.session(&Who::governor()).await;
    // What is refused below is refused for its flaw: without one it is accepted.
    let again = forger.sign(&forger.header.to_string(), &forger.claims.to_string());
    assert_eq!(again, forger.good);
    world.send(get(LIST).bearer(&again)).await.ok();
    let rows = forger.rows();
    assert!(rows.len() >= 60, "{}", rows.len());
    for (_, why, token) in &rows {
        for ask in places(token) {
            refused(&world.send(ask.cookie(&cookie)).await, why);
        }
        let proof = FrameKey::new().proof((&Method::POST, BIND), token, world.clock.now());
        let bind = post(BIND).bearer(token).header("dpop", &proof);
        refused(&world.send(bind).await, why);
        let as_frame = get(LIST).header("authorization", &format!("DPoP {token}"));
        refused(&world.send(as_frame.header("dpop", &proof)).await, why);
    }
    for (_, why, token) in rows.iter().step_by(5) {
        opens_nothing_elsewhere(&world, token, &cookie, why).await;
    }
    assert_nobody_came(&trap);
    assert_eq!(world.reads().await.len(), 1, "the good one's");
    assert!(
        world.denials().await.is_empty(),
        "noise does not fill the audit"
    );
    for attack in (1..=27).filter(|n| ![18, 23].contains(n)) {
        let name = format!("J{attack}");
        assert!(
            rows.iter().any(|(of, _, _)| *of == name),
            "{name} has no row"
        );
    }
}

#[tokio::test]
async fn j16_f56_f57_good_tokens_open_nothing_where_they_do_not_belong() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let forger = Forger::of(&world, &trap()).await;
    let cookie = world.session(&Who::governor()).await;
    for (why, token) in [
        ("a launch token", &forger.good),
        ("a frame token", &forger.frame),
    ] {
        opens_nothing_elsewhere(&world, token, &cookie, why).await;
    }
    // Each kind where the other belongs.
    for ask in places(&forger.frame) {
        let answer = world.send(ask.cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
        assert!(!answer.text().contains("canary"));
    }
    let name = weir_server::guard::session_cookie(world.app.state());
    for token in [&forger.good, &forger.frame] {
        let as_cookie = get("/").cookie(&format!("{name}={token}"));
        let answer = world.send(as_cookie).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn j18_f53_f54_an_expired_token_beside_an_admins_session_is_an_expired_token() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let forger = Forger::of(&world, &trap()).await;
    let cookie = world.session(&Who::governor()).await;
    world.clock.advance(TimeDelta::seconds(330));
    for ask in places(&forger.good) {
        refused(&world.send(ask.cookie(&cookie)).await, "expired");
    }
    opens_nothing_elsewhere(&world, &forger.good, &cookie, "expired").await;
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn j27_what_a_retired_key_signed_opens_nothing() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    world.send(get(LIST).bearer(&token)).await.ok();
    let signing = &world.app.state().signing;
    let kid = signing.list().await.unwrap()[0].kid.clone();

    signing.retire(&kid).await.unwrap();

    for ask in places(&token) {
        refused(&world.send(ask).await, "retired");
    }
    let next = world.token(&Who::analyst("auto"), SLUG);
    world.send(get(LIST).bearer(&next)).await.ok();
    assert_eq!(world.reads().await.len(), 2);
}

#[tokio::test]
async fn j29_only_bearer_and_dpop_name_a_token() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    for text in [
        token.clone(),
        format!("Bearer{token}"),
        format!("Bearer  {token}"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer {token},"),
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("Bearer token=\"{token}\""),
        format!("bearer\t{token}"),
    ] {
        let answer = world.send(get(LIST).header("authorization", &text)).await;
        refused(&answer, &text);
    }
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let ask = get(LIST).header("authorization", &format!("{scheme} {token}"));
        world.send(ask).await.ok();
    }
}

#[tokio::test]
async fn j10_a_forged_token_costs_next_to_nothing() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    // Megabytes of noise are refused by their length, before anything is decoded.
    let long = "a".repeat(1 << 20);
    let verifier = &world.app.state().verifier;
    let error = verifier.verify(&long, world.clock.now()).unwrap_err();
    assert_eq!(error.code(), "token_too_long");
}
