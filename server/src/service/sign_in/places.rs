//! How many callbacks ask a provider at the same time: so many in all, and so many of one peer, so
//! that who sends codes that nobody issued waits for itself (D10). Behind a proxy all have one peer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::overload::Overloaded;

/// How many in all.
const ALL: usize = 64;

/// How many of one peer.
const OF_ONE: usize = 16;

/// How long somebody waits for a place. Browsers show nothing meanwhile.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// After how many seconds to try again.
const AGAIN: u64 = 5;

/// Who may ask now. One for all providers.
#[derive(Debug)]
pub struct Places {
    all: Arc<Semaphore>,
    of_one: Mutex<HashMap<Option<IpAddr>, Weak<Semaphore>>>,
    longest_wait: Duration,
}

/// The right to ask, until it is dropped.
#[derive(Debug)]
pub struct Place {
    _of_one: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(ALL)),
            of_one: Mutex::default(),
            longest_wait: LONGEST_WAIT,
        }
    }
}

impl Places {
    /// A place for somebody at `peer`, in the order they came.
    ///
    /// # Errors
    /// When it takes too long.
    pub async fn place(&self, peer: Option<IpAddr>) -> Result<Place, Overloaded> {
        let (of_one, of_all) = (self.of_one(peer), Arc::clone(&self.all));
        let both = async {
            let of_one = of_one.acquire_owned().await.ok()?;
            let of_all = of_all.acquire_owned().await.ok()?;
            Some(Place {
                _of_one: of_one,
                _of_all: of_all,
            })
        };
        let place = tokio::time::timeout(self.longest_wait, both).await;
        place
            .ok()
            .flatten()
            .ok_or(Overloaded { retry_after: AGAIN })
    }

    fn of_one(&self, peer: Option<IpAddr>) -> Arc<Semaphore> {
        // Every change of the map is complete before it can panic.
        let mut peers = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = peers.get(&peer).and_then(Weak::upgrade) {
            return known;
        }
        if peers.len() == peers.capacity() {
            peers.retain(|_, places| places.strong_count() > 0);
        }
        let places = Arc::new(Semaphore::new(OF_ONE));
        peers.insert(peer, Arc::downgrade(&places));
        places
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn without_waiting() -> Places {
        Places {
            longest_wait: Duration::ZERO,
            ..Places::default()
        }
    }

    fn peer(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(number))
    }

    #[tokio::test]
    async fn d10_who_fills_its_own_places_leaves_those_of_others() {
        let places = without_waiting();
        let mut held = Vec::new();
        for _ in 0..OF_ONE {
            held.push(places.place(Some(peer(1))).await.unwrap());
        }

        assert!(places.place(Some(peer(1))).await.is_err());
        assert!(places.place(Some(peer(2))).await.is_ok());
        held.pop();
        assert!(places.place(Some(peer(1))).await.is_ok());
    }

    #[tokio::test]
    async fn d10_so_many_ask_at_once_however_many_there_are() {
        let places = without_waiting();
        let mut held = Vec::new();
        for number in 0..u32::try_from(ALL).unwrap() {
            held.push(places.place(Some(peer(number))).await.unwrap());
        }

        assert!(places.place(Some(peer(1_000))).await.is_err());
        held.pop();
        assert!(places.place(Some(peer(1_000))).await.is_ok());
    }

    #[tokio::test]
    async fn d10_peers_that_are_gone_are_forgotten() {
        let places = without_waiting();
        for number in 0..10_000 {
            assert!(places.place(Some(peer(number))).await.is_ok());
        }

        let known = places.of_one.lock().unwrap().len();
        assert!(known < 100, "{known}");
    }
}
