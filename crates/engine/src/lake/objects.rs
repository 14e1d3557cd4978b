//! Small files of a lake, wherever they are: metadata and manifests. Both their size and the time
//! for them are bounded: nobody but the lake's writers decides what they hold.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use flate2::read::GzDecoder;
use tokio::io::AsyncReadExt as _;

use super::LakeError;

/// For one file, from the first byte asked for to the last that came.
const PATIENCE: Duration = Duration::from_secs(30);

/// How files compressed with gzip begin.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Where small files are read.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    s3: Option<aws_sdk_s3::Client>,
    local: bool,
}

impl Objects {
    /// Objects of S3; files of this machine too where it plays the lake itself.
    pub(crate) fn new(s3: aws_sdk_s3::Client, local: bool) -> Self {
        Self {
            s3: Some(s3),
            local,
        }
    }

    /// Files of this machine alone.
    #[cfg(test)]
    pub(crate) fn local() -> Self {
        Self {
            s3: None,
            local: true,
        }
    }

    /// A file of at most `most` bytes, unpacked where it is compressed.
    pub(crate) async fn get(&self, location: &str, most: u64) -> Result<Vec<u8>, LakeError> {
        let read = tokio::time::timeout(PATIENCE, self.read(location, most)).await;
        let bytes = read.map_err(|elapsed| failed(location, elapsed))??;
        if !bytes.starts_with(&GZIP) {
            return Ok(bytes);
        }
        let mut unpacked = Vec::new();
        GzDecoder::new(bytes.as_slice())
            .take(most.saturating_add(1))
            .read_to_end(&mut unpacked)
            .map_err(|cause| failed(location, cause))?;
        bounded(location, unpacked, most)
    }

    async fn read(&self, location: &str, most: u64) -> Result<Vec<u8>, LakeError> {
        match (place(location), &self.s3) {
            (Some(Place::Local(path)), _) if self.local => local(location, path, most).await,
            (Some(Place::S3 { bucket, key }), Some(s3)) => {
                let object = s3.get_object().bucket(bucket).key(key).send().await;
                let object = object.map_err(|cause| failed(location, cause))?;
                collect(location, object.body, most).await
            }
            _ => Err(LakeError::Location {
                location: location.to_owned(),
            }),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Place<'l> {
    S3 { bucket: &'l str, key: &'l str },
    Local(&'l Path),
}

/// Hadoop writes `s3a` and `s3n` for the same, and local writers a path without a scheme.
fn place(location: &str) -> Option<Place<'_>> {
    if location.starts_with('/') {
        return Some(Place::Local(Path::new(location)));
    }
    let (scheme, rest) = location.split_once("://")?;
    match scheme {
        "s3" | "s3a" | "s3n" => {
            let (bucket, key) = rest.split_once('/')?;
            (!bucket.is_empty() && !key.is_empty()).then_some(Place::S3 { bucket, key })
        }
        "file" => rest
            .starts_with('/')
            .then_some(Place::Local(Path::new(rest))),
        _ => None,
    }
}

async fn local(location: &str, path: &Path, most: u64) -> Result<Vec<u8>, LakeError> {
    let failed = |cause| failed(location, cause);
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .await
        .map_err(failed)?;
    bounded(location, bytes, most)
}

async fn collect(location: &str, mut body: ByteStream, most: u64) -> Result<Vec<u8>, LakeError> {
    let mut bytes = Vec::new();
    while let Some(part) = body.next().await {
        bytes.extend_from_slice(&part.map_err(|cause| failed(location, cause))?);
        bytes = bounded(location, bytes, most)?;
    }
    Ok(bytes)
}

fn bounded(location: &str, bytes: Vec<u8>, most: u64) -> Result<Vec<u8>, LakeError> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= most) {
        return Ok(bytes);
    }
    Err(LakeError::TooLong {
        location: location.to_owned(),
        most,
    })
}

fn failed(location: &str, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LakeError {
    LakeError::Object {
        location: location.to_owned(),
        source: cause.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn file(bytes: &[u8]) -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("one");
        std::fs::write(&path, bytes).unwrap();
        let location = format!("file://{}", path.display());
        (dir, location)
    }

    #[tokio::test]
    async fn a_file_is_read_up_to_its_limit_and_no_further() {
        let (_dir, location) = file(b"0123456789");

        let whole = Objects::local().get(&location, 10).await.unwrap();
        let cut = Objects::local().get(&location, 9).await.unwrap_err();

        assert_eq!(whole, b"0123456789");
        assert!(matches!(cut, LakeError::TooLong { most: 9, .. }), "{cut}");
    }

    #[tokio::test]
    async fn what_is_compressed_may_not_unpack_to_more_either() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&vec![b'x'; 1 << 20]).unwrap();
        let (_dir, location) = file(&packed.finish().unwrap());

        let whole = Objects::local().get(&location, 1 << 20).await.unwrap();
        let bomb = Objects::local().get(&location, 1 << 16).await.unwrap_err();

        assert_eq!(whole.len(), 1 << 20);
        assert!(matches!(bomb, LakeError::TooLong { .. }), "{bomb}");
    }

    #[tokio::test]
    async fn files_of_the_server_are_not_read_because_a_catalog_says_so() {
        let (_dir, location) = file(b"secret");
        let nowhere = Objects {
            s3: None,
            local: false,
        };

        let refused = nowhere.get(&location, 10).await.unwrap_err();

        assert!(matches!(refused, LakeError::Location { .. }), "{refused}");
    }

    #[test]
    fn locations_are_buckets_and_keys_or_absolute_paths() {
        let s3 = |bucket, key| Some(Place::S3 { bucket, key });

        assert_eq!(place("s3://lake/gold/a.json"), s3("lake", "gold/a.json"));
        assert_eq!(place("s3a://lake/a"), s3("lake", "a"));
        assert_eq!(
            place("file:///lake/a"),
            Some(Place::Local(Path::new("/lake/a")))
        );
        assert_eq!(place("/lake/a"), Some(Place::Local(Path::new("/lake/a"))));
        for odd in [
            "s3://lake",
            "s3:///a",
            "s3://lake/",
            "file://a",
            "http://a/b",
            "a",
        ] {
            assert_eq!(place(odd), None, "{odd}");
        }
    }
}
