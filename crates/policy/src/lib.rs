//! Who may see which rows and columns: policies, their algebra and their resolution.

pub mod decision_table;
mod denied;
mod digest;
pub mod document;
mod explain;
mod grant;
mod mask;
mod name;
mod policy_set;
mod predicate;
mod resolve;
mod rule;
mod schema;
mod subject;
mod truth;
mod value;
mod yaml;

pub use denied::{Denied, Refused, WhyNot};
pub use explain::{RowVerdict, explain_row};
pub use grant::Grant;
pub use mask::{BucketWidth, ColumnAccess, Mask};
pub use name::{AttributeName, BusinessUnit, ColumnName, DatasetName, NameError, RoleName, RuleId};
pub use policy_set::{ContentHash, PolicySet, PolicySetError, Revision};
pub use predicate::{Comparison, Predicate};
pub use resolve::resolve;
pub use rule::{Claim, Policy, Rule};
pub use schema::DatasetSchema;
pub use subject::{Subject, SubjectDigest};
pub use truth::Truth;
pub use value::{Scalar, UnknownType, Value, ValueError, ValueType};
