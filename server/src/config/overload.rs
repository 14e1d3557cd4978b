//! How much is taken on when more is asked for than can be answered.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::Deserialize;

use crate::overload::Rules;

/// How much is taken on when more is asked for than can be answered.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OverloadConfig {
    /// How long a page or a tile may wait for its turn, in milliseconds. Exports may wait ten times
    /// as long.
    pub longest_wait_ms: u64,
    /// How many requests are worked on at the same time, at most; those that wait for the engine
    /// don't count.
    pub most_at_once: usize,
}

impl Default for OverloadConfig {
    fn default() -> Self {
        Self {
            longest_wait_ms: 100,
            most_at_once: 512,
        }
    }
}

impl OverloadConfig {
    /// The rules of admission on this machine.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let most = self.most_at_once.max(1);
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Rules {
            // Most of what is worked on waits for the disk (no audit, no read), and costs no processor.
            least: (32 * cores).min(most),
            most,
            longest_wait: Duration::from_millis(self.longest_wait_ms),
        }
    }
}
