//! The one table a statement can see.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Result, project_schema};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use futures::StreamExt;
use weir_policy::{ColumnName, DatasetSchema, Predicate, ValueType};
use weir_query::SnapshotId;

use super::gate::{self, Gate};
use super::prune;
use super::read::{self, Meter, Reader, Task};
use crate::lake::{Stored, TableVersion, snapshot_number};

/// One table at one snapshot: the columns a statement may name, and of its rows only those the
/// grant admits, whatever the SQL says.
#[derive(Debug)]
pub(super) struct GovernedTable {
    version: Arc<TableVersion>,
    snapshot: SnapshotId,
    declared: DatasetSchema,
    predicate: Arc<Predicate>,
    visible: SchemaRef,
    meter: Arc<Meter>,
}

impl GovernedTable {
    /// Columns the dataset does not declare are not visible, whatever `visible` says.
    pub(super) fn new(
        version: Arc<TableVersion>,
        snapshot: SnapshotId,
        declared: DatasetSchema,
        predicate: Predicate,
        visible: BTreeSet<ColumnName>,
        meter: Arc<Meter>,
    ) -> Self {
        let fields: Vec<_> = visible
            .into_iter()
            .filter_map(|name| declared.column(&name).map(|kind| read::field(&name, kind)))
            .collect();
        Self {
            version,
            snapshot,
            declared,
            predicate: Arc::new(predicate),
            visible: Arc::new(Schema::new(fields)),
            meter,
        }
    }

    /// Names and types of what must be read: the output, and what the predicate looks at.
    fn columns_read(&self, output: &SchemaRef) -> BTreeMap<ColumnName, ValueType> {
        let names = gate::columns_read(output, &self.predicate);
        let typed = |name: ColumnName| Some((name.clone(), self.declared.column(&name)?));
        let mut columns: BTreeMap<_, _> = names.into_iter().filter_map(typed).collect();
        if columns.is_empty() {
            // Somebody counts rows; any column tells how many there are.
            let any = self.declared.columns().next();
            columns.extend(any.map(|(name, kind)| (name.clone(), kind)));
        }
        columns
    }

    async fn tasks(
        &self,
        columns: &BTreeMap<ColumnName, ValueType>,
        filters: &[Expr],
    ) -> Result<Vec<Task>> {
        match self.version.stored() {
            Stored::Parquet(listing) => {
                Ok(listing.files.iter().cloned().map(Task::Parquet).collect())
            }
            Stored::Iceberg(table) => {
                let snapshot = snapshot_number(&self.snapshot).unwrap_or_default();
                let asked = filters.iter().filter_map(prune::of_filter);
                let wanted = Predicate::all(asked.chain([self.predicate.as_ref().clone()]));
                let schema = table.metadata().current_schema();
                let pruning = prune::pruning(&wanted, schema);
                let names: Vec<String> = columns.keys().map(ToString::to_string).collect();
                read::plan(table, snapshot, &names, pruning)
                    .await
                    .map_err(read::external)
            }
        }
    }

    fn table(&self) -> Option<Arc<iceberg::table::Table>> {
        match self.version.stored() {
            Stored::Iceberg(table) => Some(Arc::new(table.as_ref().clone())),
            Stored::Parquet(_) => None,
        }
    }
}

#[async_trait]
impl TableProvider for GovernedTable {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.visible)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        // They only rule out files; the query still applies them to every row.
        let inexact = |filter: &&Expr| match prune::of_filter(filter) {
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(inexact).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let output = project_schema(&self.visible, projection)?;
        if *self.predicate == Predicate::Never {
            return Ok(Arc::new(EmptyExec::new(output)));
        }
        let columns = self.columns_read(&output);
        let tasks = self.tasks(&columns, filters).await?;
        let reader = Reader {
            table: self.table(),
            columns: Arc::new(columns),
            meter: Arc::clone(&self.meter),
            batch_size: state.config().batch_size(),
        };
        let groups = read::split(tasks, state.config().target_partitions());
        let gate = Gate::new(Arc::clone(&self.predicate), output);
        Ok(Arc::new(GovernedScan::new(groups, reader, gate)))
    }
}

/// Reads groups of files, each behind the gate.
#[derive(Debug)]
struct GovernedScan {
    groups: Vec<Vec<Task>>,
    reader: Reader,
    gate: Gate,
    properties: Arc<PlanProperties>,
}

impl GovernedScan {
    fn new(groups: Vec<Vec<Task>>, reader: Reader, gate: Gate) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(gate.output()),
            Partitioning::UnknownPartitioning(groups.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self {
            groups,
            reader,
            gate,
            properties: Arc::new(properties),
        }
    }
}

impl DisplayAs for GovernedScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: usize = self.groups.iter().map(Vec::len).sum();
        write!(
            f,
            "GovernedScan: files={files}, groups={}",
            self.groups.len()
        )
    }
}

impl ExecutionPlan for GovernedScan {
    fn name(&self) -> &'static str {
        "GovernedScan"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn with_new_children(
        self: Arc<Self>,
        _children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(
        &self,
        partition: usize,
        _context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let tasks = self.groups.get(partition).cloned().unwrap_or_default();
        let gate = self.gate.clone();
        let admitted = self
            .reader
            .read(tasks)?
            .map(move |batch| Ok(gate.admit(&batch?)?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(
            self.gate.output(),
            admitted,
        )))
    }
}
