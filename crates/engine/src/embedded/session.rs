//! A `DataFusion` session in which exactly one name means anything.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, CatalogProviderList, SchemaProvider, TableProvider};
use datafusion::common::Result;
use datafusion::config::Dialect;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateDefaults;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{SQLOptions, SessionConfig};
use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::sqlparser::ast::Statement as Sql;

use super::hash::HashMask;
use crate::error::EngineError;
use crate::mask_key::MaskKey;

/// The catalog the one table is in. Statements do not write it.
const CATALOG: &str = "weir";

/// A schema that does not exist: names without a schema resolve to nothing.
const NOWHERE: &str = "nowhere";

/// What questions may use together while they are computed. Nothing is ever spilled to disk.
const MEMORY: usize = 256 * 1024 * 1024;

/// The parts all sessions share: functions, planners, memory.
#[derive(Debug)]
pub(super) struct Sessions(SessionState);

impl Sessions {
    /// Functions and limits for an engine that masks with `key`.
    pub(super) fn new(key: MaskKey) -> Result<Self, DataFusionError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let config = SessionConfig::new()
            .with_create_default_catalog_and_schema(false)
            .with_information_schema(false)
            .with_default_catalog_and_schema(CATALOG, NOWHERE)
            .with_target_partitions(cores);
        let mut functions = SessionStateDefaults::default_scalar_functions();
        functions.push(HashMask::function(key));
        // Not the default features: those bring file formats, table factories and table functions.
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime(MEMORY)?)
            .with_expr_planners(SessionStateDefaults::default_expr_planners())
            .with_scalar_functions(functions)
            .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
            .with_catalog_list(Arc::new(Only::nothing()))
            .build();
        Ok(Self(state))
    }

    /// The same with another limit of memory.
    pub(super) fn within(self, bytes: usize) -> Result<Self, DataFusionError> {
        let state = SessionStateBuilder::new_from_existing(self.0);
        Ok(Self(state.with_runtime_env(runtime(bytes)?).build()))
    }

    /// How many bytes questions use now.
    #[cfg(test)]
    pub(super) fn in_use(&self) -> usize {
        self.0.runtime_env().memory_pool.reserved()
    }

    /// A session in which no name means anything.
    #[cfg(feature = "development")]
    pub(super) fn without_tables(&self) -> SessionState {
        self.0.clone()
    }

    /// A session that knows `table` as `schema`.`name`, and nothing else.
    pub(super) fn with(
        &self,
        schema: &str,
        name: &str,
        table: Arc<dyn TableProvider>,
    ) -> SessionState {
        let only = Only(Arc::new(One {
            schema: schema.into(),
            name: name.into(),
            table: Some(table),
        }));
        let mut state = self.0.clone();
        state.register_catalog_list(Arc::new(only));
        state
    }
}

/// So much memory for all sessions together, and no disk.
fn runtime(bytes: usize) -> Result<Arc<RuntimeEnv>, DataFusionError> {
    let no_disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    RuntimeEnvBuilder::new()
        .with_memory_limit(bytes, 1.0)
        .with_disk_manager_builder(no_disk)
        .build_arc()
}

/// The plan of `text`, if it is one query and nothing but a query.
pub(super) async fn plan(state: &SessionState, text: &str) -> Result<LogicalPlan, EngineError> {
    let refused = |error| EngineError::Refused(Some(Box::new(error)));
    let parsed = state
        .sql_to_statement(text, &Dialect::Generic)
        .map_err(refused)?;
    let Parsed::Statement(statement) = &parsed else {
        return Err(EngineError::Refused(None));
    };
    if !matches!(statement.as_ref(), Sql::Query(_)) {
        return Err(EngineError::Refused(None));
    }
    let plan = state.statement_to_plan(parsed).await.map_err(refused)?;
    let read_only = SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false);
    read_only.verify_plan(&plan).map_err(refused)?;
    Ok(plan)
}

#[derive(Debug)]
struct One {
    schema: String,
    name: String,
    table: Option<Arc<dyn TableProvider>>,
}

/// A list of one catalog of one schema of one table.
#[derive(Debug, Clone)]
struct Only(Arc<One>);

impl Only {
    fn nothing() -> Self {
        Self(Arc::new(One {
            schema: NOWHERE.into(),
            name: String::new(),
            table: None,
        }))
    }
}

impl CatalogProviderList for Only {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn register_catalog(
        &self,
        _name: String,
        _catalog: Arc<dyn CatalogProvider>,
    ) -> Option<Arc<dyn CatalogProvider>> {
        None
    }

    fn catalog_names(&self) -> Vec<String> {
        vec![CATALOG.to_owned()]
    }

    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        (name == CATALOG).then(|| Arc::new(self.clone()) as Arc<dyn CatalogProvider>)
    }
}

impl CatalogProvider for Only {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn schema_names(&self) -> Vec<String> {
        vec![self.0.schema.clone()]
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        (name == self.0.schema).then(|| Arc::new(self.clone()) as Arc<dyn SchemaProvider>)
    }
}

#[async_trait]
impl SchemaProvider for Only {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn table_names(&self) -> Vec<String> {
        vec![self.0.name.clone()]
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        Ok(self.0.table.clone().filter(|_| name == self.0.name))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.0.table.is_some() && name == self.0.name
    }
}
