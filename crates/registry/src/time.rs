//! Times in the database: milliseconds since 1970, whole and comparable in any dialect.

use chrono::{DateTime, Utc};

use crate::StoreError;

/// Reads a column of milliseconds. The database is untrusted input too.
pub(crate) fn from_millis(column: &'static str, millis: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_millis(millis).ok_or(StoreError::Corrupt { column })
}

/// The text form of a time in canonical JSON: always three decimals, always `Z`.
pub(crate) mod canonical {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(from)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|at| at.to_utc())
            .map_err(de::Error::custom)
    }
}
