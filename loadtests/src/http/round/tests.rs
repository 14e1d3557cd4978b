use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::*;

/// A server that answers by what it has seen: the number of the request, and the time since the
/// first.
async fn server(answer: impl Fn(u64) -> (StatusCode, Duration) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (seen, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
            let service = service_fn(move |_: Request<Incoming>| {
                let number = seen.fetch_add(1, Ordering::SeqCst) as u64;
                let (status, wait) = answer(number);
                async move {
                    tokio::time::sleep(wait).await;
                    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
                    *response.status_mut() = status;
                    if status == StatusCode::SERVICE_UNAVAILABLE {
                        let value = http::HeaderValue::from_static("1");
                        response.headers_mut().insert("retry-after", value);
                    }
                    Ok::<_, Infallible>(response)
                }
            });
            let connection = hyper::server::conn::http1::Builder::new();
            tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
        }
    });
    format!("http://{address}")
}

fn round(rate: f64, millis: u64) -> Round {
    Round {
        pace: Pace::constant(rate, Duration::from_millis(millis)),
        arrivals: Arrivals::Constant,
        mix: Mix {
            health: 1,
            ..Mix::default()
        },
        seed: 1,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_while_the_server_stands_still_is_seen_to_wait() {
    // It answers nobody for half a second after the first request, then everybody at once.
    let began = Arc::new(std::sync::OnceLock::<Instant>::new());
    let still = Duration::from_millis(500);
    let weir = server(move |_| {
        let began = *began.get_or_init(Instant::now);
        (StatusCode::OK, still.saturating_sub(began.elapsed()))
    })
    .await;

    let found = round(100.0, 1_000)
        .run(&Crew::alone(&weir), &Progress::new())
        .await
        .unwrap();

    assert_eq!(found.due, 99);
    assert_eq!(found.all.count, 99, "{:?}", found.tally.reasons());
    // Half of them came in that half second, and waited for what was left of it: a quarter of a
    // second on average. A client that waits for its answers would have sent one.
    assert!(found.all.p90 > 300.0, "{:?}", found.all);
    let first = found.seconds.first().unwrap();
    assert_eq!((first.at, first.due, first.failed), (0, 99, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shed_or_fails_is_counted_and_has_no_latency() {
    let weir = server(|number| {
        let status = match number % 4 {
            0 => StatusCode::SERVICE_UNAVAILABLE,
            1 => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::OK,
        };
        (status, Duration::ZERO)
    })
    .await;

    let found = round(100.0, 410)
        .run(&Crew::alone(&weir), &Progress::new())
        .await
        .unwrap();

    let shed = found.tally.failed(super::super::Shed::Counts)
        - found.tally.failed(super::super::Shed::DoesNot);
    assert_eq!((found.due, found.all.count, shed), (40, 20, 10));
    let reasons = found.tally.reasons();
    assert!(reasons.contains("10 × health: status 500"), "{reasons}");
}

#[tokio::test]
async fn nobody_answering_is_a_failure_and_no_hang() {
    let free = crate::surroundings::free_port().unwrap();
    let weir = format!("http://127.0.0.1:{free}");

    let found = round(50.0, 210)
        .run(&Crew::alone(&weir), &Progress::new())
        .await
        .unwrap();

    assert_eq!((found.due, found.all.count), (10, 0));
    assert!(found.tally.reasons().contains("10 × health: broken"));
}
