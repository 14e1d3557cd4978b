//! What can be wrong with a lake. These messages are for operators and logs; nobody outside sees
//! them (invariant 12), so they may name files, tables and columns.

use std::path::PathBuf;

use weir_policy::{ColumnName, DatasetName, ValueType};

/// Why a lake, or one dataset of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// A folder or file could not be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// There is nothing at the path that could be a lake.
    #[error(
        "`{path}` holds no tables: expected a SQLite catalog (*.db), an Iceberg metadata.json, or \
         Parquet files"
    )]
    NoTables {
        /// The path.
        path: PathBuf,
    },
    /// The `SQLite` catalog could not be read.
    #[error("cannot read the catalog `{path}`")]
    Catalog {
        /// The `SQLite` file.
        path: PathBuf,
        /// What `SQLite` said.
        #[source]
        source: Box<sqlx::Error>,
    },
    /// Two catalogs, or two names in one, claim the same table.
    #[error("table `{table}` is in the lake's catalogs twice: `{first}` and `{second}`")]
    Ambiguous {
        /// The table.
        table: String,
        /// One metadata file.
        first: String,
        /// The other.
        second: String,
    },
    /// The table of a dataset is in no catalog.
    #[error("dataset `{dataset}`: no table of this name in the lake{nearest}")]
    NoTable {
        /// The dataset.
        dataset: DatasetName,
        /// "; did you mean …", or nothing.
        nearest: String,
    },
    /// A dataset's source is not in the lake.
    #[error("dataset `{dataset}`: its `source` names nothing in the lake's folder")]
    Outside {
        /// The dataset.
        dataset: DatasetName,
    },
    /// The Iceberg metadata of a table could not be read.
    #[error("table `{dataset}`: cannot read Iceberg metadata `{location}`")]
    Metadata {
        /// The dataset, or the table by its own name.
        dataset: String,
        /// The metadata file.
        location: String,
        /// What Iceberg said.
        #[source]
        source: Box<iceberg::Error>,
    },
    /// A Parquet file could not be read.
    #[error("cannot read the Parquet file `{path}`")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What Parquet said.
        #[source]
        source: Box<parquet::errors::ParquetError>,
    },
    /// A column of the declaration is not in the table.
    #[error("dataset `{dataset}`: the table has no column `{column}`{nearest}")]
    NoColumn {
        /// The dataset.
        dataset: DatasetName,
        /// The column.
        column: ColumnName,
        /// "; did you mean …", or nothing.
        nearest: String,
    },
    /// A column has another type than declared.
    #[error("dataset `{dataset}`: column `{column}` is declared {expected}, the table has {found}")]
    ColumnType {
        /// The dataset.
        dataset: DatasetName,
        /// The column.
        column: ColumnName,
        /// The declared type.
        expected: ValueType,
        /// The type in the table.
        found: String,
    },
    /// The table uses a feature of Iceberg that this engine does not read.
    #[error("table `{table}` cannot be read: {feature}")]
    Unsupported {
        /// The table.
        table: String,
        /// Which feature, and what to do about it.
        feature: String,
    },
    /// Iceberg failed while files were being planned.
    #[error("cannot plan the files of table `{table}`")]
    Plan {
        /// The table.
        table: String,
        /// What Iceberg said.
        #[source]
        source: Box<iceberg::Error>,
    },
    /// A metadata file or a manifest could not be read.
    #[error("cannot read `{location}`")]
    Object {
        /// Where it is.
        location: String,
        /// What the store said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A metadata file or a manifest is longer than any should be.
    #[error("`{location}` has more than {most} bytes")]
    TooLong {
        /// Where it is.
        location: String,
        /// How long it may be.
        most: u64,
    },
    /// The metadata lies where Weir does not read.
    #[error("`{location}` is not in S3: expected `s3://bucket/key`")]
    Location {
        /// Where it is.
        location: String,
    },
    /// Glue does not answer, or refuses.
    #[error("dataset `{dataset}`: cannot ask Glue for its table")]
    Glue {
        /// The dataset.
        dataset: DatasetName,
        /// What Glue said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A table of Glue without Iceberg metadata.
    #[error(
        "dataset `{dataset}`: its table in Glue is not an Iceberg table: it has no `metadata_location`"
    )]
    NotIceberg {
        /// The dataset.
        dataset: DatasetName,
    },
    /// A dataset that names a file, where tables are looked up in Glue.
    #[error(
        "dataset `{dataset}`: with Athena its table is looked up in Glue by the dataset's name; leave \
         out `source`"
    )]
    Elsewhere {
        /// The dataset.
        dataset: DatasetName,
    },
    /// Nobody knows what reading the table takes.
    #[error("dataset `{dataset}`: the table's metadata does not tell how much there is to read")]
    NoEstimate {
        /// The dataset.
        dataset: DatasetName,
    },
    /// Listing files was stopped with the runtime.
    #[error("listing files was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
    /// The query engine could not be set up.
    #[error("the query engine cannot be set up")]
    Engine(#[source] Box<datafusion::error::DataFusionError>),
}

impl LakeError {
    /// Whether the sentence speaks of declarations alone. The others name files and catalogs, which
    /// are for operators only.
    #[must_use]
    pub fn is_about_declarations(&self) -> bool {
        matches!(
            self,
            Self::NoTable { .. }
                | Self::Outside { .. }
                | Self::NoColumn { .. }
                | Self::ColumnType { .. }
                | Self::NotIceberg { .. }
                | Self::Elsewhere { .. }
        )
    }
}
