//! A question joined to the answer "may they?": the only thing that compiles (invariant 4).

use std::collections::BTreeSet;
use std::sync::Arc;

use weir_policy::{ColumnAccess, ColumnName, Grant, Mask, Predicate};

use crate::catalog::{Dataset, Measure};
use crate::tile_query::{Order, OrderBy, TileQuery};

/// A question narrowed to what a grant allows.
#[derive(Debug, Clone)]
pub struct GovernedQuery {
    question: TileQuery,
    grant: Arc<Grant>,
}

/// Why a question can't be asked under a grant. The tile is withheld, not failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The grant is for another dataset.
    #[error("the grant covers `{granted}`, the question asks `{asked}`")]
    OtherDataset {
        /// What was granted.
        granted: String,
        /// What was asked.
        asked: String,
    },
    /// A dimension, filter or order reads a hidden column.
    #[error("column `{0}` is hidden")]
    Hidden(ColumnName),
    /// A filter or aggregate reads a masked column.
    #[error("column `{0}` is masked and may not be aggregated or filtered")]
    Masked(ColumnName),
    /// Nothing of the question is left.
    #[error("every column of the question is hidden")]
    NothingVisible,
}

impl Refusal {
    /// A stable word for audit and the reader's text.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherDataset { .. } => "other-dataset",
            Self::Hidden(_) => "column-hidden",
            Self::Masked(_) => "column-masked",
            Self::NothingVisible => "nothing-visible",
        }
    }
}

impl TileQuery {
    /// Narrows this question to what `grant` allows.
    ///
    /// A measure over a hidden column leaves the answer. A dimension, filter or sort on one is
    /// refused: without it the question would mean something else, with it the answer would tell
    /// about the column. A masked dimension is grouped by its masked value; a measure or filter on
    /// a masked column is refused (invariant 6).
    ///
    /// # Errors
    /// [`Refusal`] names the column that stands in the way.
    pub fn under(mut self, grant: &Arc<Grant>) -> Result<GovernedQuery, Refusal> {
        if grant.dataset() != self.dataset.name() {
            return Err(Refusal::OtherDataset {
                granted: grant.dataset().to_string(),
                asked: self.dataset.name().to_string(),
            });
        }
        for dimension in &self.dimensions {
            refuse_hidden(grant, &dimension.column)?;
            refuse_cut_mask(grant, &dimension.column, dimension.grain.is_some())?;
        }
        for column in self.filters.iter().flat_map(Predicate::columns) {
            refuse_hidden(grant, &column)?;
            refuse_masked(grant, &column)?;
        }
        self.keep_visible_measures(grant)?;
        Ok(GovernedQuery {
            question: self,
            grant: Arc::clone(grant),
        })
    }

    fn keep_visible_measures(&mut self, grant: &Grant) -> Result<(), Refusal> {
        let hidden = |measure: &Measure| {
            columns_of(measure).any(|column| matches!(grant.access(column), ColumnAccess::Hidden))
        };
        let had_measures = !self.measures.is_empty();
        self.measures.retain(|measure| !hidden(measure));
        if had_measures && self.measures.is_empty() {
            return Err(Refusal::NothingVisible);
        }
        for column in self.measures.iter().flat_map(columns_of) {
            refuse_masked(grant, column)?;
        }
        let order_is_gone = |order: &Order| match &order.by {
            OrderBy::Measure(name) => !self.measures.iter().any(|measure| &measure.name == name),
            OrderBy::Dimension(_) | OrderBy::RowCount => false,
        };
        if self.order.iter().any(order_is_gone) {
            return Err(Refusal::NothingVisible);
        }
        Ok(())
    }
}

fn columns_of(measure: &Measure) -> impl Iterator<Item = &ColumnName> {
    measure
        .formula
        .aggregates()
        .flat_map(crate::catalog::Aggregate::columns)
}

fn refuse_hidden(grant: &Grant, column: &ColumnName) -> Result<(), Refusal> {
    match grant.access(column) {
        ColumnAccess::Hidden => Err(Refusal::Hidden(column.clone())),
        ColumnAccess::Visible | ColumnAccess::Masked(_) => Ok(()),
    }
}

fn refuse_masked(grant: &Grant, column: &ColumnName) -> Result<(), Refusal> {
    match grant.access(column) {
        ColumnAccess::Masked(_) => Err(Refusal::Masked(column.clone())),
        ColumnAccess::Visible | ColumnAccess::Hidden => Ok(()),
    }
}

/// Cutting a masked date to a month would need its type, which a mask may change.
fn refuse_cut_mask(grant: &Grant, column: &ColumnName, cut: bool) -> Result<(), Refusal> {
    if cut {
        refuse_masked(grant, column)
    } else {
        Ok(())
    }
}

impl GovernedQuery {
    /// What is left of the question.
    #[must_use]
    pub fn question(&self) -> &TileQuery {
        &self.question
    }

    /// The grant it was narrowed by.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// The dataset it asks.
    #[must_use]
    pub fn dataset(&self) -> &Dataset {
        &self.question.dataset
    }

    /// The physical columns that the outer query names.
    pub(crate) fn projected(&self) -> BTreeSet<ColumnName> {
        let question = &self.question;
        let dimensions = question
            .dimensions
            .iter()
            .map(|dimension| &dimension.column);
        let measures = question.measures.iter().flat_map(columns_of);
        let filters = question.filters.iter().flat_map(Predicate::columns);
        let windowed = question.windows.len() > 1;
        let time = question.dataset.time().filter(|_| windowed);
        dimensions
            .chain(measures)
            .chain(time)
            .cloned()
            .chain(filters)
            .collect()
    }

    /// The projected columns that are masked, with their masks.
    pub(crate) fn masks(&self) -> Vec<(ColumnName, Mask)> {
        let masked = |column: ColumnName| match self.grant.access(&column) {
            ColumnAccess::Masked(mask) => Some((column, mask.clone())),
            ColumnAccess::Visible | ColumnAccess::Hidden => None,
        };
        self.projected().into_iter().filter_map(masked).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests;
