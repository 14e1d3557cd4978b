//! The answer of [`resolve`](crate::resolve): what one subject may see of one dataset.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::mask::{ColumnAccess, Mask};
use crate::name::{ColumnName, DatasetName, RuleId};
use crate::policy_set::Revision;
use crate::predicate::Predicate;
use crate::schema::DatasetSchema;

/// What one subject may see of one dataset under one revision. Only
/// [`resolve`](crate::resolve) makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    schema: DatasetSchema,
    revision: Revision,
    // INVARIANT: never `Never`; `resolve` denies instead.
    rows: Arc<Predicate>,
    restrictions: BTreeMap<ColumnName, Restriction>,
    matched: Vec<RuleId>,
}

/// What a rule takes away from a column. The greater one wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Restriction {
    /// Shown through a mask.
    Masked(Mask),
    /// Not shown.
    Hidden,
}

impl Grant {
    pub(crate) fn new(
        schema: DatasetSchema,
        revision: Revision,
        rows: Predicate,
        restrictions: BTreeMap<ColumnName, Restriction>,
        matched: Vec<RuleId>,
    ) -> Self {
        Self {
            schema,
            revision,
            rows: Arc::new(rows),
            restrictions,
            matched,
        }
    }

    /// The dataset.
    #[must_use]
    pub fn dataset(&self) -> &DatasetName {
        self.schema.name()
    }

    /// The columns and types the grant was resolved against.
    #[must_use]
    pub fn schema(&self) -> &DatasetSchema {
        &self.schema
    }

    /// The rows: a row passes only if this is true for its raw values. Never [`Predicate::Never`].
    #[must_use]
    pub fn rows(&self) -> &Predicate {
        &self.rows
    }

    /// The rows, for whoever keeps them longer than the grant: a set of a thousand units is not
    /// worth a copy.
    #[must_use]
    pub fn shared_rows(&self) -> Arc<Predicate> {
        Arc::clone(&self.rows)
    }

    /// The same grant for fewer rows: those that `also` holds for, too. `None` if no row can be
    /// left. It never opens anything, so anybody may narrow a grant.
    #[must_use]
    pub fn narrowed(&self, also: Predicate) -> Option<Self> {
        let rows = Predicate::all([Predicate::clone(&self.rows), also]);
        (rows != Predicate::Never).then(|| Self {
            rows: Arc::new(rows),
            ..self.clone()
        })
    }

    /// How a column is shown. A column the dataset does not have is hidden.
    #[must_use]
    pub fn access(&self, column: &ColumnName) -> ColumnAccess<'_> {
        match self.restrictions.get(column) {
            Some(Restriction::Masked(mask)) => ColumnAccess::Masked(mask),
            None if self.schema.column(column).is_some() => ColumnAccess::Visible,
            Some(Restriction::Hidden) | None => ColumnAccess::Hidden,
        }
    }

    /// Every column of the dataset and how it is shown.
    pub fn columns(&self) -> impl Iterator<Item = (&ColumnName, ColumnAccess<'_>)> {
        self.schema
            .columns()
            .map(|(column, _)| (column, self.access(column)))
    }

    /// The rules that made this grant what it is, in the order of their names.
    #[must_use]
    pub fn matched_rules(&self) -> &[RuleId] {
        &self.matched
    }

    /// The revision it was resolved under.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }
}

/// For audit records and explanations: readable, one line per part, and not readable back.
impl Serialize for Grant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hidden: Vec<&ColumnName> = self
            .restrictions
            .iter()
            .filter_map(|(column, how)| (*how == Restriction::Hidden).then_some(column))
            .collect();
        let masked: BTreeMap<&ColumnName, String> = self
            .restrictions
            .iter()
            .filter_map(|(column, how)| match how {
                Restriction::Masked(mask) => Some((column, mask.to_string())),
                Restriction::Hidden => None,
            })
            .collect();
        let mut record = serializer.serialize_struct("Grant", 6)?;
        record.serialize_field("dataset", self.dataset())?;
        record.serialize_field("revision", &self.revision)?;
        record.serialize_field("rows", &self.rows.to_string())?;
        record.serialize_field("hidden", &hidden)?;
        record.serialize_field("masked", &masked)?;
        record.serialize_field("rules", &self.matched)?;
        record.end()
    }
}
