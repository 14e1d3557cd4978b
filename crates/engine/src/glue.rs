//! Tables as AWS Glue knows them: where their metadata is, which snapshot is current, whether they
//! are what their datasets declare, and what reading them will take.
//!
//! Everything is read in the background and kept while it does not change; an estimate on the way
//! to an answer asks nobody, unless it is the first about an older snapshot.

mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_glue::error::DisplayErrorContext;
use aws_sdk_glue::operation::get_table::GetTableError;
use futures::StreamExt as _;
use weir_policy::DatasetName;
use weir_query::catalog::Source;
use weir_query::{Catalog, Dataset, Statement};

use self::table::GlueTable;
use crate::aws::Aws;
use crate::drift::refuse;
use crate::lake::{LakeError, Objects};
use crate::{Ended, Estimate, Tables, billed_bytes};

/// How many tables are asked about at the same time.
const AT_ONCE: usize = 8;

/// What Glue calls the parameter that says where a table's metadata is.
const LOCATION: &str = "metadata_location";

/// The tables behind a catalog's datasets.
#[derive(Debug)]
pub(crate) struct GlueTables {
    glue: aws_sdk_glue::Client,
    objects: Objects,
    tables: BTreeMap<DatasetName, GlueTable>,
}

impl GlueTables {
    /// Finds the table of every dataset. What does not fit before anything was served is refused.
    pub(crate) async fn open(aws: &Aws, datasets: &Catalog) -> Result<Self, LakeError> {
        let tables = datasets.datasets().map(|dataset| {
            of_glue(dataset)?;
            Ok((dataset.name().clone(), GlueTable::new(Arc::clone(dataset))))
        });
        let tables = Self {
            glue: aws.glue().clone(),
            objects: Objects::new(aws.s3().clone(), aws.is_loopback()),
            tables: tables.collect::<Result<_, LakeError>>()?,
        };
        for (_, found) in tables.look().await {
            refuse(&found?.drift)?;
        }
        Ok(tables)
    }

    /// The current snapshot of every dataset, and where tables are not what was declared.
    ///
    /// A dataset whose table can't be read is left out and logged; when that is all of them, it is
    /// an error.
    pub(crate) async fn tables(&self) -> Result<Tables, LakeError> {
        let (mut set, mut drift, mut lost) = (Vec::new(), Vec::new(), None);
        for (name, found) in self.look().await {
            match found {
                Ok(version) => {
                    set.extend(version.current().map(|now| (name.clone(), now)));
                    drift.extend_from_slice(&version.drift);
                }
                Err(error) => {
                    let cause: &(dyn std::error::Error + 'static) = &error;
                    tracing::error!(dataset = %name, error = cause, "dataset left out");
                    lost = Some(error);
                }
            }
        }
        match lost {
            Some(error) if set.is_empty() => Err(error),
            _ => Ok(Tables {
                snapshots: set.into_iter().collect(),
                drift,
            }),
        }
    }

    /// What `statement` will read and cost at most, as far as the table's metadata tells.
    pub(crate) async fn estimate(&self, statement: &Statement) -> Result<Estimate, LakeError> {
        let scan = statement.scan();
        let unknown = || LakeError::NoEstimate {
            dataset: scan.dataset().clone(),
        };
        let table = self.tables.get(scan.dataset()).ok_or_else(unknown)?;
        let files = table.files(&self.objects, scan.snapshot()).await?;
        let files = files.as_ref().and_then(table::FilesOf::get);
        let reads = files
            .ok_or_else(unknown)?
            .reads(scan.columns(), &statement.narrowed());
        Ok(Estimate {
            files: reads.files,
            scanned_bytes: reads.bytes,
            billed_bytes: billed_bytes(Ended::Succeeded, false, reads.bytes),
        })
    }

    /// Every table as it is now, in the order of their names.
    async fn look(&self) -> Vec<(&DatasetName, Result<Arc<table::Version>, LakeError>)> {
        let found = self.tables.iter().map(|(name, table)| async move {
            let version = match self.locate(name).await {
                Ok(location) => table.refresh(&self.objects, location).await,
                Err(error) => Err(error),
            };
            (name, version)
        });
        let found: Vec<_> = found.collect();
        futures::stream::iter(found)
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    /// Where Glue says that the metadata of a table is.
    async fn locate(&self, name: &DatasetName) -> Result<String, LakeError> {
        let asked = self
            .glue
            .get_table()
            .database_name(name.namespace())
            .name(name.table())
            .send()
            .await;
        let answer = asked.map_err(|error| {
            if error
                .as_service_error()
                .is_some_and(GetTableError::is_entity_not_found_exception)
            {
                return LakeError::NoTable {
                    dataset: name.clone(),
                    nearest: String::new(),
                };
            }
            LakeError::Glue {
                dataset: name.clone(),
                source: DisplayErrorContext(error).to_string().into(),
            }
        })?;
        let parameters = answer.table.and_then(|table| table.parameters);
        let location = parameters.and_then(|mut known| known.remove(LOCATION));
        location.ok_or_else(|| LakeError::NotIceberg {
            dataset: name.clone(),
        })
    }
}

/// Glue finds tables by the dataset's name; there is no other way to name one.
fn of_glue(dataset: &Dataset) -> Result<(), LakeError> {
    match dataset.source() {
        Source::Catalog => Ok(()),
        Source::IcebergMetadata(_) | Source::Parquet(_) => Err(LakeError::Elsewhere {
            dataset: dataset.name().clone(),
        }),
    }
}
