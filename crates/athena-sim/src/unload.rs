//! `UNLOAD`: rows as Parquet files under a prefix that must be empty.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use weir_engine::development::Batches;

use crate::account::{Account, lock};
use crate::execution::AthenaError;
use crate::results::Output;
use crate::runner::Product;
use crate::sql::{Query, Unload};

/// Athena writes in parallel: rows come back in no order.
const FILES: usize = 2;

/// Writes `batches` to where `target` says.
pub(crate) fn write(
    sim: &Account,
    id: &str,
    target: &Unload,
    query: &Query,
    batches: &Batches,
) -> Result<Product, AthenaError> {
    let failed = |error_type, error_message: String| AthenaError {
        error_category: 2,
        error_type,
        retryable: false,
        error_message,
    };
    let files = files(query, batches).map_err(|error| failed(401, error.to_string()))?;
    let mut store = lock(&sim.store);
    if !store.is_empty_below(&target.to) {
        let message = format!(
            "HIVE_PATH_ALREADY_EXISTS: Target directory {} is not empty",
            target.to
        );
        return Err(failed(1009, message));
    }
    let mut manifest = String::new();
    for (number, file) in files.into_iter().enumerate() {
        let location = format!("{}{id}_{number}.zstd.parquet", target.to);
        manifest.push_str(&location);
        manifest.push('\n');
        store.write(&location, file.into());
    }
    let manifest_location = format!("{}{id}-manifest.csv", target.to.trim_end_matches('/'));
    store.write(&manifest_location, manifest.into());
    Ok(Product {
        output: Arc::new(Output::unloaded()),
        manifest: Some(manifest_location),
    })
}

fn files(query: &Query, batches: &Batches) -> Result<Vec<Vec<u8>>, ParquetError> {
    let fields = batches.schema.fields().iter().zip(&query.names);
    let fields: Vec<Field> = fields
        .map(|(field, name)| field.as_ref().clone().with_name(name))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let mut shares: Vec<Vec<RecordBatch>> = vec![Vec::new(); FILES];
    for batch in &batches.batches {
        let half = batch.num_rows().div_ceil(FILES);
        for (number, share) in shares.iter_mut().enumerate() {
            let offset = (number * half).min(batch.num_rows());
            let rows = half.min(batch.num_rows() - offset);
            let columns = batch.slice(offset, rows).columns().to_vec();
            share.push(RecordBatch::try_new(Arc::clone(&schema), columns)?);
        }
    }
    let full = shares
        .into_iter()
        .filter(|share| share.iter().any(|batch| batch.num_rows() > 0));
    full.map(|share| {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut file, Arc::clone(&schema), Some(properties))?;
        for batch in &share {
            writer.write(batch)?;
        }
        writer.close()?;
        Ok(file)
    })
    .collect()
}
