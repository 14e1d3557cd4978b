//! What time it is.

use chrono::{DateTime, Utc};

/// Now. What clients see is a moment of the machine's clock, as it is with the service.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the simulator looks at the machine's clock"
)]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
