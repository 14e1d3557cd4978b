//! The process is told to stop while people work (R14, G13): the binary itself, and signals.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::support::running::Weir;
use crate::support::world::HOST;

const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

/// Clients behind a balancer that asks `/readyz`, as fast as they can.
struct Crowd {
    gone: AtomicBool,
    answered: AtomicUsize,
}

impl Crowd {
    async fn client(&self, weir: &Weir, token: &str) {
        while !self.gone.load(Ordering::SeqCst) {
            let tile = weir.http.get(weir.url(LIST)).bearer_auth(token);
            let page = weir
                .http
                .post(weir.url("/embed/finance-overview"))
                .header("origin", HOST)
                .header("sec-fetch-dest", "iframe")
                .form(&[("token", token)]);
            for ask in [tile, page] {
                if self.gone.load(Ordering::SeqCst) {
                    return;
                }
                let answer = ask.send().await.unwrap();
                assert_eq!(answer.status(), 200);
                let text = answer.text().await.unwrap();
                assert!(text.contains("canaryauto"), "{text}");
                self.answered.fetch_add(1, Ordering::SeqCst);
            }
        }
    }

    /// What a balancer does: once it is not ready, nobody is sent there.
    async fn balancer(&self, weir: &Weir) {
        while weir.is_ready().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.gone.store(true, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r14_g13_no_request_fails_when_the_process_is_told_to_stop_under_load() {
    let mut weir = Weir::start();
    let token = weir.token().await;
    let crowd = Crowd {
        gone: AtomicBool::new(false),
        answered: AtomicUsize::new(0),
    };
    let clients = futures::future::join_all((0..8).map(|_| crowd.client(&weir, &token)));
    let told = async {
        while crowd.answered.load(Ordering::SeqCst) < 50 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        weir.signal("-TERM");
    };
    futures::join!(clients, crowd.balancer(&weir), told);
    let (status, took) = weir.ended().await;
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r14_told_twice_it_ends_there_and_then() {
    let mut weir = Weir::start();
    let mut stream = tokio::net::TcpStream::connect(weir.address).await.unwrap();
    let head = format!(
        "POST /embed/finance-overview HTTP/1.1\r\nHost: {}\r\nContent-Length: 9\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n",
        weir.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    weir.signal("-TERM");
    while weir.is_ready().await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    weir.signal("-TERM");
    let (status, took) = weir.ended().await;
    assert_eq!(status.code(), Some(1));
    assert!(took < Duration::from_secs(3), "{took:?}");
    drop(stream);
}
