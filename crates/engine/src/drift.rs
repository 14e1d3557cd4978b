//! Where a table is not what its dataset declares.

use std::collections::BTreeSet;
use std::fmt;

use weir_policy::{ColumnName, DatasetName, DatasetSchema, ValueType};

use crate::lake::{LakeError, nearest, types};

/// A column that differs between a dataset and its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The dataset.
    pub dataset: DatasetName,
    /// The column's name, as the table or the dataset writes it.
    pub column: String,
    /// How it differs.
    pub kind: DriftKind,
}

/// How a column differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriftKind {
    /// Declared, and not in the table: what needs it is withheld.
    Missing {
        /// "; did you mean `…`?", where the table has something close.
        nearest: String,
    },
    /// In the table with a type that can't be read as the declared one: what needs it is withheld.
    Retyped {
        /// The declared type.
        declared: ValueType,
        /// The table's own word for what it has.
        found: String,
    },
    /// In the table and not declared: worth a note, nobody sees it.
    Added,
}

/// A column as a table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredColumn {
    pub(crate) name: String,
    /// Its type as a dataset would declare it, where there is one.
    pub(crate) kind: Option<ValueType>,
    /// Its type in the table's own words.
    pub(crate) spelled: String,
}

/// Where `stored` is not what `declared` says: what is declared first, then what is not.
pub(crate) fn compare(declared: &DatasetSchema, stored: &[StoredColumn]) -> Vec<Drift> {
    let drift = |column: &str, kind| Drift {
        dataset: declared.name().clone(),
        column: column.to_owned(),
        kind,
    };
    let wanting = declared.columns().filter_map(|(column, kind)| {
        let kind = differs(column.as_str(), kind, stored)?;
        Some(drift(column.as_str(), kind))
    });
    let undeclared = stored.iter().filter(|stored| {
        let name = ColumnName::parse(stored.name.as_str());
        !name.is_ok_and(|name| declared.column(&name).is_some())
    });
    let added = undeclared.map(|stored| drift(&stored.name, DriftKind::Added));
    wanting.chain(added).collect()
}

fn differs(column: &str, declared: ValueType, stored: &[StoredColumn]) -> Option<DriftKind> {
    let Some(found) = stored.iter().find(|stored| stored.name == column) else {
        let names = stored.iter().map(|stored| stored.name.as_str());
        let nearest = nearest(column, names);
        return Some(DriftKind::Missing { nearest });
    };
    let fits = found
        .kind
        .is_some_and(|kind| types::readable(declared, kind));
    (!fits).then(|| DriftKind::Retyped {
        declared,
        found: found
            .kind
            .map_or_else(|| found.spelled.clone(), |kind| kind.to_string()),
    })
}

/// The columns that questions can't be answered about.
pub(crate) fn unreadable(drift: &[Drift]) -> BTreeSet<ColumnName> {
    drift.iter().filter_map(Drift::unreadable).collect()
}

/// What a lake says that does not fit before anything was ever served from it.
///
/// # Errors
/// The first column that can't be read.
pub(crate) fn refuse(drift: &[Drift]) -> Result<(), LakeError> {
    drift.iter().try_for_each(Drift::refuse)
}

impl Drift {
    fn refuse(&self) -> Result<(), LakeError> {
        let Some(column) = self.unreadable() else {
            return Ok(());
        };
        let dataset = self.dataset.clone();
        Err(match &self.kind {
            DriftKind::Added => return Ok(()),
            DriftKind::Missing { nearest } => LakeError::NoColumn {
                dataset,
                column,
                nearest: nearest.clone(),
            },
            DriftKind::Retyped { declared, found } => LakeError::ColumnType {
                dataset,
                column,
                expected: *declared,
                found: found.clone(),
            },
        })
    }

    /// The column as the dataset declares it, if questions that need it can't be answered.
    #[must_use]
    pub fn unreadable(&self) -> Option<ColumnName> {
        match self.kind {
            DriftKind::Missing { .. } | DriftKind::Retyped { .. } => {
                ColumnName::parse(&self.column).ok()
            }
            DriftKind::Added => None,
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dataset,
            column,
            kind,
        } = self;
        match kind {
            DriftKind::Missing { nearest } => {
                write!(
                    f,
                    "{dataset}: column `{column}` is not in the table{nearest}"
                )
            }
            DriftKind::Retyped { declared, found } => write!(
                f,
                "{dataset}: column `{column}` is declared {declared} and is {found} in the table"
            ),
            DriftKind::Added => {
                write!(
                    f,
                    "{dataset}: the table has a column `{column}` that is not declared"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> DatasetSchema {
        let name = DatasetName::parse("gold.visits").unwrap();
        let column = |name: &str, kind| (ColumnName::parse(name).unwrap(), kind);
        let columns = [
            column("amount", ValueType::Integer),
            column("place", ValueType::Text),
        ];
        DatasetSchema::new(name, columns)
    }

    fn stored(name: &str, kind: Option<ValueType>) -> StoredColumn {
        StoredColumn {
            name: name.to_owned(),
            kind,
            spelled: "list<string>".to_owned(),
        }
    }

    fn told(stored: &[StoredColumn]) -> Vec<String> {
        let drift = compare(&declared(), stored);
        drift.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_table_as_declared_has_no_drift() {
        let same = [
            stored("place", Some(ValueType::Text)),
            stored("amount", Some(ValueType::Integer)),
        ];

        assert_eq!(told(&same), Vec::<String>::new());
    }

    #[test]
    fn a_lost_column_names_what_it_may_be_called_now() {
        let renamed = [
            stored("amount", Some(ValueType::Integer)),
            stored("places", Some(ValueType::Text)),
        ];

        assert_eq!(
            told(&renamed),
            [
                "gold.visits: column `place` is not in the table; did you mean `places`?",
                "gold.visits: the table has a column `places` that is not declared",
            ]
        );
    }

    #[test]
    fn a_type_that_no_dataset_has_is_told_in_the_tables_words() {
        let retyped = [
            stored("amount", Some(ValueType::Text)),
            stored("place", None),
        ];
        let drift = compare(&declared(), &retyped);

        assert_eq!(
            told(&retyped),
            [
                "gold.visits: column `amount` is declared integer and is text in the table",
                "gold.visits: column `place` is declared text and is list<string> in the table",
            ]
        );
        assert_eq!(unreadable(&drift).len(), 2);
    }

    #[test]
    fn an_added_column_keeps_nothing_from_being_read() {
        let more = [
            stored("amount", Some(ValueType::Integer)),
            stored("place", Some(ValueType::Text)),
            stored("Note of: x", Some(ValueType::Text)),
        ];
        let drift = compare(&declared(), &more);

        assert_eq!(drift.len(), 1);
        assert_eq!(unreadable(&drift), BTreeSet::new());
        assert!(refuse(&drift).is_ok());
    }
}
