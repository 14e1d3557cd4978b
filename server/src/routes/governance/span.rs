//! From when to when a report is, where a question leaves that open.

use chrono::{DateTime, TimeDelta, Utc};

use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// The span that is asked for; up to now, and `usual` long, where nothing else is said.
pub(super) fn asked(
    state: &AppState,
    (from, to): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    usual: TimeDelta,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Problem> {
    let to = to.unwrap_or_else(|| state.clock.now());
    let from = from.unwrap_or_else(|| to.checked_sub_signed(usual).unwrap_or(to));
    if from > to {
        let problem = Problem::new(Slug::InvalidParameter);
        return Err(problem.at("/to", "must not be before `from`"));
    }
    Ok((from, to))
}
