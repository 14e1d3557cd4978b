//! Runs governed statements: DataFusion over Iceberg.
