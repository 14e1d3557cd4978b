//! A file server and nothing else: what it has is in memory, and it asks nobody.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const SCRIPT: &str = "text/javascript; charset=utf-8";
pub(super) const STYLE: &str = "text/css; charset=utf-8";
pub(super) const ICON: &str = "image/svg+xml";

/// One file.
#[derive(Debug, Clone)]
pub(super) struct File {
    kind: &'static str,
    content: Bytes,
}

impl File {
    pub(super) fn new(kind: &'static str, content: String) -> Self {
        Self {
            kind,
            content: content.into(),
        }
    }

    /// Like figures everywhere, pages are not kept by browsers; what does not change is.
    fn caching(&self) -> HeaderValue {
        HeaderValue::from_static(if self.kind == HTML {
            "no-store, private"
        } else {
            "public, max-age=300"
        })
    }
}

/// Two addresses of this machine, which browsers take for two sites. Both end with this value.
#[derive(Debug)]
pub(super) struct Files {
    /// Where host pages are.
    pub(super) outer: String,
    /// Where framed pages are.
    pub(super) inner: String,
    listeners: std::sync::Mutex<Vec<TcpListener>>,
    stop: CancellationToken,
    _end: DropGuard,
}

impl Files {
    /// Takes two free ports.
    pub(super) async fn listen() -> anyhow::Result<Self> {
        let (outer, outer_url) = listener(super::HOST_ADDRESS).await?;
        let (inner, inner_url) = listener(super::WEIR_ADDRESS).await?;
        let stop = CancellationToken::new();
        Ok(Self {
            outer: outer_url,
            inner: inner_url,
            listeners: std::sync::Mutex::new(vec![outer, inner]),
            _end: stop.clone().drop_guard(),
            stop,
        })
    }

    /// Answers with these files from now on.
    pub(super) fn serve(&self, files: BTreeMap<String, File>) {
        let files = Arc::new(files);
        let mut listeners = self
            .listeners
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for listener in listeners.drain(..) {
            let accepting = accept(listener, Arc::clone(&files));
            tokio::spawn(self.stop.clone().run_until_cancelled_owned(accepting));
        }
    }
}

async fn listener(address: &str) -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((address, 0))
        .await
        .with_context(|| format!("listening on {address}"))?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

async fn accept(listener: TcpListener, files: Arc<BTreeMap<String, File>>) {
    while let Ok((stream, _)) = listener.accept().await {
        // As servers do; without it small answers wait for nothing.
        let _ = stream.set_nodelay(true);
        let files = Arc::clone(&files);
        let answers = service_fn(move |request| {
            std::future::ready(Ok::<_, Infallible>(answer(&files, &request)))
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answers));
    }
}

fn answer<B>(files: &BTreeMap<String, File>, request: &Request<B>) -> Response<Full<Bytes>> {
    let Some(file) = files.get(request.uri().path()) else {
        let mut missing = Response::new(Full::default());
        *missing.status_mut() = StatusCode::NOT_FOUND;
        return missing;
    };
    let mut found = Response::new(Full::new(file.content.clone()));
    let headers = found.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.kind));
    headers.insert(CACHE_CONTROL, file.caching());
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surroundings::Web;

    #[tokio::test]
    async fn a_file_is_there_at_both_addresses_and_nothing_else_is() {
        let files = Files::listen().await.unwrap();
        let page = File::new(HTML, "<p>still".to_owned());
        files.serve(BTreeMap::from([("/still.html".to_owned(), page)]));
        let web = Web::new();

        for address in [&files.outer, &files.inner] {
            let found = web.get(&format!("{address}/still.html")).await.unwrap();
            let missing = web.get(&format!("{address}/other.html")).await.unwrap();

            assert_eq!(
                (found.status, &found.body[..]),
                (StatusCode::OK, &b"<p>still"[..])
            );
            assert_eq!(found.headers[CACHE_CONTROL], "no-store, private");
            assert_eq!(missing.status, StatusCode::NOT_FOUND);
        }
        assert_ne!(files.outer, files.inner);
    }
}
