//! Who sees what, and why.

use super::{AdminFrame, Choice, FieldError, RuleVm};
use serde::{Deserialize, Serialize};

/// `/admin/access`: persona and business unit against dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// Revisions and drafts to look at; one is chosen. Sent as `content`.
    pub contents: Vec<Choice>,
    /// "Counted on the data of 21 Nov 2026, 14:05."
    pub counted_on: String,
    /// The datasets' labels, one per column.
    pub datasets: Vec<String>,
    /// One per persona and business unit.
    pub rows: Vec<AccessRow>,
}

/// A persona in a business unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessRow {
    /// "Analyst".
    pub persona: String,
    /// "Auto", or "all 7". May be empty.
    pub business_unit: String,
    /// One per dataset, in the order of [`AccessVm::datasets`].
    pub cells: Vec<AccessCell>,
}

/// What somebody sees of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessCell {
    /// Why: `/admin/access/explain?…`.
    pub href: String,
    /// How many rows.
    pub sees: Sees,
    /// Columns that are hidden.
    pub hidden: u32,
    /// Columns that are masked.
    pub masked: u32,
}

/// How much of a dataset somebody sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Sees {
    /// Not a row.
    Nothing,
    /// Some.
    Rows {
        /// "37,118".
        count: String,
        /// Of the most that anybody listed sees, 0 to 1.
        share: f64,
    },
    /// Some, but they could not be counted.
    Uncounted,
}

/// `/admin/access/explain`: why somebody sees what they see of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplainVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// "Analyst, Auto".
    pub subject: String,
    /// The dataset's label.
    pub dataset: String,
    /// The dataset's name.
    pub dataset_name: String,
    /// "revision 14", « la révision 14 » or "draft 27": stands after "under".
    pub content: String,
    /// How many rows.
    pub sees: Sees,
    /// The answer in a sentence: "Rows whose business unit is Auto and not on legal hold."
    pub sentence: String,
    /// Every rule of the dataset, those that applied first.
    pub rules: Vec<ExplainedRule>,
    /// What is known about the subject.
    pub claims: Vec<Claim>,
    /// Every column.
    pub columns: Vec<ExplainedColumn>,
    /// The question about one row; `None` where the dataset has no key.
    pub row: Option<RowQuestion>,
    /// Look through these eyes: `/admin/view-as?…`.
    pub view_as_href: Option<String>,
}

/// How a rule took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedRule {
    /// The rule.
    pub rule: RuleVm,
    /// Whether it applied.
    pub applied: bool,
    /// Why, or why not: "The role analyst is held."
    pub why: String,
    /// "Since revision 9 of 3 Oct 2026, by Jonas Weber, approved by Amélie Tremblay".
    pub source: String,
}

/// A claim of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// "Business units".
    pub name: String,
    /// "Auto"; empty for none.
    pub value: String,
}

/// How a column is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedColumn {
    /// Its label.
    pub label: String,
    /// Its name.
    pub name: String,
    /// How: "shown", "as a hash", "hidden".
    pub shown: String,
    /// Whether it is less than shown.
    pub restricted: bool,
    /// The rule that restricts it; empty for none.
    pub rule: String,
}

/// A question about one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowQuestion {
    /// Where the form goes, by GET: `/admin/access/explain`.
    pub action: String,
    /// The other parameters of this page, as hidden fields: name and value.
    pub carry: Vec<(String, String)>,
    /// The key's name: "Statement number". The field is `key`.
    pub key_label: String,
    /// What was asked.
    pub key: String,
    /// The answer.
    pub answer: Option<RowAnswer>,
    /// What was wrong with the question.
    pub errors: Vec<FieldError>,
}

/// Whether a row is seen, and by which clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowAnswer {
    /// Whether it is seen.
    pub visible: bool,
    /// "Legal hold is yes."
    pub clause: String,
    /// The rule that decided.
    pub rule: String,
}
