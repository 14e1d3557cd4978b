//! Runs governed statements: DataFusion over Iceberg.
pub mod lake;
