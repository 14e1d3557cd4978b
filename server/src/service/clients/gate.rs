//! How much a client gets in a minute, and how much of its refusals is put on record: whoever makes
//! noise must not fill the audit.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use weir_identity::{ClientId, EmbedClient};

/// So many refusals of a known client are on record in a minute.
const DENIALS: u32 = 10;

/// How long a client has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(Duration);

impl Wait {
    pub(in crate::service) fn of(time: Duration) -> Self {
        Self(time)
    }

    /// In whole seconds, at least one: what `Retry-After` takes.
    #[must_use]
    pub fn seconds(self) -> u64 {
        let whole = self.0.as_secs();
        let begun = u64::from(self.0.subsec_nanos() > 0);
        (whole + begun).max(1)
    }
}

/// The gates of all clients that came to one.
#[derive(Default)]
pub(super) struct Gates {
    by_id: Mutex<HashMap<ClientId, Arc<Gate>>>,
}

struct Gate {
    rate: u32,
    tokens: DefaultDirectRateLimiter,
    denials: DefaultDirectRateLimiter,
}

impl Gates {
    /// Counts one call of a client.
    pub(super) fn admit(&self, client: &EmbedClient) -> Result<(), Wait> {
        let now = DefaultClock::default().now();
        let checked = self.gate(client).tokens.check();
        checked.map_err(|until| Wait(until.wait_time_from(now)))
    }

    /// Whether one more refusal of the client goes on record.
    pub(super) fn records(&self, client: &EmbedClient) -> bool {
        self.gate(client).denials.check().is_ok()
    }

    /// Forgets the clients that are gone.
    pub(super) fn keep(&self, known: impl Fn(&ClientId) -> bool) {
        self.lock().retain(|id, _| known(id));
    }

    /// The client's gate; another one once its rate was changed.
    fn gate(&self, client: &EmbedClient) -> Arc<Gate> {
        let rate = client.registration().rate_per_minute;
        let mut gates = self.lock();
        if let Some(gate) = gates.get(client.id())
            && gate.rate == rate
        {
            return Arc::clone(gate);
        }
        let quota = |rate| Quota::per_minute(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN));
        let gate = Arc::new(Gate {
            rate,
            tokens: RateLimiter::direct(quota(rate)),
            denials: RateLimiter::direct(quota(DENIALS)),
        });
        gates.insert(client.id().clone(), Arc::clone(&gate));
        gate
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ClientId, Arc<Gate>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weir_identity::Registration;

    use super::*;

    fn client(id: &str, rate: u32) -> EmbedClient {
        let document = json!({
            "origins": [], "dashboards": [], "business_units": [], "rate_per_minute": rate,
        });
        let registration = Registration::from_value(&document).unwrap();
        EmbedClient::new(ClientId::parse(id).unwrap(), registration, Vec::new())
    }

    #[test]
    fn a_client_gets_its_rate_and_then_waits_and_others_do_not() {
        let gates = Gates::default();
        let (busy, calm) = (client("busy", 3), client("calm", 3));

        for _ in 0..3 {
            assert_eq!(gates.admit(&busy), Ok(()));
        }
        let wait = gates.admit(&busy).unwrap_err();

        assert!((1..=20).contains(&wait.seconds()), "{wait:?}");
        assert_eq!(gates.admit(&calm), Ok(()));
    }

    #[test]
    fn a_changed_rate_holds_at_once() {
        let gates = Gates::default();
        assert_eq!(gates.admit(&client("crm", 1)), Ok(()));
        assert!(gates.admit(&client("crm", 1)).is_err());

        assert_eq!(gates.admit(&client("crm", 2)), Ok(()));
    }

    #[test]
    fn noise_does_not_fill_the_record() {
        let gates = Gates::default();
        let noisy = client("noisy", 600);

        let recorded = (0..1_000).filter(|_| gates.records(&noisy)).count();

        assert!((10..20).contains(&recorded), "{recorded}");
    }

    #[test]
    fn a_wait_is_a_whole_number_of_seconds_and_never_none() {
        for (wait, seconds) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (19_999, 20)] {
            assert_eq!(Wait(Duration::from_millis(wait)).seconds(), seconds);
        }
    }
}
