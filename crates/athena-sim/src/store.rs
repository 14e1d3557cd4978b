//! What lies in S3: objects by bucket and key, in memory.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::clock;

/// All buckets; one exists as soon as something is put into it.
#[derive(Debug, Default)]
pub(crate) struct Store(BTreeMap<(String, String), Object>);

/// An object.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    pub(crate) etag: String,
    pub(crate) modified: DateTime<Utc>,
}

impl Store {
    pub(crate) fn put(&mut self, bucket: &str, key: &str, bytes: Bytes) -> String {
        let digest: Vec<String> = Sha256::digest(&bytes)
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let etag = format!("\"{}\"", digest.concat());
        let object = Object {
            bytes,
            etag: etag.clone(),
            modified: clock::now(),
        };
        self.0.insert((bucket.to_owned(), key.to_owned()), object);
        etag
    }

    /// Puts an object where an `s3://` location says.
    pub(crate) fn write(&mut self, location: &str, bytes: Bytes) {
        if let Some((bucket, key)) = parts(location) {
            self.put(bucket, key, bytes);
        }
    }

    pub(crate) fn get(&self, bucket: &str, key: &str) -> Option<Object> {
        self.0.get(&(bucket.to_owned(), key.to_owned())).cloned()
    }

    pub(crate) fn delete(&mut self, bucket: &str, key: &str) {
        self.0.remove(&(bucket.to_owned(), key.to_owned()));
    }

    /// The objects of a bucket whose keys begin with `prefix`, in the order of their keys.
    pub(crate) fn below<'a>(
        &'a self,
        bucket: &'a str,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Object)> {
        let all = self.0.iter();
        let here = all.filter(move |((b, key), _)| b == bucket && key.starts_with(prefix));
        here.map(|((_, key), object)| (key.as_str(), object))
    }

    /// Where each object lies.
    pub(crate) fn locations(&self) -> Vec<String> {
        let location = |(bucket, key): &(String, String)| format!("s3://{bucket}/{key}");
        self.0.keys().map(location).collect()
    }

    pub(crate) fn is_empty_below(&self, location: &str) -> bool {
        parts(location).is_none_or(|(bucket, prefix)| self.below(bucket, prefix).next().is_none())
    }
}

/// Bucket and key of an `s3://` location.
fn parts(location: &str) -> Option<(&str, &str)> {
    location.strip_prefix("s3://")?.split_once('/')
}
