//! The token and userinfo endpoints.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::client::authenticate;
use super::grants::{CodeGrant, TOKEN_LIFE};
use super::params::Params;
use super::signing::{self, PersonaClaims};
use super::{ApiAccess, IdpClient, Provider, device};

/// The errors of RFC 6749 §5.2 and RFC 8628 §3.5 that can happen here.
#[derive(Debug, Clone, Copy)]
pub(super) enum TokenError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    AccessDenied,
    Internal,
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::InvalidGrant => (StatusCode::BAD_REQUEST, "invalid_grant"),
            Self::UnauthorizedClient => (StatusCode::BAD_REQUEST, "unauthorized_client"),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::AuthorizationPending => (StatusCode::BAD_REQUEST, "authorization_pending"),
            Self::SlowDown => (StatusCode::BAD_REQUEST, "slow_down"),
            Self::ExpiredToken => (StatusCode::BAD_REQUEST, "expired_token"),
            Self::AccessDenied => (StatusCode::BAD_REQUEST, "access_denied"),
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
    let params = form(headers, body)?;
    let client = authenticate(provider, headers, &params)?;
    match params.get("grant_type") {
        Some("authorization_code") => by_code(provider, client, &params),
        Some("refresh_token") => by_refresh(provider, client, &params),
        Some("client_credentials") => as_itself(provider, client),
        Some(device::GRANT_TYPE) => device::redeem(provider, client, &params),
        Some(_) => Err(TokenError::UnsupportedGrantType),
        None => Err(TokenError::InvalidRequest),
    }
}

/// The parameters of a form.
pub(super) fn form(headers: &HeaderMap, body: &str) -> Result<Params, TokenError> {
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !form.is_some_and(|form| form.starts_with("application/x-www-form-urlencoded")) {
        return Err(TokenError::InvalidRequest);
    }
    Params::parse(body).map_err(|_| TokenError::InvalidRequest)
}

fn by_code(
    provider: &Provider,
    client: &IdpClient,
    params: &Params,
) -> Result<Response, TokenError> {
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
    let refresh_token = grants.issue_refresh(&grant, now);
    signed_in(provider, &grant, [access_token, refresh_token])
}

/// RFC 6749 §6, with tokens that work once each (RFC 9700 §4.14.2).
fn by_refresh(
    provider: &Provider,
    client: &IdpClient,
    params: &Params,
) -> Result<Response, TokenError> {
    let token = params
        .get("refresh_token")
        .ok_or(TokenError::InvalidRequest)?;
    let now = provider.clock.now();
    let mut grants = provider.grants();
    let grant = grants
        .take_refresh(token, &client.id, now)
        .ok_or(TokenError::InvalidGrant)?;
    let access_token = grants.issue_access(grant.persona, now);
    let refresh_token = grants.issue_refresh(&grant, now);
    signed_in(provider, &grant, [access_token, refresh_token])
}

fn signed_in(
    provider: &Provider,
    grant: &CodeGrant,
    [access_token, refresh_token]: [String; 2],
) -> Result<Response, TokenError> {
    let id_token = provider
        .signer
        .id_token(grant, &access_token, provider.clock.now())
        .ok_or(TokenError::Internal)?;
    Ok(Json(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE.num_seconds(),
        "refresh_token": refresh_token,
        "id_token": id_token,
    }))
    .into_response())
}

/// RFC 6749 §4.4: the client is who the token is about.
fn as_itself(provider: &Provider, client: &IdpClient) -> Result<Response, TokenError> {
    let ApiAccess::AsItself(roles) = client.api else {
        return Err(TokenError::UnauthorizedClient);
    };
    let about = json!({
        "sub": client.id,
        "name": client.id,
        "roles": roles,
        "business_units": [],
        "attributes": {},
    });
    api_token(provider, client, about)
}

/// An answer with an access token for Weir's API.
pub(super) fn api_token(
    provider: &Provider,
    client: &IdpClient,
    about: Value,
) -> Result<Response, TokenError> {
    let now = provider.clock.now();
    let token = provider
        .signer
        .access_token(&provider.api_audience, &client.id, about, now)
        .ok_or(TokenError::Internal)?;
    Ok(Json(json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE.num_seconds(),
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
