//! A world behind a real socket, and bytes to send it that no client library would.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use weir_server::serve::{Counters, Door, serve};

use super::world::World;

/// Longer than anything may take here.
const PATIENCE: Duration = Duration::from_mins(1);

/// A world that is served.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    pub(crate) counters: Arc<Counters>,
    pub(crate) stop: CancellationToken,
    pub(crate) serving: JoinHandle<()>,
}

impl Wire {
    /// Serves `world` on a free port, as `change` says.
    pub(crate) async fn of(world: &World, change: impl FnOnce(&mut Door)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, world, change)
    }

    /// The same, on a listener of the test's.
    pub(crate) fn on(listener: TcpListener, world: &World, change: impl FnOnce(&mut Door)) -> Self {
        let mut door = world.app.door();
        change(&mut door);
        let address = listener.local_addr().unwrap();
        let (counters, stop) = (Arc::clone(&door.counters), CancellationToken::new());
        let serving = tokio::spawn(serve(listener, door, stop.clone()));
        Self {
            address,
            counters,
            stop,
            serving,
        }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `bytes` and reads until Weir closes the connection.
    pub(crate) async fn say(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect().await;
        // It may be refused before all of it is sent.
        let _ = stream.write_all(bytes).await;
        to_the_end(&mut stream).await
    }

    /// Sends `bytes`, and gives the status lines of all answers.
    pub(crate) async fn statuses(&self, bytes: &[u8]) -> Vec<u16> {
        statuses(&self.say(bytes).await)
    }

    /// Whether Weir answers a good request of somebody else.
    pub(crate) async fn is_well(&self) -> bool {
        self.statuses(&good("/healthz")).await == [200]
    }
}

/// A good request, the last on its connection.
pub(crate) fn good(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: weir.example\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Reads what comes until the connection ends, however it ends.
pub(crate) async fn to_the_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let reading = async {
        let mut part = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut part).await {
            all.extend_from_slice(&part[..length]);
        }
    };
    let ended = tokio::time::timeout(PATIENCE, reading).await;
    ended.expect("weir closes the connection");
    all
}

/// The statuses of all answers in `bytes`.
pub(crate) fn statuses(bytes: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(bytes);
    let answers = text.split("HTTP/1.1 ").skip(1);
    answers.map(|answer| answer[..3].parse().unwrap()).collect()
}
