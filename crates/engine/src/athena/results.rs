//! The rows of a query that succeeded, page by page.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_athena::operation::get_query_results::GetQueryResultsOutput;
use aws_sdk_athena::types::{ColumnInfo, QueryExecution, ResultSetMetadata, Row, StatementType};
use weir_query::{Cell, OutputColumn, ResultSet, Statement};

use super::decode;
use super::door::{Door, repeated};
use super::failure::Trouble;
use super::harvest::Harvest;
use crate::error::Cause;
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
        let mut pages = Pages::default();
        let mut next = None;
        loop {
            let first = next.is_none();
            let mut page = page(door, id, next.take()).await?;
            next = pages.follow(page.next_token.take())?;
            let skipped = usize::from(first && has_header(execution, &page));
            pages.add(&page, skipped, &self.columns, most)?;
            if next.is_none() || pages.rows.len() >= most {
                break;
            }
        }
        let mut rows = pages.rows;
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

/// What the pages so far had to say.
#[derive(Debug, Default)]
struct Pages {
    rows: Vec<Vec<Cell>>,
    /// The columns as the first page describes them.
    columns: Option<Vec<ColumnInfo>>,
    /// The tokens that were given out for further pages.
    tokens: BTreeSet<String>,
}

impl Pages {
    /// The token of the next page. One that was given out before leads to rows that were read.
    fn follow(&mut self, token: Option<String>) -> Result<Option<String>, EngineError> {
        if let Some(token) = &token
            && !self.tokens.insert(token.clone())
        {
            let cause: Cause = "a page of results leads back to an earlier one".into();
            return Err(EngineError::Unavailable(cause));
        }
        Ok(token)
    }

    /// Adds a page's rows without the `skipped` first, up to `most` of all pages.
    fn add(
        &mut self,
        page: &GetQueryResultsOutput,
        skipped: usize,
        promised: &[OutputColumn],
        most: usize,
    ) -> Result<(), EngineError> {
        let Some(set) = page.result_set() else {
            return Ok(());
        };
        if let Some(metadata) = set.result_set_metadata() {
            self.check(metadata.column_info(), promised)?;
        }
        let wanted = most.saturating_sub(self.rows.len());
        for row in set.rows().iter().skip(skipped).take(wanted) {
            self.rows.push(decode::row(row, promised)?);
        }
        Ok(())
    }

    /// A page must have the promised columns, and those of the first page.
    fn check(&mut self, told: &[ColumnInfo], promised: &[OutputColumn]) -> Result<(), EngineError> {
        decode::check(told, promised)?;
        if let Some(first) = &self.columns {
            return decode::same(first, told);
        }
        self.columns = Some(told.to_vec());
        Ok(())
    }
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
    use aws_sdk_athena::types::{Datum, ResultSet as Told};
    use weir_query::CellType;

    use super::*;

    fn column(name: &str, kind: &str) -> ColumnInfo {
        let info = ColumnInfo::builder().name(name).r#type(kind);
        info.build().unwrap()
    }

    fn page(rows: &[&str]) -> GetQueryResultsOutput {
        page_of(vec![column("c0", "varchar")], rows)
    }

    fn page_of(columns: Vec<ColumnInfo>, rows: &[&str]) -> GetQueryResultsOutput {
        let metadata = ResultSetMetadata::builder().set_column_info(Some(columns));
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

    fn text() -> [OutputColumn; 1] {
        let column = OutputColumn {
            name: "region".to_owned(),
            cell_type: CellType::Text,
        };
        [column]
    }

    #[test]
    fn r3_a_page_of_another_shape_than_the_first_is_no_answer() {
        for columns in [
            vec![column("c0", "char")],
            vec![column("c1", "varchar")],
            vec![column("c0", "varchar"), column("c1", "varchar")],
            vec![],
        ] {
            let mut pages = Pages::default();
            pages.add(&page(&["auto"]), 0, &text(), 10).unwrap();

            let error = pages.add(&page_of(columns, &["home"]), 0, &text(), 10);

            assert_eq!(error.unwrap_err().code(), "unexpected_shape");
            assert_eq!(pages.rows.len(), 1, "no row of it is taken");
        }
    }

    #[test]
    fn pages_of_one_shape_are_one_answer_up_to_the_limit() {
        let mut pages = Pages::default();
        for rows in [["auto", "home"], ["travel", "life"]] {
            pages.add(&page(&rows), 0, &text(), 3).unwrap();
        }

        assert_eq!(pages.rows.len(), 3);
    }

    #[test]
    fn r3_a_token_that_was_given_out_before_is_an_error() {
        let mut pages = Pages::default();
        let mut follow = |token: &str| pages.follow(Some(token.to_owned()));

        assert_eq!(follow("a").unwrap().as_deref(), Some("a"));
        assert_eq!(follow("b").unwrap().as_deref(), Some("b"));
        assert_eq!(follow("a").unwrap_err().code(), "engine_unavailable");
    }
}
