//! As much of S3 as results and exports need: objects by path, lists, single and many deletes.

mod chunked;
mod range;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use chrono::SecondsFormat;
use percent_encoding::percent_decode_str;

use crate::account::{Account, lock};
use crate::store::{Object, Store};
use crate::xml::{element, nested, texts};

/// The most objects of a list.
const MOST_LISTED: usize = 1_000;

/// A call, by what it is about.
#[derive(Debug)]
pub(crate) struct Call {
    method: Method,
    bucket: String,
    key: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
}

impl Call {
    pub(crate) fn of(parts: &Parts) -> Self {
        let path = percent_decode_str(parts.uri.path().trim_start_matches('/'));
        let path = path.decode_utf8_lossy().into_owned();
        let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
        let query = parts.uri.query().unwrap_or_default();
        Self {
            method: parts.method.clone(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: parts.headers.clone(),
        }
    }

    /// What it is called where calls are counted.
    pub(crate) fn operation(&self) -> &'static str {
        match (self.method.as_str(), self.key.is_empty()) {
            ("GET", true) => "s3:ListObjectsV2",
            ("GET", false) => "s3:GetObject",
            ("HEAD", true) => "s3:HeadBucket",
            ("HEAD", false) => "s3:HeadObject",
            ("PUT", true) => "s3:CreateBucket",
            ("PUT", false) => "s3:PutObject",
            ("POST", true) => "s3:DeleteObjects",
            ("DELETE", false) => "s3:DeleteObject",
            _ => "s3:Other",
        }
    }

    fn member(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Does what a call says.
pub(crate) fn call(account: &Account, call: &Call, body: &Bytes) -> Response {
    let mut store = lock(&account.store);
    match call.operation() {
        "s3:ListObjectsV2" if call.member("list-type") == Some("2") => list(&store, call),
        "s3:GetObject" => match store.get(&call.bucket, &call.key) {
            Some(object) => read(&object, &call.headers),
            None => missing(),
        },
        "s3:HeadObject" => match store.get(&call.bucket, &call.key) {
            Some(object) => head(&object),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        "s3:HeadBucket" | "s3:CreateBucket" => StatusCode::OK.into_response(),
        "s3:PutObject" if call.query.iter().all(|(name, _)| name == "x-id") => {
            put(&mut store, call, body)
        }
        "s3:DeleteObjects" if call.member("delete").is_some() => {
            delete_many(&mut store, call, body)
        }
        "s3:DeleteObject" => {
            store.delete(&call.bucket, &call.key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => error(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "the simulator has no such operation",
        ),
    }
}

fn put(store: &mut Store, call: &Call, body: &Bytes) -> Response {
    let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
    let chunked = header("x-amz-content-sha256").is_some_and(|sum| sum.starts_with("STREAMING-"))
        || header("content-encoding").is_some_and(|codings| codings.contains("aws-chunked"));
    let bytes = if chunked {
        chunked::joined(body)
    } else {
        Some(body.clone())
    };
    let Some(bytes) = bytes else {
        let what = "the chunks of the body do not fit together";
        return error(StatusCode::BAD_REQUEST, "IncompleteBody", what);
    };
    let etag = store.put(&call.bucket, &call.key, bytes);
    with(StatusCode::OK.into_response(), header::ETAG, &etag)
}

fn read(object: &Object, headers: &HeaderMap) -> Response {
    let asked = headers
        .get(header::RANGE)
        .and_then(|asked| asked.to_str().ok());
    let Some(asked) = asked else {
        return about(object, Response::new(Body::from(object.bytes.clone())));
    };
    let of = object.bytes.len();
    let Some(range) = range::of(asked, of) else {
        let what = "The requested range is not satisfiable";
        return error(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", what);
    };
    let told = format!("bytes {}-{}/{of}", range.start, range.end - 1);
    let mut response = Response::new(Body::from(object.bytes.slice(range)));
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    with(about(object, response), header::CONTENT_RANGE, &told)
}

fn head(object: &Object) -> Response {
    let length = object.bytes.len().to_string();
    let response = about(object, Response::new(Body::empty()));
    with(response, header::CONTENT_LENGTH, &length)
}

/// With what all answers about an object say.
fn about(object: &Object, response: Response) -> Response {
    let modified = object
        .modified
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let response = with(response, header::ETAG, &object.etag);
    let response = with(response, header::LAST_MODIFIED, &modified);
    with(response, header::ACCEPT_RANGES, "bytes")
}

fn list(store: &Store, call: &Call) -> Response {
    let prefix = call.member("prefix").unwrap_or_default();
    let after = call
        .member("continuation-token")
        .or(call.member("start-after"));
    let most = call.member("max-keys").and_then(|most| most.parse().ok());
    let most = most.unwrap_or(MOST_LISTED).min(MOST_LISTED);
    let all = store.below(&call.bucket, prefix);
    let rest = all.filter(|(key, _)| after.is_none_or(|after| *key > after));
    let mut found: Vec<(&str, &Object)> = rest.take(most + 1).collect();
    let truncated = found.len() > most;
    found.truncate(most);
    let mut body = element("Name", &call.bucket) + &element("Prefix", prefix);
    body += &element("KeyCount", &found.len().to_string());
    body += &element("MaxKeys", &most.to_string());
    body += &element("IsTruncated", &truncated.to_string());
    if let (true, Some((last, _))) = (truncated, found.last()) {
        body += &element("NextContinuationToken", last);
    }
    body += &entries(&found, prefix, call.member("delimiter").unwrap_or_default());
    xml(StatusCode::OK, "ListBucketResult", &body)
}

/// Objects, and in one entry those that lie in the same folder below the prefix.
fn entries(found: &[(&str, &Object)], prefix: &str, delimiter: &str) -> String {
    let mut written = String::new();
    let mut folder_before = None;
    for (key, object) in found {
        let rest = key.strip_prefix(prefix).unwrap_or(key);
        let folder = rest
            .split_once(delimiter)
            .filter(|_| !delimiter.is_empty())
            .map(|(folder, _)| format!("{prefix}{folder}{delimiter}"));
        let Some(folder) = folder else {
            written += &nested("Contents", &contents(key, object));
            continue;
        };
        if folder_before.as_ref() != Some(&folder) {
            written += &nested("CommonPrefixes", &element("Prefix", &folder));
        }
        folder_before = Some(folder);
    }
    written
}

fn contents(key: &str, object: &Object) -> String {
    let modified = object.modified.to_rfc3339_opts(SecondsFormat::Millis, true);
    element("Key", key)
        + &element("LastModified", &modified)
        + &element("ETag", &object.etag)
        + &element("Size", &object.bytes.len().to_string())
        + &element("StorageClass", "STANDARD")
}

fn delete_many(store: &mut Store, call: &Call, body: &Bytes) -> Response {
    let Some(keys) = texts(body, "Key") else {
        let what = "the list of keys is not XML";
        return error(StatusCode::BAD_REQUEST, "MalformedXML", what);
    };
    let mut deleted = String::new();
    for key in &keys {
        store.delete(&call.bucket, key);
        deleted += &nested("Deleted", &element("Key", key));
    }
    xml(StatusCode::OK, "DeleteResult", &deleted)
}

fn missing() -> Response {
    let what = "The specified key does not exist.";
    error(StatusCode::NOT_FOUND, "NoSuchKey", what)
}

/// How S3 refuses.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = element("Code", code) + &element("Message", message);
    xml(status, "Error", &body)
}

fn xml(status: StatusCode, root: &str, body: &str) -> Response {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned() + &nested(root, body);
    with(
        (status, text).into_response(),
        header::CONTENT_TYPE,
        "application/xml",
    )
}

fn with(mut response: Response, name: header::HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
