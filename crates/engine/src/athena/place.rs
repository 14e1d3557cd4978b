//! Where an export lies in S3 for as long as it is read: a prefix below the workgroup's results, under a
//! name that nobody can guess and that is used once.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::AggregatedBytes;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures::{StreamExt as _, TryStreamExt as _};

use super::check;
use super::door::Door;
use super::failure::Trouble;
use crate::EngineError;
use crate::error::Cause;
use crate::mask_key::hex;

/// The folder of all exports. Operators may have S3 remove what is older than a day in it.
const FOLDER: &str = "weir-exports";
/// The most that the files of one export may weigh together.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// How many files are read at once.
const AT_ONCE: usize = 4;
/// The most that one call can delete.
const DELETED_TOGETHER: usize = 1_000;
/// How Athena calls the list of the files that an export wrote. It lies beside the prefix.
const MANIFEST: &str = "-manifest.csv";

/// A prefix of its own for one export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    bucket: String,
    /// With a slash at its end.
    prefix: String,
}

/// A file, and what it weighs.
type Found = (String, u64);

impl Place {
    /// A new one where the profile's workgroup puts its results.
    pub(super) async fn of(door: &Door) -> Result<Self, EngineError> {
        let location = check::location(door).await;
        let location = location.map_err(Trouble::into_error)?;
        let name = hex(rand::random::<[u8; 16]>());
        location
            .and_then(|location| Self::below(&location, &name))
            .ok_or(EngineError::NoPlace)
    }

    fn below(location: &str, name: &str) -> Option<Self> {
        let path = location.strip_prefix("s3://")?;
        let (bucket, folder) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return None;
        }
        let slash = if folder.is_empty() || folder.ends_with('/') {
            ""
        } else {
            "/"
        };
        Some(Self {
            bucket: bucket.to_owned(),
            prefix: format!("{folder}{slash}{FOLDER}/{name}/"),
        })
    }

    /// As Athena is told it.
    pub(super) fn location(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }

    /// Everything that lies in it.
    pub(super) async fn files(&self, s3: &Client) -> Result<Vec<AggregatedBytes>, EngineError> {
        let found = self.list(s3).await.map_err(Trouble::into_error)?;
        let bytes: u64 = found.iter().map(|(_, bytes)| *bytes).sum();
        if bytes > MOST_BYTES {
            let cause: Cause = format!("the files of an export have {bytes} bytes").into();
            return Err(EngineError::TooLarge(cause));
        }
        let files = futures::stream::iter(found).map(|(key, _)| self.file(s3, key));
        files.buffered(AT_ONCE).try_collect().await
    }

    async fn file(&self, s3: &Client, key: String) -> Result<AggregatedBytes, EngineError> {
        let object = s3.get_object().bucket(&self.bucket).key(key).send().await;
        let object = object.map_err(|error| Trouble::of(error).into_error())?;
        let bytes = object.body.collect().await;
        bytes.map_err(|error| EngineError::Unavailable(Box::new(error)))
    }

    async fn list(&self, s3: &Client) -> Result<Vec<Found>, Trouble> {
        let list = s3.list_objects_v2().bucket(&self.bucket);
        let mut pages = list.prefix(&self.prefix).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(Trouble::of)?;
            let files = page.contents.unwrap_or_default().into_iter();
            found.extend(files.filter_map(|file| {
                let bytes = file.size.and_then(|bytes| u64::try_from(bytes).ok());
                Some((file.key?, bytes.unwrap_or_default()))
            }));
        }
        Ok(found)
    }

    /// Removes everything that lies in it, and the manifest that Athena wrote of it.
    pub(super) async fn clear(&self, s3: &Client, manifest: Option<&str>) -> Result<(), Trouble> {
        let found = self.list(s3).await?;
        let manifest = manifest.and_then(|location| self.manifest(location));
        let keys = found.into_iter().map(|(key, _)| key).chain(manifest);
        let keys: Vec<String> = keys.collect();
        for keys in keys.chunks(DELETED_TOGETHER) {
            self.delete(s3, keys).await?;
        }
        Ok(())
    }

    /// The key of a manifest, if it is one and lies where this process may delete.
    fn manifest(&self, location: &str) -> Option<String> {
        let (bucket, key) = location.strip_prefix("s3://")?.split_once('/')?;
        (bucket == self.bucket && key.ends_with(MANIFEST)).then(|| key.to_owned())
    }

    async fn delete(&self, s3: &Client, keys: &[String]) -> Result<(), Trouble> {
        let refused = |error| Trouble::Refused(Box::new(error));
        let object = |key: &String| ObjectIdentifier::builder().key(key).build();
        let objects: Result<Vec<_>, _> = keys.iter().map(object).collect();
        let delete = Delete::builder().set_objects(Some(objects.map_err(refused)?));
        let delete = delete.quiet(true).build().map_err(refused)?;
        let deletion = s3.delete_objects().bucket(&self.bucket).delete(delete);
        let answer = deletion.send().await.map_err(Trouble::of)?;
        match answer.errors().first() {
            None => Ok(()),
            Some(error) => {
                let code = error.code().unwrap_or("without a code");
                Err(Trouble::Refused(
                    format!("a file was not deleted: {code}").into(),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(location: &str) -> Option<String> {
        Place::below(location, "n").map(|place| place.location())
    }

    #[test]
    fn an_export_lies_in_a_folder_of_its_own_below_the_results() {
        let below = |place: &str| Some(format!("{place}weir-exports/n/"));

        assert_eq!(located("s3://r"), below("s3://r/"));
        assert_eq!(located("s3://r/"), below("s3://r/"));
        assert_eq!(located("s3://r/auto"), below("s3://r/auto/"));
        assert_eq!(located("s3://r/a/b/"), below("s3://r/a/b/"));
        for odd in ["", "s3://", "s3:///a", "/tmp/", "https://r/a/"] {
            assert_eq!(located(odd), None, "{odd}");
        }
    }

    #[test]
    fn nothing_is_deleted_but_manifests_of_the_same_bucket() {
        let place = Place::below("s3://r/auto/", "n").unwrap();

        let manifest = place.manifest("s3://r/auto/id-manifest.csv");
        assert_eq!(manifest.as_deref(), Some("auto/id-manifest.csv"));
        assert_eq!(place.manifest("s3://other/auto/id-manifest.csv"), None);
        assert_eq!(place.manifest("s3://r/auto/id.csv"), None);
    }
}
