//! Clients that take their time, and many of them (H24, D9), over real sockets and with patience of
//! parts of a second.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use weir_server::serve::{Door, Patience};

use crate::support::canaries::Canaries;
use crate::support::running::Weir;
use crate::support::told;
use crate::support::wire::{Wire, good, statuses, to_the_end};
use crate::support::world::World;

const SHORT: Duration = Duration::from_millis(300);

/// No other end comes first.
const LONG: Duration = Duration::from_mins(10);

fn patient() -> Patience {
    Patience {
        head: LONG,
        body: LONG,
        read: LONG,
        idle: LONG,
        drain: SHORT,
    }
}

async fn world() -> World {
    let canaries = Canaries::new();
    World::build(&canaries.plan()).await.unwrap()
}

/// What becomes of a client that sends `first` and then a byte at a time for ever.
async fn dripping(wire: &Wire, first: &[u8]) -> Vec<u8> {
    let stream = wire.connect().await;
    let (mut from, mut to) = stream.into_split();
    to.write_all(first).await.unwrap();
    let drip = async {
        while to.write_all(b"a").await.is_ok() {
            tokio::time::sleep(SHORT / 10).await;
        }
    };
    let mut answer = Vec::new();
    let hear = async {
        let mut part = [0; 1024];
        while let Ok(length @ 1..) = from.read(&mut part).await {
            answer.extend_from_slice(&part[..length]);
        }
    };
    tokio::select! {
        () = drip => {}
        () = hear => {}
    }
    answer
}

#[tokio::test]
async fn h24_a_head_that_trickles_in_is_not_waited_for() {
    let world = world().await;
    let quick = |door: &mut Door| {
        door.patience = Patience {
            head: SHORT,
            ..patient()
        }
    };
    let wire = Wire::of(&world, quick).await;
    let began = Instant::now();
    dripping(&wire, b"GET /healthz HTTP/1.1\r\nHost: weir.example\r\nA: ").await;
    dripping(&wire, b"PRI * HTTP/2.0\r\n").await;
    let mut silent = wire.connect().await;
    assert!(to_the_end(&mut silent).await.is_empty());
    assert!(began.elapsed() < LONG / 10, "{:?}", began.elapsed());
    assert!(wire.is_well().await);
}

#[tokio::test]
async fn h24_a_body_that_trickles_in_is_not_waited_for() {
    let world = world().await;
    let quick = |door: &mut Door| {
        door.patience = Patience {
            body: SHORT,
            ..patient()
        }
    };
    let wire = Wire::of(&world, quick).await;
    let head = "POST /embed/finance-overview HTTP/1.1\r\nHost: weir.example\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n";
    for length in [
        "Content-Length: 100000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n",
    ] {
        let answer = dripping(&wire, format!("{head}{length}").as_bytes()).await;
        assert!(
            statuses(&answer)
                .first()
                .is_none_or(|status| *status >= 400),
            "{answer:?}"
        );
    }
    assert!(wire.is_well().await);
}

#[tokio::test]
async fn h24_between_requests_a_connection_may_be_silent_for_a_while_and_no_longer() {
    let world = world().await;
    let quick = |door: &mut Door| {
        door.patience = Patience {
            idle: SHORT,
            ..patient()
        }
    };
    let wire = Wire::of(&world, quick).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: weir.example\r\n\r\n";
    let answer = wire.say(&request.repeat(3)).await;
    assert_eq!(statuses(&answer), [200, 200, 200]);
    let began = Instant::now();
    let mut part = wire.connect().await;
    part.write_all(request).await.unwrap();
    assert_eq!(statuses(&to_the_end(&mut part).await), [200]);
    assert!(began.elapsed() >= SHORT);
}

/// An answer that nobody takes: here a script of some megabytes.
#[tokio::test]
async fn h24_a_client_that_takes_nothing_of_its_answer_is_left() {
    let world = world().await;
    let quick = |door: &mut Door| {
        door.patience = Patience {
            read: SHORT,
            ..patient()
        }
    };
    let large = axum::Router::new().route(
        "/large",
        axum::routing::get(|| async { vec![b'a'; 64 << 20] }),
    );
    let wire = Wire::of(&world, |door| {
        quick(door);
        door.router = large;
    })
    .await;
    let mut stream = wire.connect().await;
    stream.write_all(&good("/large")).await.unwrap();
    while wire.counters.snapshot().accepted == 0 || wire.counters.snapshot().open > 0 {
        tokio::time::sleep(SHORT / 10).await;
    }
    let taken = to_the_end(&mut stream).await;
    assert!(taken.len() < 64 << 20, "{}", taken.len());
}

/// It takes some of its answer all the time, and never enough: as slowly as the buffers between allow.
#[tokio::test]
async fn h24_a_client_that_takes_its_answer_in_drops_is_left() {
    let world = world().await;
    let large = axum::Router::new().route(
        "/large",
        axum::routing::get(|| async { vec![b'a'; 64 << 20] }),
    );
    let small = |socket: TcpSocket| {
        socket.set_send_buffer_size(4 << 10).unwrap();
        socket.set_recv_buffer_size(2 << 10).unwrap();
        socket
    };
    let socket = small(TcpSocket::new_v4().unwrap());
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let wire = Wire::on(socket.listen(16).unwrap(), &world, |door| {
        door.router = large;
        door.patience = Patience {
            read: 20 * SHORT,
            ..patient()
        };
    });
    let socket = small(TcpSocket::new_v4().unwrap());
    let mut stream = socket.connect(wire.address).await.unwrap();
    stream.write_all(&good("/large")).await.unwrap();

    let dripping = async {
        let mut drop = [0; 256];
        while let Ok(1..) = stream.read(&mut drop).await {
            tokio::time::sleep(2 * SHORT).await;
        }
    };

    let left = tokio::time::timeout(200 * SHORT, dripping).await;
    assert!(left.is_ok(), "an answer of days is still under way");
}

/// More connections than there is room for: those that ask for nothing make room.
#[tokio::test]
async fn d9_a_crowd_that_asks_for_nothing_keeps_nobody_out() {
    let world = world().await;
    let small = |door: &mut Door| {
        door.most = 16;
        door.patience = patient();
    };
    let wire = Wire::of(&world, small).await;
    let mut crowd: Vec<TcpStream> = Vec::new();
    for number in 0..100 {
        let mut stream = wire.connect().await;
        if number % 2 == 0 {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
        }
        crowd.push(stream);
    }
    assert!(wire.is_well().await);
    assert!(wire.counters.snapshot().open <= 16);
    drop(crowd);
}

/// What runs is finished when the process is told to stop; what does not end is ended.
#[tokio::test]
async fn r14_what_runs_is_finished_and_what_never_ends_is_ended() {
    use axum::body::{Body, Bytes};
    use futures::StreamExt as _;
    let world = world().await;
    let streamed = || async {
        let parts = futures::stream::iter(0..5).then(|number| async move {
            tokio::time::sleep(SHORT / 10).await;
            Ok::<_, std::convert::Infallible>(Bytes::from(format!("part{number};")))
        });
        Body::from_stream(parts)
    };
    let endless = || async {
        let parts = futures::stream::repeat(()).then(|()| async {
            tokio::time::sleep(SHORT / 10).await;
            Ok::<_, std::convert::Infallible>(Bytes::from_static(b"."))
        });
        Body::from_stream(parts)
    };
    let router = axum::Router::new()
        .route("/streamed", axum::routing::get(streamed))
        .route("/endless", axum::routing::get(endless));
    let wire = Wire::of(&world, |door| {
        door.router = router;
        door.patience = Patience {
            drain: 3 * SHORT,
            ..patient()
        };
    })
    .await;
    let mut first = wire.connect().await;
    let mut second = wire.connect().await;
    let idle = wire.connect().await;
    first
        .write_all(b"GET /streamed HTTP/1.1\r\nHost: weir.example\r\n\r\n")
        .await
        .unwrap();
    second
        .write_all(b"GET /endless HTTP/1.1\r\nHost: weir.example\r\n\r\n")
        .await
        .unwrap();
    while wire.counters.snapshot().running < 2 {
        tokio::task::yield_now().await;
    }
    wire.stop.cancel();
    let whole = to_the_end(&mut first).await;
    assert!(String::from_utf8_lossy(&whole).contains("part4;"));
    assert!(whole.ends_with(b"0\r\n\r\n"), "it came to its own end");
    let cut = to_the_end(&mut second).await;
    assert!(!cut.ends_with(b"0\r\n\r\n"));
    let ended = tokio::time::timeout(LONG, wire.serving).await;
    assert!(matches!(ended, Ok(Ok(()))));
    assert!(
        TcpStream::connect(wire.address).await.is_err(),
        "nobody listens any more"
    );
    drop(idle);
}

/// slowhttptest in each of its ways, against a server with room for a fraction of its clients.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h24_g14_slowhttptest_finds_the_service_available() {
    let world = world().await;
    let wire = Wire::of(&world, |door| door.most = 64).await;
    let target = format!("http://{}/.well-known/jwks.json", wire.address);
    let runs = ["-H", "-B", "-X"].map(|way| {
        let mut command = std::process::Command::new(told("WEIR_SLOWHTTPTEST"));
        command.args([
            way, "-u", &target, "-c", "300", "-r", "100", "-l", "12", "-p", "10",
        ]);
        command.args(["-i", "1", "-v", "1"]);
        tokio::task::spawn_blocking(move || command.output().unwrap())
    });
    for run in runs {
        let output = run.await.unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        // In colours.
        let line = told
            .lines()
            .rev()
            .find(|line| line.contains("service available:"));
        assert!(line.is_some_and(|line| line.contains("YES")), "{told}");
    }
    assert!(wire.is_well().await);
}

/// Ten thousand sockets that say nothing, or as many as this machine allows. The binary itself: a
/// process of its own has file handles of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_ten_thousand_silent_connections_keep_nobody_out() {
    let weir = Weir::start();
    let token = weir.token().await;
    let before = weir.memory();
    let mut crowd = Vec::new();
    for _ in 0..weir_server::serve::files::connections(10_000) {
        crowd.push(TcpStream::connect(weir.address).await.unwrap());
    }
    let list = weir.url("/api/v1/dashboards/finance-overview/tiles/list/data");
    for _ in 0..100 {
        let answer = weir
            .http
            .get(&list)
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
    }
    let each = (weir.memory().saturating_sub(before)) / crowd.len() as u64;
    assert!(each < 20 << 10, "{each} bytes for each of {}", crowd.len());
}
