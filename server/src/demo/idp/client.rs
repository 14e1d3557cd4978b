//! Which registered client asks, and whether it proves it.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

use super::params::Params;
use super::token::TokenError;
use super::{IdpClient, Provider};

/// A confidential client proves itself in exactly one way; a public one sends no secret at all.
pub(super) fn authenticate<'a>(
    provider: &'a Provider,
    headers: &HeaderMap,
    params: &Params,
) -> Result<&'a IdpClient, TokenError> {
    let named = params.get("client_id");
    let (id, secret) = match headers.get(header::AUTHORIZATION) {
        Some(_) if params.get("client_secret").is_some() => {
            return Err(TokenError::InvalidRequest);
        }
        Some(value) => {
            let (id, secret) = basic(value).ok_or(TokenError::InvalidClient)?;
            if named.is_some_and(|named| named != id) {
                return Err(TokenError::InvalidRequest);
            }
            (id, Some(secret))
        }
        None => {
            let id = named.ok_or(TokenError::InvalidClient)?.to_owned();
            (id, params.get("client_secret").map(str::to_owned))
        }
    };
    let client = provider.client(&id).ok_or(TokenError::InvalidClient)?;
    let proven = match (&client.secret, secret) {
        (Some(known), Some(given)) => known
            .expose_secret()
            .as_bytes()
            .ct_eq(given.as_bytes())
            .into(),
        (None, None) => true,
        _ => false,
    };
    if proven {
        Ok(client)
    } else {
        Err(TokenError::InvalidClient)
    }
}

/// Id and secret are form-encoded before base64 (RFC 6749 §2.3.1).
fn basic(value: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((form_decode(id), form_decode(secret)))
}

fn form_decode(encoded: &str) -> String {
    // A bare word parses as a name without a value.
    let sealed = encoded.replace('=', "%3D").replace('&', "%26");
    form_urlencoded::parse(sealed.as_bytes())
        .next()
        .map(|(word, _)| word.into_owned())
        .unwrap_or_default()
}
