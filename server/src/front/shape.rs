//! The shape of a parsed request, of either version of HTTP: how long, how many, which letters.

use axum::extract::Request;
use http::Method;
use http::header::CONTENT_ENCODING;
use percent_encoding::percent_decode_str;

use super::head::{LONGEST_TARGET, MOST_HEADERS};
use crate::problem::Slug;

/// The most parameters of a query.
const MOST_PARAMETERS: usize = 64;

/// What is wrong with the shape of a request.
pub(crate) fn flaw(request: &Request) -> Option<Slug> {
    let (uri, headers) = (request.uri(), request.headers());
    let query = uri.query().unwrap_or_default();
    let flaws = [
        (
            uri.path().len() + query.len() > LONGEST_TARGET,
            Slug::UriTooLong,
        ),
        (headers.len() > MOST_HEADERS, Slug::HeadersTooLarge),
        (is_nobodys(request.method()), Slug::MethodNotAllowed),
        (
            query.split('&').count() > MOST_PARAMETERS,
            Slug::InvalidRequest,
        ),
        (!is_text(uri.path()), Slug::InvalidRequest),
        // Two spellings of a broken text would share one meaning (H14).
        (!is_text(query), Slug::InvalidRequest),
        // A small body that unpacks to a large one (H18); nobody needs to pack a form.
        (
            headers.contains_key(CONTENT_ENCODING),
            Slug::UnsupportedMediaType,
        ),
    ];
    flaws
        .into_iter()
        .find_map(|(is_there, slug)| is_there.then_some(slug))
}

/// TRACE gives a script what it may not read, and CONNECT asks for a tunnel.
fn is_nobodys(method: &Method) -> bool {
    method == Method::TRACE || method == Method::CONNECT
}

/// UTF-8, once it is decoded.
fn is_text(encoded: &str) -> bool {
    percent_decode_str(encoded).decode_utf8().is_ok()
}
