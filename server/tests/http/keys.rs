//! The keys that sign embed tokens: in the registry, sealed, and turned without anybody noticing
//! (failure F55; attacks J23, J27; gate G15).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use weir_identity::{KeyAlgorithm, MasterKey, Minter, Revocations, TokenError, Verifier};
use weir_registry::{Registry, Retired};
use weir_server::clock::Clock;
use weir_server::service::signing::{Signing, SigningError};

use crate::support::ask::get;
use crate::support::canaries::Canaries;
use crate::support::world::{Hands, Who, World};

const ISSUER: &str = "https://weir.example";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

/// A registry and the clock of its processes.
struct House {
    _home: TempDir,
    registry: Registry,
    hands: Hands,
    master: MasterKey,
}

/// One process: its ring, and what signs and verifies with it.
struct Process {
    signing: Signing,
    minter: Minter,
    verifier: Verifier,
}

impl House {
    async fn new() -> Self {
        let home = TempDir::new().unwrap();
        let url = format!("sqlite://{}/weir.db", home.path().display());
        Self {
            registry: Registry::open(&url).await.unwrap(),
            _home: home,
            hands: Hands::at("2026-11-15T12:00:00Z"),
            master: MasterKey::generate(),
        }
    }

    fn signing(&self, master: &MasterKey, algorithm: KeyAlgorithm) -> Signing {
        let hands = self.hands.clone();
        let clock = Clock::from_fn(move || hands.now());
        Signing::new(
            self.registry.signing_keys().clone(),
            master.clone(),
            algorithm,
            clock,
        )
    }

    async fn process(&self) -> Process {
        let signing = self.signing(&self.master, KeyAlgorithm::EdDsa);
        signing.begin().await.unwrap();
        Process {
            minter: Minter::new(ISSUER, signing.ring()),
            verifier: Verifier::new(ISSUER, signing.ring(), Arc::new(Revocations::new())),
            signing,
        }
    }

    fn wait(&self, seconds: i64) {
        self.hands.advance(TimeDelta::seconds(seconds));
    }
}

impl Process {
    fn mint(&self, house: &House) -> String {
        let grant = World::grant(&Who::analyst("auto"), "finance-overview");
        let minted = self.minter.mint(grant, house.hands.now()).unwrap();
        minted.token.expose_secret().to_owned()
    }

    fn verify(&self, token: &str, house: &House) -> Result<(), TokenError> {
        self.verifier.verify(token, house.hands.now()).map(|_| ())
    }
}

#[tokio::test]
async fn g15_no_valid_token_is_refused_however_often_keys_are_rotated() {
    let house = House::new().await;
    let processes = [house.process().await, house.process().await];
    let mut tokens = Vec::new();
    // Every ten seconds for ten minutes, seen by two processes that look at different moments.
    for second in 0..600 {
        if second % 10 == 0 {
            processes[0].signing.rotate().await.unwrap();
        }
        if second % 5 == 3 {
            processes[1].signing.look().await.unwrap();
        }
        if second % 5 == 0 {
            let process = &processes[usize::from(second % 2 == 0)];
            tokens.push((second, process.mint(&house)));
        }
        for (minted, token) in &tokens {
            // A few of each age: each token is asked about many times in its life.
            if (second - minted) % 37 == 0 {
                for process in &processes {
                    let verified = process.verify(token, &house);
                    assert_eq!(verified, Ok(()), "minted at {minted}, refused at {second}");
                }
            }
        }
        tokens.retain(|(minted, _)| second - minted < 299);
        house.wait(1);
    }
    let keys = house.registry.signing_keys().list().await.unwrap();
    assert_eq!(keys.len(), 61);
    let ring = processes[0].signing.ring();
    let published = ring.jwks(house.hands.now())["keys"]
        .as_array()
        .unwrap()
        .len();
    // Those that signed in the last 305 seconds, the one that signs and the one that waits.
    assert!((31..=33).contains(&published), "{published}");
}

#[tokio::test]
async fn a_new_key_is_published_at_once_and_signs_after_ten_seconds() {
    let house = House::new().await;
    let process = house.process().await;
    let kid = |house: &House| {
        let signer = process.signing.ring().signer(house.hands.now());
        signer.unwrap().kid().to_owned()
    };
    let published = |house: &House| {
        let jwks = process.signing.ring().jwks(house.hands.now());
        let keys = jwks["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let old = kid(&house);

    let made = process.signing.rotate().await.unwrap();

    assert_eq!(made.signs_from, house.hands.now() + TimeDelta::seconds(10));
    assert!(published(&house).contains(&made.kid));
    assert_eq!(kid(&house), old);
    house.wait(10);
    assert_eq!(kid(&house), made.kid);
    house.wait(304);
    assert!(
        published(&house).contains(&old),
        "its last token may still live"
    );
    house.wait(1);
    assert_eq!(published(&house), [made.kid]);
}

#[tokio::test]
async fn g15_j27_what_a_retired_key_signed_is_refused_at_once() {
    let house = House::new().await;
    let (here, there) = (house.process().await, house.process().await);
    let token = here.mint(&house);
    for process in [&here, &there] {
        process.verify(&token, &house).unwrap();
    }
    let kid = here.signing.list().await.unwrap()[0].kid.clone();

    assert_eq!(here.signing.retire(&kid).await.unwrap(), Retired::Replaced);
    assert_eq!(here.verify(&token, &house), Err(TokenError::UnknownKey));
    there.signing.look().await.unwrap();
    assert_eq!(there.verify(&token, &house), Err(TokenError::UnknownKey));

    let next = here.mint(&house);
    for process in [&here, &there] {
        process.verify(&next, &house).unwrap();
    }
    assert_eq!(here.signing.retire(&kid).await.unwrap(), Retired::Unknown);
}

#[tokio::test]
async fn processes_that_start_at_once_share_the_first_key() {
    let house = House::new().await;
    let starting = (0..8).map(|_| house.process());
    let processes = futures::future::join_all(starting).await;

    let token = processes[0].mint(&house);

    for process in &processes {
        process.verify(&token, &house).unwrap();
    }
    assert_eq!(house.registry.signing_keys().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn new_keys_have_the_algorithm_that_is_configured() {
    let house = House::new().await;
    let process = house.process().await;
    let before = process.mint(&house);
    let es256 = house.signing(&house.master, KeyAlgorithm::Es256);
    es256.rotate().await.unwrap();
    process.signing.look().await.unwrap();
    house.wait(10);

    let after = process.mint(&house);

    for token in [&before, &after] {
        process.verify(token, &house).unwrap();
    }
    let jwks = process.signing.ring().jwks(house.hands.now());
    let mut algorithms: Vec<_> = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["alg"])
        .collect();
    algorithms.sort_by_key(ToString::to_string);
    assert_eq!(algorithms, [&json!("ES256"), &json!("EdDSA")]);
}

#[tokio::test]
async fn f55_keys_of_another_master_key_are_a_reason_not_to_start_and_not_to_rotate() {
    let house = House::new().await;
    let process = house.process().await;
    let kid = process.signing.list().await.unwrap()[0].kid.clone();
    let stranger = house.signing(&MasterKey::generate(), KeyAlgorithm::EdDsa);

    for refused in [
        stranger.begin().await,
        stranger.rotate().await.map(|_| ()),
        stranger.retire(&kid).await.map(|_| ()),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, SigningError::Sealed(_)), "{error}");
        let said = error.to_string();
        assert!(
            said.contains(&kid) && said.contains("embed.master_key"),
            "{said}"
        );
        assert!(said.contains("weir keys retire --lost"), "{said}");
    }
    assert_eq!(process.signing.list().await.unwrap().len(), 1);

    // Whoever lost the master key says so, and starts with a new one.
    stranger.retire_lost(&kid).await.unwrap();
    stranger.begin().await.unwrap();
    assert_eq!(stranger.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_row_that_says_another_key_is_not_used() {
    let house = House::new().await;
    let process = house.process().await;
    process.signing.rotate().await.unwrap();
    let fresh = house.signing(&house.master, KeyAlgorithm::EdDsa);
    let keys = process.signing.list().await.unwrap();
    // The sealed secret of one under the name of the other does not open.
    let purposes: Vec<_> = keys.iter().map(|key| key.sealed.clone().unwrap()).collect();
    assert_ne!(purposes[0], purposes[1]);
    let wrong = house.master.open(
        &format!("weir embed signing key {}", keys[0].kid),
        &purposes[1],
    );
    assert!(wrong.is_err());
    fresh.begin().await.unwrap();
}

async fn refused_start(change: impl Fn(&mut String, &TempDir)) -> String {
    let canaries = Canaries::new();
    let world = World::build_changed(&canaries.plan(), change).await;
    weir_server_error(world.unwrap_err())
}

/// An error with its causes, as `weir serve` prints it.
fn weir_server_error(error: impl std::error::Error + 'static) -> String {
    let first: &dyn std::error::Error = &error;
    let causes = std::iter::successors(Some(first), |error| error.source());
    let said: Vec<_> = causes.map(ToString::to_string).collect();
    said.join(": ")
}

#[tokio::test]
async fn f55_j23_weir_does_not_start_with_a_master_key_that_others_may_know() {
    let everybodys = refused_start(|_, home| {
        let file = home.path().join("master.key");
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    });
    let said = everybodys.await;
    assert!(
        said.contains("embed.master_key_file") && said.contains("chmod 600"),
        "{said}"
    );
    let short = refused_start(|_, home| {
        fs::write(home.path().join("master.key"), "changeme").unwrap();
    });
    let said = short.await;
    assert!(said.contains("embed.master_key_file"), "{said}");
    assert!(said.contains("openssl rand -base64 32"), "{said}");
    assert!(!said.contains("changeme"), "{said}");
}

#[tokio::test]
async fn the_keys_outlive_the_process_and_the_registry_shows_none_of_them() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let secret = world.signing_secret();
    let world = world.restarted().await;

    world.send(get(LIST).bearer(&token)).await.ok();

    let jwks: Value = world.send(get("/.well-known/jwks.json")).await.ok().json();
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    let mut members: Vec<_> = keys[0].as_object().unwrap().keys().cloned().collect();
    members.sort();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
    let (_, home) = world.ended().await;
    let bytes = fs::read(home.path().join("weir.db")).unwrap();
    assert!(!bytes.windows(32).any(|window| window == secret));
}
