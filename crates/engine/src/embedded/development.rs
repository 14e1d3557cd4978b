//! A door for development only: tables of a lake, asked without a statement and without a grant.
//!
//! The simulator of Athena stands behind it: Athena knows neither policies nor datasets. The server
//! is built without this module; a check of the workspace sees to that.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_plan::execute_stream;
use futures::TryStreamExt;
use iceberg::TableIdent;
use iceberg::io::FileIO;
use iceberg::spec::{PrimitiveType, Type};
use iceberg::table::{StaticTable, Table};
use weir_policy::{ColumnName, DatasetName, DatasetSchema, Predicate};
use weir_query::SnapshotId;
use weir_query::sql::pinned_table;

use super::governed::GovernedTable;
use super::read::Meter;
use super::session::{self, Sessions};
use crate::lake::{Catalogs, TableVersion, types};
use crate::{EngineError, LakeError, MaskKey};

/// The Iceberg tables of one lake folder, and sessions to ask them in.
#[derive(Debug)]
pub struct Workbench {
    catalogs: Catalogs,
    files: FileIO,
    sessions: Sessions,
}

/// One state of one table, as a metadata file describes it.
#[derive(Debug, Clone)]
pub struct WorkTable {
    schema: DatasetSchema,
    location: String,
    version: Arc<TableVersion>,
    table: Table,
}

/// What a run has read so far; it may be looked at while the run goes on, and after it was dropped.
#[derive(Debug, Clone, Default)]
pub struct BytesRead(Arc<Meter>);

/// The columns of an answer, and its rows in batches.
#[derive(Debug)]
pub struct Batches {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

impl Workbench {
    /// Opens the catalogs in the folder `lake`.
    ///
    /// # Errors
    /// When the folder or a catalog in it can't be read.
    pub async fn open(lake: &Path) -> Result<Self, LakeError> {
        // No text that comes in here may name the hash mask, so the key masks nothing.
        let sessions = Sessions::new(MaskKey::new([0; 32]))
            .map_err(|source| LakeError::Engine(Box::new(source)))?;
        Ok(Self {
            catalogs: Catalogs::find(lake).await?,
            files: FileIO::new_with_fs(),
            sessions,
        })
    }

    /// Every table (`namespace.name`) with the location of its current metadata.
    ///
    /// # Errors
    /// When a catalog can't be read.
    pub async fn locations(&self) -> Result<BTreeMap<String, String>, LakeError> {
        self.catalogs.tables().await
    }

    /// The table `name` as the metadata file at `location` describes it. Columns of types that
    /// datasets do not know are left out.
    ///
    /// # Errors
    /// When there is no such metadata.
    pub async fn table(&self, name: &DatasetName, location: &str) -> Result<WorkTable, LakeError> {
        let failed = |source| LakeError::Metadata {
            dataset: name.to_string(),
            location: location.to_owned(),
            source: Box::new(source),
        };
        let ident = TableIdent::from_strs([name.namespace(), name.table()]).map_err(failed)?;
        let table = StaticTable::from_metadata_file(location, ident, self.files.clone())
            .await
            .map_err(failed)?
            .into_table();
        let fields = table.metadata().current_schema().as_struct().fields();
        let columns = fields.iter().filter_map(|field| {
            let column = ColumnName::parse(field.name.as_str()).ok()?;
            Some((column, types::of_iceberg(&field.field_type)?))
        });
        let schema = DatasetSchema::new(name.clone(), columns);
        let version = TableVersion::iceberg(&schema, location, &self.files).await?;
        Ok(WorkTable {
            schema,
            location: location.to_owned(),
            version: Arc::new(version),
            table,
        })
    }

    /// Runs one query. It may name `table` at `snapshot`, as [`pinned_table`] writes it, and the
    /// functions it is given besides the engine's own. Dropping the future stops it.
    ///
    /// # Errors
    /// When the text is anything but one query that this engine can answer.
    pub async fn run(
        &self,
        text: &str,
        table: Option<(&WorkTable, &SnapshotId)>,
        functions: &[Arc<ScalarUDF>],
        read: &BytesRead,
    ) -> Result<Batches, EngineError> {
        let mut state = match table {
            Some((table, snapshot)) => self.session(table, snapshot, read)?,
            None => self.sessions.without_tables(),
        };
        for function in functions {
            state
                .register_udf(Arc::clone(function))
                .map_err(EngineError::from_execution)?;
        }
        let plan = session::plan(&state, text).await?;
        let plan = state
            .create_physical_plan(&plan)
            .await
            .map_err(EngineError::from_execution)?;
        let schema = plan.schema();
        let rows = execute_stream(plan, state.task_ctx()).map_err(EngineError::from_execution)?;
        let batches = rows
            .try_collect()
            .await
            .map_err(EngineError::from_execution)?;
        Ok(Batches { schema, batches })
    }

    fn session(
        &self,
        table: &WorkTable,
        snapshot: &SnapshotId,
        read: &BytesRead,
    ) -> Result<SessionState, EngineError> {
        if !table.version.knows(snapshot) {
            return Err(EngineError::SnapshotGone);
        }
        let visible = table.schema.columns().map(|(name, _)| name.clone());
        let open = GovernedTable::new(
            Arc::clone(&table.version),
            snapshot.clone(),
            table.schema.clone(),
            Predicate::Always,
            visible.collect(),
            Arc::clone(&read.0),
        );
        let name = table.schema.name();
        let pinned = pinned_table(name, snapshot);
        Ok(self
            .sessions
            .with(name.namespace(), &pinned, Arc::new(open)))
    }
}

impl WorkTable {
    /// Where its metadata lies.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The folder its files are in.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.table.metadata().location()
    }

    /// Its columns in their order, each with its type as Hive spells it.
    #[must_use]
    pub fn columns(&self) -> Vec<(String, String)> {
        let fields = self.table.metadata().current_schema().as_struct().fields();
        let spelled = fields
            .iter()
            .map(|field| (field.name.clone(), hive_type(&field.field_type)));
        spelled.collect()
    }

    /// The current snapshot, if it has one.
    #[must_use]
    pub fn current(&self) -> Option<SnapshotId> {
        let id = self.table.metadata().current_snapshot()?.snapshot_id();
        SnapshotId::parse(id.to_string())
    }
}

impl BytesRead {
    /// Bytes read from data files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes()
    }
}

fn hive_type(kind: &Type) -> String {
    let Type::Primitive(kind) = kind else {
        return kind.to_string();
    };
    match kind {
        PrimitiveType::Long => "bigint".to_owned(),
        PrimitiveType::Timestamptz => "timestamp with local time zone".to_owned(),
        PrimitiveType::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        PrimitiveType::Uuid | PrimitiveType::Fixed(_) => "binary".to_owned(),
        other => other.to_string(),
    }
}
