//! The token and userinfo endpoints.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::ExposeSecret as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

use super::grants::TOKEN_LIFE;
use super::params::Params;
use super::signing::{self, PersonaClaims};
use super::{IdpClient, Provider};

/// The errors of RFC 6749 §5.2 that can happen here.
#[derive(Debug, Clone, Copy)]
enum TokenError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
    Internal,
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::InvalidGrant => (StatusCode::BAD_REQUEST, "invalid_grant"),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        };
        let mut response = (status, Json(json!({ "error": error }))).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let basic = HeaderValue::from_static("Basic realm=\"boreal\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}

/// `POST /token`.
pub(super) async fn redeem(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    match exchange(&provider, &headers, &body) {
        Ok(answer) => answer,
        Err(error) => error.into_response(),
    }
}

fn exchange(provider: &Provider, headers: &HeaderMap, body: &str) -> Result<Response, TokenError> {
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !form.is_some_and(|form| form.starts_with("application/x-www-form-urlencoded")) {
        return Err(TokenError::InvalidRequest);
    }
    let params = Params::parse(body).map_err(|_| TokenError::InvalidRequest)?;
    let client = authenticate(provider, headers, &params)?;
    match params.get("grant_type") {
        Some("authorization_code") => {}
        Some(_) => return Err(TokenError::UnsupportedGrantType),
        None => return Err(TokenError::InvalidRequest),
    }
    let code = params.get("code").ok_or(TokenError::InvalidRequest)?;
    let verifier = params
        .get("code_verifier")
        .ok_or(TokenError::InvalidRequest)?;

    let now = provider.clock.now();
    let mut grants = provider.grants();
    let grant = grants
        .take_code(code, &client.id, now)
        .ok_or(TokenError::InvalidGrant)?;
    let same_address = params.get("redirect_uri") == Some(grant.redirect_uri.as_str());
    if !same_address || !answers(verifier, &grant.challenge) {
        return Err(TokenError::InvalidGrant);
    }
    let access_token = grants.issue_token(code, grant.persona, now);
    let id_token = provider
        .signer
        .id_token(&grant, &access_token, now)
        .ok_or(TokenError::Internal)?;
    Ok(Json(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE.num_seconds(),
        "id_token": id_token,
    }))
    .into_response())
}

/// RFC 7636 §4.1 and §4.6.
fn answers(verifier: &str, challenge: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let hashed = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && bool::from(hashed.as_bytes().ct_eq(challenge.as_bytes()))
}

/// A confidential client proves itself in exactly one way; a public one sends no secret at all.
fn authenticate<'a>(
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

/// `GET` and `POST /userinfo`.
pub(super) async fn userinfo(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
) -> Response {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let now = provider.clock.now();
    let persona = bearer.and_then(|(_, token)| provider.grants().owner(token.trim(), now));
    let Some(persona) = persona else {
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        return (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, challenge)],
        )
            .into_response();
    };
    let claims = openidconnect::UserInfoClaims::new(
        signing::standard_claims(persona),
        PersonaClaims::of(persona),
    );
    Json(claims).into_response()
}
