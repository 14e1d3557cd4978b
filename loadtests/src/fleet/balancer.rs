//! A small balancer: each connection goes to the next replica, and past one that is not there.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running balancer. It ends with this value; connections that are open go on.
#[derive(Debug)]
pub(super) struct Balancer {
    address: SocketAddr,
    replicas: Arc<Replicas>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Replicas {
    addresses: std::sync::RwLock<Vec<SocketAddr>>,
    next: AtomicUsize,
}

impl Balancer {
    /// Listens on a free port of the loopback address, with nobody behind it yet.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let replicas = Arc::new(Replicas::default());
        let behind = Arc::clone(&replicas);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, Arc::clone(&behind)));
            }
        });
        Ok(Self {
            address,
            replicas,
            task,
        })
    }

    /// What clients call.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts a replica behind it.
    pub(super) fn add(&self, url: &str) -> anyhow::Result<()> {
        let address = url.strip_prefix("http://").unwrap_or(url);
        let address = address.parse().context("a replica's address")?;
        let mut addresses = self.replicas.write();
        addresses.push(address);
        Ok(())
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Replicas {
    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Vec<SocketAddr>> {
        let addresses = self.addresses.write();
        addresses.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// All of them, beginning with the one whose turn it is.
    fn in_turn(&self) -> Vec<SocketAddr> {
        let addresses = self.addresses.read();
        let mut all = addresses
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone();
        if !all.is_empty() {
            let turn = self.next.fetch_add(1, Ordering::Relaxed) % all.len();
            all.rotate_left(turn);
        }
        all
    }
}

async fn pass(mut client: TcpStream, replicas: Arc<Replicas>) {
    for address in replicas.in_turn() {
        if let Ok(mut replica) = TcpStream::connect(address).await {
            // Either side may close in the middle; the other sees it.
            let _ = copy_bidirectional(&mut client, &mut replica).await;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Says its name to everybody who comes.
    async fn named(name: &'static str) -> (String, JoinHandle<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(name.as_bytes()).await.unwrap();
            }
        });
        (url, task)
    }

    async fn said(balancer: &Balancer) -> String {
        let mut stream = TcpStream::connect(balancer.address).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn connections_go_to_each_replica_in_turn_and_past_one_that_is_gone() {
        let balancer = Balancer::start().await.unwrap();
        let ((one, _one), (two, other)) = (named("one").await, named("two").await);
        balancer.add(&one).unwrap();
        balancer.add(&two).unwrap();

        let mut heard = Vec::new();
        for _ in 0..4 {
            heard.push(said(&balancer).await);
        }
        other.abort();
        assert!(other.await.is_err());

        assert_eq!(heard, ["one", "two", "one", "two"]);
        for _ in 0..4 {
            assert_eq!(said(&balancer).await, "one");
        }
    }
}
