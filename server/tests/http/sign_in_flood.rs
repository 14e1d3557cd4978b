//! Crowds that begin signing in, and crowds that come back with codes nobody issued (row D10).

use std::sync::Arc;

use chrono::TimeDelta;
use http::StatusCode;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use weir_registry::Purged;

use crate::support::ask::{Answer, get, with_query};
use crate::support::canaries::Canaries;
use crate::support::provider::{STUCK, StubProvider};
use crate::support::wire::{Wire, statuses, to_the_end};
use crate::support::world::World;

/// How many of one peer may ask a provider at the same time.
const OF_ONE: usize = 16;

const PEOPLE: &str = "127.0.0.1:0";
const CROWD: &str = "127.0.0.2:0";

struct Around {
    _canaries: Canaries,
    world: World,
    idp: StubProvider,
}

impl Around {
    async fn new() -> Self {
        let mut idp = StubProvider::bind().await;
        let canaries = Canaries::new();
        let mut plan = canaries.plan();
        plan.issuer.clone_from(&idp.issuer);
        let world = World::build(&plan).await.unwrap();
        let hands = world.clock.clone();
        idp.serve(move || hands.now());
        Self {
            _canaries: canaries,
            world,
            idp,
        }
    }

    /// Begins at Weir: the login cookie, and the provider's address.
    async fn begin(&self, return_to: &str) -> (String, String) {
        let begin = with_query("/login", &[("return_to", return_to)]);
        let answer = self.world.send(get(&begin)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let authorize = answer.header("location").unwrap().to_owned();
        (cookie(&answer), authorize)
    }

    /// What a callback sends over a socket.
    async fn callback(&self, stuck: bool) -> String {
        let (cookie, authorize) = self.begin("/").await;
        let mut back = self.idp.comes_back(&authorize);
        if stuck {
            back = back.replace("code=c&", &format!("code={STUCK}&"));
        }
        format!(
            "GET {back} HTTP/1.1\r\nHost: weir.example\r\nCookie: {cookie}\r\n\
             Connection: close\r\n\r\n"
        )
    }
}

fn cookie(answer: &Answer) -> String {
    let cookies = answer.cookies();
    let set = cookies.iter().find(|set| set.contains("weir-login="));
    set.unwrap().split(';').next().unwrap().to_owned()
}

/// Says `request` to `wire` from the address `from`, and gives the one status.
async fn say(wire: &Wire, from: &str, request: &str) -> u16 {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(from.parse().unwrap()).unwrap();
    let address = wire.address;
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    statuses(&to_the_end(&mut stream).await)[0]
}

#[tokio::test]
async fn d10_however_many_sign_ins_begin_nothing_is_kept_of_them() {
    let around = Around::new().await;
    let later = around.world.clock.now() + TimeDelta::hours(1);
    let registry = &around.world.app.state().registry;
    registry.purge(later).await.unwrap();

    for _ in 0..2_000 {
        around.begin("/").await;
    }

    assert_eq!(registry.purge(later).await.unwrap(), Purged::default());
    assert!(around.world.audit().await.is_empty());
    assert_eq!(around.idp.codes(), 0);
}

#[tokio::test]
async fn d10_what_a_browser_keeps_of_a_sign_in_fits_into_a_cookie() {
    let around = Around::new().await;
    let start = "/d/finance-overview?region=";
    let longest = format!("{start}{}", "Q".repeat(1_024 - start.len()));
    let too_long = format!("{longest}Q");

    for (place, comes_back_to) in [(longest.as_str(), longest.as_str()), (&too_long, "/")] {
        let (cookie, authorize) = around.begin(place).await;

        assert!(cookie.len() <= 2_560, "{}", cookie.len());
        let back = around.idp.comes_back(&authorize);
        let answer = around.world.send(get(&back).cookie(&cookie)).await;
        assert_eq!(answer.header("location"), Some(comes_back_to));
    }
}

#[tokio::test]
async fn d10_a_crowd_with_codes_that_nobody_issued_keeps_nobody_from_signing_in() {
    let around = Around::new().await;
    let wire = Arc::new(Wire::of(&around.world, |_| ()).await);
    let mut crowd = JoinSet::new();
    for _ in 0..3 * OF_ONE {
        let (wire, request) = (Arc::clone(&wire), around.callback(true).await);
        crowd.spawn(async move { say(&wire, CROWD, &request).await });
    }
    let mut stuck = around.idp.stuck();
    stuck.wait_for(|stuck| *stuck >= OF_ONE).await.unwrap();

    let signed_in = say(&wire, PEOPLE, &around.callback(false).await).await;

    assert_eq!(signed_in, 303);
    assert_eq!(*stuck.borrow(), OF_ONE, "so many reached the provider");
    around.idp.frees();
    let answered = crowd.join_all().await;
    assert!(
        answered.iter().all(|status| [400, 503].contains(status)),
        "{answered:?}"
    );
    let later = around.world.clock.now() + TimeDelta::hours(1);
    let purged = around.world.app.state().registry.purge(later).await;
    let used = purged.unwrap().used_assertions;
    assert_eq!(used, 1, "of those who signed in alone something is kept");
}
