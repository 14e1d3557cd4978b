//! Moments and counts outside tiles, for the governance portal.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::America::Toronto;
use weir_frontend::model::admin::When;
use weir_query::Locale;

use super::Presenter;

impl Presenter {
    /// The language it writes.
    pub(crate) fn locale(&self) -> Locale {
        self.locale
    }

    /// A moment in Eastern time, for people and for machines.
    pub(crate) fn when(&self, moment: DateTime<Utc>) -> When {
        When {
            text: self.dates.moment(moment),
            iso: moment
                .with_timezone(&Toronto)
                .to_rfc3339_opts(SecondsFormat::Secs, false),
        }
    }

    /// A number of things: "12,481".
    pub(crate) fn count(&self, count: u64) -> String {
        self.numbers
            .count(usize::try_from(count).unwrap_or(usize::MAX))
    }
}
