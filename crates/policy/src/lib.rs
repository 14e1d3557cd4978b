//! Who may see which rows and columns: policies, their algebra and their resolution.
//!
//! A [`Policy`] holds the rules of one dataset, read from YAML and checked against a
//! [`DatasetSchema`]. A [`PolicySet`] holds all policies of one revision. [`resolve`] asks a set
//! what a [`Subject`] may see of a dataset; the answer is a [`Grant`] or a [`Denied`].
//!
//! ```
//! use weir_policy::{DatasetName, DatasetSchema, PolicySet, Revision, Subject, document, resolve};
//! # use weir_policy::{BusinessUnit, ColumnName, ValueType};
//! # let columns = ["business_unit", "region"].map(|name| {
//! #     (ColumnName::parse(name).unwrap(), ValueType::Text)
//! # });
//! # let schema = DatasetSchema::new(DatasetName::parse("gold.statements").unwrap(), columns);
//! let yaml = "
//! dataset: gold.statements
//! rules:
//!   - id: own-rows
//!     permit: { business_unit: { in: subject.business_units } }
//! ";
//! let policy = document::policy_from_yaml("statements.policy.yaml", yaml, &schema)?;
//! let set = PolicySet::build(Revision::new(1), [policy])?;
//!
//! let nobody = Subject::new("https://idp.example", "u-1");
//! assert_eq!(resolve(&set, &nobody, &schema).unwrap_err().code(), "no-business-unit");
//! let analyst = nobody.with_business_units([BusinessUnit::parse("auto")?]);
//! assert_eq!(resolve(&set, &analyst, &schema)?.rows().to_string(), "business_unit = auto");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Around that core: [`change`] says what a new revision means and whether it opens anything,
//! [`words`] says rules and grants in both languages, [`explain()`](explain()) and [`explain_row`] say why
//! somebody sees what they see, [`who`] says who could see something at all, [`persona`] reads the sample people that changes are counted for,
//! and [`decision_table`] holds policies against what their authors expect.
//!
//! Tests cite these by number:
//!
//! - **P1** No matching permit: denied.
//! - **P2** Forbid beats permit.
//! - **P3** Permits join by OR, forbids by AND NOT, in three-valued logic that fails closed: a row
//!   whose forbid is unknown (NULL) is withheld. So no law of the excluded middle.
//! - **P4** A claim the subject does not carry makes a permit not match; it never becomes an empty
//!   comparison. Conditions that look at it are unknown: permits need true, all others need false
//!   to stay away. Blank values count as absent; everything else is compared byte for byte.
//! - **P5** An empty set is `Never`.
//! - **P6** Resolution is a pure function of (policy revision, subject, schema).
//! - **P7** A rule that cannot be evaluated denies the dataset. Skipping a forbid would open it.
//!
//! What this crate does not do: no I/O, no async, no clock, no logging, no SQL. It does not know
//! how an engine applies a predicate or a mask; it says what they mean, and
//! [`Predicate::eval`] is the oracle that engines are tested against.

pub mod change;
pub mod decision_table;
mod denied;
mod digest;
pub mod document;
mod explain;
mod forget;
mod grant;
mod locale;
mod mask;
mod name;
pub mod persona;
mod policy_set;
mod predicate;
mod resolve;
mod rule;
mod schema;
mod subject;
mod truth;
mod value;
pub mod who;
pub mod words;
mod yaml;

pub use denied::{Denied, Refused, WhyNot};
pub use explain::{
    ExplainedColumn, ExplainedRule, Explanation, Outcome, RowClause, RowExplanation, RowVerdict,
    explain, explain_row,
};
pub use forget::opened_by_forgetting;
pub use grant::Grant;
pub use locale::Locale;
pub use mask::{BucketWidth, ColumnAccess, Mask};
pub use name::{
    AttributeName, BusinessUnit, ColumnName, DatasetName, NameError, PersonaName, RoleName, RuleId,
};
pub use policy_set::{ContentHash, PolicySet, PolicySetError, Revision};
pub use predicate::{Comparison, Predicate};
pub use resolve::resolve;
pub use rule::{Claim, Policy, Rule};
pub use schema::DatasetSchema;
pub use subject::{Subject, SubjectDigest};
pub use truth::Truth;
pub use value::{Scalar, UnknownType, Value, ValueError, ValueType};
