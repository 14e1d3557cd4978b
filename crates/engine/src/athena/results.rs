//! The rows of a query that succeeded, page by page.

use async_trait::async_trait;
use aws_sdk_athena::operation::get_query_results::GetQueryResultsOutput;
use aws_sdk_athena::types::{QueryExecution, ResultSetMetadata, Row, StatementType};
use weir_query::{Cell, OutputColumn, ResultSet, Statement};

use super::decode;
use super::door::{Door, repeated};
use super::failure::Trouble;
use super::harvest::Harvest;
use crate::{Answer, EngineError, Execution};

/// The most rows that a page has, with the header.
const PAGE: i32 = 1_000;

/// What a statement promises of its answer.
#[derive(Debug, Clone)]
pub(super) struct Promise {
    columns: Vec<OutputColumn>,
    row_limit: usize,
}

impl Promise {
    pub(super) fn of(statement: &Statement) -> Self {
        Self {
            columns: statement.columns().to_vec(),
            row_limit: usize::try_from(statement.row_limit()).unwrap_or(usize::MAX),
        }
    }
}

#[async_trait]
impl Harvest for Promise {
    type Rows = ResultSet;
    type Answer = Answer;

    /// Reads rows up to the promised limit, and whether there were more.
    async fn read(
        &self,
        door: &Door,
        execution: &QueryExecution,
    ) -> Result<ResultSet, EngineError> {
        let id = execution.query_execution_id().unwrap_or_default();
        // One more than the limit tells whether there was more.
        let most = self.row_limit.saturating_add(1);
        let mut rows = Vec::new();
        let mut next = None;
        loop {
            let first = next.is_none();
            let page = page(door, id, next.take()).await?;
            let skipped = usize::from(first && has_header(execution, &page));
            append(&mut rows, &page, skipped, &self.columns, most)?;
            next = page.next_token;
            if next.is_none() || rows.len() >= most {
                break;
            }
        }
        let truncated = rows.len() > self.row_limit;
        rows.truncate(self.row_limit);
        Ok(ResultSet::new(self.columns.clone(), rows, truncated))
    }

    fn answer(rows: ResultSet, execution: Execution) -> Answer {
        Answer {
            rows,
            files_read: 0,
            execution,
        }
    }

    /// Results stay where the workgroup puts them, for as long as it keeps them.
    async fn clear(&self, _: &Door, _: Option<&QueryExecution>) {}
}

async fn page(
    door: &Door,
    id: &str,
    next: Option<String>,
) -> Result<GetQueryResultsOutput, EngineError> {
    let page = door.access.athena.get_query_results();
    let page = page.query_execution_id(id).max_results(PAGE);
    let page = page.set_next_token(next);
    let page = repeated(&door.limits.pages, || page.clone().send());
    page.await.map_err(Trouble::into_error)
}

fn append(
    rows: &mut Vec<Vec<Cell>>,
    page: &GetQueryResultsOutput,
    skipped: usize,
    columns: &[OutputColumn],
    most: usize,
) -> Result<(), EngineError> {
    let Some(set) = page.result_set() else {
        return Ok(());
    };
    if let Some(metadata) = set.result_set_metadata() {
        decode::check(metadata.column_info(), columns)?;
    }
    let wanted = most.saturating_sub(rows.len());
    for row in set.rows().iter().skip(skipped).take(wanted) {
        rows.push(decode::row(row, columns)?);
    }
    Ok(())
}

/// Whether the first row of the first page is the names of the columns: a `SELECT` has that, other
/// statements have not, and a row of data is not mistaken for it unless it is equal to it.
fn has_header(execution: &QueryExecution, page: &GetQueryResultsOutput) -> bool {
    let select = match execution.substatement_type() {
        Some(kind) => kind == "SELECT",
        None => execution.statement_type() == Some(&StatementType::Dml),
    };
    let Some(set) = page.result_set() else {
        return false;
    };
    let infos = set
        .result_set_metadata()
        .map(ResultSetMetadata::column_info);
    let infos = infos.unwrap_or_default();
    let named = |row: &Row| decode::texts(row).eq(infos.iter().map(|info| Some(info.name())));
    select && set.rows().first().is_some_and(named)
}

#[cfg(test)]
mod tests {
    use aws_sdk_athena::types::{ColumnInfo, Datum, ResultSet as Told};

    use super::*;

    fn page(rows: &[&str]) -> GetQueryResultsOutput {
        let info = ColumnInfo::builder().name("c0").r#type("varchar");
        let metadata = ResultSetMetadata::builder().column_info(info.build().unwrap());
        let row = |text: &&str| {
            let datum = Datum::builder().var_char_value(*text).build();
            Row::builder().data(datum).build()
        };
        let told = Told::builder()
            .result_set_metadata(metadata.build())
            .set_rows(Some(rows.iter().map(row).collect()));
        GetQueryResultsOutput::builder()
            .result_set(told.build())
            .build()
    }

    fn query(substatement: &str) -> QueryExecution {
        QueryExecution::builder()
            .substatement_type(substatement)
            .build()
    }

    #[test]
    fn a_select_begins_with_the_names_of_its_columns() {
        assert!(has_header(&query("SELECT"), &page(&["c0", "auto"])));
    }

    #[test]
    fn a_row_of_data_is_no_header() {
        assert!(!has_header(&query("SELECT"), &page(&["auto", "home"])));
        assert!(!has_header(&query("SELECT"), &page(&[])));
    }

    #[test]
    fn other_statements_have_no_header() {
        assert!(!has_header(&query("UNLOAD"), &page(&["c0"])));
        let utility = QueryExecution::builder().statement_type(StatementType::Utility);
        assert!(!has_header(&utility.build(), &page(&["c0"])));
    }
}
