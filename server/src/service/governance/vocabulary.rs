//! The catalog's labels for sentences about rules.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;
use weir_policy::words::{Vocabulary, Words};
use weir_policy::{BusinessUnit, ColumnName, Rule, Value};
use weir_query::{Dataset, Locale};

use crate::content::UNIT_COLUMN;

/// The same in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sentence {
    en: String,
    fr: String,
}

impl Sentence {
    /// What `say` says in each language.
    #[must_use]
    pub fn of(say: impl Fn(Locale) -> String) -> Self {
        Self {
            en: say(Locale::EnCa),
            fr: say(Locale::FrCa),
        }
    }

    /// A rule, in the words of the dataset it is about.
    #[must_use]
    pub fn of_rule(rule: &Rule, dataset: Option<&Dataset>) -> Self {
        Self::of(|locale| Words::new(locale, &CatalogWords::new(dataset, locale)).rule(rule))
    }
}

/// What a dataset's columns and values are called in one language.
#[derive(Debug, Clone, Copy)]
pub struct CatalogWords<'a> {
    dataset: Option<&'a Dataset>,
    locale: Locale,
}

impl<'a> CatalogWords<'a> {
    /// The words of a dataset; without one, names stay as they are.
    #[must_use]
    pub fn new(dataset: Option<&'a Dataset>, locale: Locale) -> Self {
        Self { dataset, locale }
    }

    fn label(&self, column: &ColumnName, code: &str) -> Option<&str> {
        let column = self.dataset?.column(column)?;
        column.values.get(code).map(|label| label.get(self.locale))
    }
}

impl Vocabulary for CatalogWords<'_> {
    fn column(&self, column: &ColumnName) -> Option<&str> {
        let column = self.dataset?.column(column)?;
        Some(column.label.get(self.locale))
    }

    fn value(&self, column: &ColumnName, value: &Value) -> Option<Cow<'_, str>> {
        match value {
            Value::Text(code) => self.label(column, code).map(Cow::Borrowed),
            _ => None,
        }
    }

    fn business_unit(&self, unit: &BusinessUnit) -> Option<&str> {
        self.label(&ColumnName::parse(UNIT_COLUMN).ok()?, unit.as_str())
    }
}
