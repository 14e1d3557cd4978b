//! The one place that starts queries (F33). What it can start is a statement that was vetted, and
//! nothing else.

use std::fmt;
use std::time::Duration;

use aws_sdk_athena::types::{
    QueryExecutionContext, ResultReuseByAgeConfiguration, ResultReuseConfiguration,
};
use hmac::Mac;
use weir_query::sql::literal::text as quoted;
use weir_query::{Dialect, Purpose, Statement};

use super::door::Door;
use super::failure::Trouble;
use super::pace::jittered;
use super::place::Place;
use super::reader::Reader;
use crate::error::Cause;
use crate::mask_key::hex;
use crate::{EngineError, MaskKey};

/// The longest text that Athena takes, in bytes.
const LONGEST_TEXT: usize = 262_144;
/// How often a start is repeated when nobody knows whether it arrived.
const REPEATS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A vetted statement, ready to be started any number of times.
pub(super) struct Order {
    text: String,
    database: String,
    /// These hold a key, so an order is not to be printed.
    parameters: Option<Vec<String>>,
    fingerprint: [u8; 32],
    /// Tells this run from all others, so that none is given another's query: that one may have
    /// failed or been stopped, and what it cost would be booked twice.
    run: [u8; 16],
    /// Whether an earlier query's result will do.
    reusable: bool,
}

impl Order {
    /// Checks a statement once more, and takes from it what Athena needs.
    pub(super) fn of(
        statement: &Statement,
        purpose: Purpose,
        key: Option<&MaskKey>,
    ) -> Result<Self, EngineError> {
        if statement.dialect() != Dialect::Athena {
            return Err(EngineError::WrongDialect);
        }
        if statement.purpose() != purpose {
            return Err(EngineError::Refused(None));
        }
        statement.vet()?;
        Self::from_text(statement, statement.text().to_owned(), key)
    }

    fn from_text(
        statement: &Statement,
        text: String,
        key: Option<&MaskKey>,
    ) -> Result<Self, EngineError> {
        short_enough(&text)?;
        Ok(Self {
            parameters: parameters(&text, key)?,
            text,
            database: statement.scan().dataset().namespace().to_owned(),
            fingerprint: *statement.fingerprint().as_bytes(),
            run: rand::random(),
            reusable: true,
        })
    }

    /// The same query, its rows written as files to a place of their own.
    pub(super) fn unloaded_to(mut self, place: &Place) -> Result<Self, EngineError> {
        self.text = format!(
            "UNLOAD ({}) TO {} WITH (format = 'PARQUET', compression = 'ZSTD')",
            self.text,
            quoted(&place.location())
        );
        self.reusable = false;
        short_enough(&self.text)?;
        Ok(self)
    }

    /// The same for every repetition of one attempt, and for nothing else; nobody can guess it.
    fn token(&self, door: &Door, attempt: u32) -> String {
        let mut keyed = door.idempotency.clone();
        keyed.update(b"weir start 1");
        keyed.update(&self.fingerprint);
        keyed.update(&self.run);
        keyed.update(&attempt.to_le_bytes());
        keyed.update(door.workgroup.as_bytes());
        hex(keyed.finalize().into_bytes())
    }
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("text", &self.text)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// No query was started, as far as anybody can say.
#[derive(Debug)]
pub(super) struct NotStarted {
    pub(super) trouble: Trouble,
    /// An answer was lost: it may have begun all the same, and cost something.
    pub(super) perhaps: bool,
}

/// Starts a query, and repeats that until AWS has said yes or no: with the same token, so that it
/// begins once at most. The first call's token of the pace was taken by the queue.
pub(super) async fn start<T>(
    door: &Door,
    order: &Order,
    attempt: u32,
    reader: &mut Reader<T>,
) -> Result<String, NotStarted> {
    let token = order.token(door, attempt);
    let mut lost = 0;
    loop {
        let trouble = match call(door, order, &token).await {
            Ok(id) => {
                door.limits.starts.taken();
                return Ok(id);
            }
            Err(trouble) => trouble,
        };
        match trouble {
            // If it may have begun, its id is needed to stop it, whoever is still waiting.
            Trouble::TooFast(_) if !reader.is_gone() || lost > 0 => door.limits.starts.slow_down(),
            Trouble::Lost(cause) if lost < REPEATS => {
                tracing::warn!(
                    error = &*cause as &dyn std::error::Error,
                    "start without answer"
                );
                tokio::time::sleep(jittered(FIRST_PAUSE * 4_u32.pow(lost))).await;
                lost += 1;
            }
            trouble => {
                let perhaps = lost > 0 || matches!(trouble, Trouble::Lost(_));
                return Err(NotStarted { trouble, perhaps });
            }
        }
        if lost > 0 {
            door.limits.starts.ready().await;
        } else {
            tokio::select! {
                () = door.limits.starts.ready() => {}
                () = reader.gone() => {}
            }
        }
    }
}

async fn call(door: &Door, order: &Order, token: &str) -> Result<String, Trouble> {
    let context = QueryExecutionContext::builder()
        .catalog(&door.catalog)
        .database(&order.database)
        .build();
    let answer = door
        .access
        .athena
        .start_query_execution()
        .query_string(&order.text)
        .set_execution_parameters(order.parameters.clone())
        .client_request_token(token)
        .query_execution_context(context)
        .work_group(&door.workgroup)
        .set_result_reuse_configuration(order.reusable.then(|| reuse(door)).flatten())
        .send()
        .await
        .map_err(Trouble::of)?;
    answer.query_execution_id.ok_or_else(|| {
        let cause: Cause = "a query was started and has no id".into();
        Trouble::Lost(cause)
    })
}

fn reuse(door: &Door) -> Option<ResultReuseConfiguration> {
    let by_age = ResultReuseByAgeConfiguration::builder()
        .enabled(true)
        .max_age_in_minutes(door.reuse_minutes()?)
        .build();
    let reuse = ResultReuseConfiguration::builder().result_reuse_by_age_configuration(by_age);
    Some(reuse.build())
}

fn short_enough(text: &str) -> Result<(), EngineError> {
    if text.len() > LONGEST_TEXT {
        return Err(EngineError::TooLong);
    }
    Ok(())
}

/// The values of the text's `?`: each is the key of the hash mask. It must not stand in the text, which
/// lists and logs of queries repeat. Parameters are still shown to whoever may look at the query itself;
/// `docs/athena.md` says whom to let.
fn parameters(text: &str, key: Option<&MaskKey>) -> Result<Option<Vec<String>>, EngineError> {
    let holes = holes(text);
    if holes == 0 {
        return Ok(None);
    }
    let key = key.ok_or_else(|| EngineError::NotTaken("there is no key to mask with".into()))?;
    Ok(Some(vec![format!("'{}'", key.to_hex()); holes]))
}

/// How many `?` stand outside of quotes.
fn holes(text: &str) -> usize {
    let mut quote = None;
    let mut holes = 0;
    for c in text.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            // A doubled quote closes and opens again.
            (Some(open), c) if open == c => quote = None,
            (None, '?') => holes += 1,
            _ => {}
        }
    }
    holes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_holes_outside_of_quotes_are_filled() {
        assert_eq!(holes("SELECT 1"), 0);
        assert_eq!(holes("f(x, from_hex(?)), g(y, from_hex(?))"), 2);
        assert_eq!(holes("WHERE a = 'from_hex(?)' AND b = 'it''s ?'"), 0);
        assert_eq!(holes(r#"SELECT "what?" FROM t WHERE a = '' AND b = ?"#), 1);
    }

    #[test]
    fn the_key_of_the_mask_is_a_quoted_parameter_and_never_text() {
        let key = MaskKey::new([0xab; 32]);
        let parameters = parameters("hmac_sha256(x, from_hex(?))", Some(&key)).unwrap();

        assert_eq!(parameters, Some(vec![format!("'{}'", "ab".repeat(32))]));
    }

    #[test]
    fn a_statement_that_needs_a_key_is_not_started_without_one() {
        let error = parameters("hmac_sha256(x, from_hex(?))", None).unwrap_err();

        assert_eq!(error.code(), "statement_not_taken");
    }
}
