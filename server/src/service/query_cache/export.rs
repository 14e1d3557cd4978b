//! All rows of a statement, on their way into a file. They are not kept for anybody else, and one
//! export at a time is computed and held: it may weigh a hundred times what a tile does.

use weir_engine::{Deadline, Export, Held};
use weir_query::Statement;

use super::QueryCache;
use crate::overload::Overloaded;
use crate::service::account::Account;
use crate::service::costs::FetchError;

/// Who gets no place in time may try again after so many seconds: files are read within a minute.
const AGAIN: u64 = 10;

impl QueryCache {
    /// All rows of `statement`, on the account of whoever takes them. Their place is free when the last
    /// of them is gone, whoever holds it.
    ///
    /// # Errors
    /// What the engine says, that no place became free in time, or that a budget has no room.
    pub async fn export(
        &self,
        statement: &Statement,
        account: &Account,
    ) -> Result<Export, FetchError> {
        let deadline = Deadline::after(self.limits.deadline);
        let place = std::sync::Arc::clone(&self.exports).acquire_owned();
        let place = tokio::time::timeout(self.limits.deadline, place).await;
        let place = place.map_err(|_| Overloaded { retry_after: AGAIN })?;
        let place = place.map_err(|_| FetchError::BrokenOff)?;
        let (mut context, rows_told) = self.admitted(statement, account, deadline).await?;
        context.held = Held::of(place);
        let rows = self.engine.export(statement, context).await?;
        // Whoever books may be gone; then nothing is.
        rows_told
            .send((rows.rows() as u64, rows.is_truncated()))
            .ok();
        Ok(rows)
    }
}
