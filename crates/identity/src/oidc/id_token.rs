//! The checks of OIDC Core §3.1.3.7 and what `openidconnect` leaves to its user.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use openidconnect::core::{
    CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, AuthorizationCodeHash,
    ClaimsVerificationError, ClientId, IssuerUrl, Nonce, NonceVerifier, SignatureVerificationError,
};
use serde_json::{Map, Value};

use super::claims::IdentityClaims;
use super::error::IdTokenFlaw;
use crate::name::ViewerId;
use crate::strict_json;

/// How far a provider's clock may be from ours.
const SKEW: Duration = Duration::seconds(60);

/// The algorithms an ID token may be signed with. Nothing with a shared secret, nothing unsigned.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What came with an ID token and what it must fit.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a IssuerUrl,
    pub(super) client_id: &'a ClientId,
    pub(super) nonce: ExpectedNonce<'a>,
    /// The code that it was given for; none at a refresh.
    pub(super) code: Option<&'a AuthorizationCode>,
    pub(super) access_token: &'a AccessToken,
    /// When it was asked for: no honest token is older.
    pub(super) begun_at: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

/// Which nonce an ID token must have.
#[derive(Clone, Copy)]
pub(super) enum ExpectedNonce<'a> {
    /// The one of the sign-in.
    Exactly(&'a Nonce),
    /// OIDC Core §12.2: none, or the one of the sign-in long ago.
    NoOther(Option<&'a Nonce>),
}

impl NonceVerifier for ExpectedNonce<'_> {
    fn verify(self, nonce: Option<&Nonce>) -> Result<(), String> {
        match (self, nonce) {
            (Self::NoOther(_), None) => Ok(()),
            (Self::NoOther(None), Some(_)) => Err("unexpected nonce".to_owned()),
            (Self::Exactly(expected) | Self::NoOther(Some(expected)), nonce) => {
                expected.verify(nonce)
            }
        }
    }
}

/// Why an ID token is not accepted with these keys.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Perhaps with newer ones.
    Keys,
    /// With none.
    Flaw(IdTokenFlaw),
}

impl From<IdTokenFlaw> for Refusal {
    fn from(flaw: IdTokenFlaw) -> Self {
        Self::Flaw(flaw)
    }
}

/// Accepts an ID token or says which check failed.
pub(super) fn accept(
    token: &CoreIdToken,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<IdentityClaims, Refusal> {
    let verifier = verifier(keys, expected);
    let claims = token.claims(&verifier, expected.nonce).map_err(refusal)?;
    check_hashes(token, claims, &verifier, expected)?;

    let text = token.to_string();
    let all = read_payload(&text)?;
    check_authorized_party(&all, expected.client_id)?;
    check_not_before(&all, expected.now)?;
    let subject = claims.subject().as_str();
    if ViewerId::parse(subject).is_err() {
        return Err(IdTokenFlaw::Subject.into());
    }
    let issuer = expected.issuer.as_str().to_owned();
    let identity = IdentityClaims::new(issuer, subject.to_owned(), all);
    Ok(identity.with_id_token(text.into()))
}

fn verifier(keys: &CoreJsonWebKeySet, expected: &Expected<'_>) -> CoreIdTokenVerifier<'static> {
    let (now, begun_at) = (expected.now, expected.begun_at);
    CoreIdTokenVerifier::new_public_client(
        expected.client_id.clone(),
        expected.issuer.clone(),
        keys.clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || now - SKEW)
    .set_issue_time_verifier_fn(move |issued_at| {
        if issued_at > now + SKEW || issued_at < begun_at - SKEW {
            return Err("issued outside of this sign-in".to_owned());
        }
        Ok(())
    })
}

fn refusal(error: ClaimsVerificationError) -> Refusal {
    use ClaimsVerificationError as Error;
    let flaw = match error {
        Error::SignatureVerification(cause) => return signature_refusal(&cause),
        Error::Expired(_) | Error::InvalidAuthTime(_) => IdTokenFlaw::Time,
        Error::InvalidAudience(_) => IdTokenFlaw::Audience,
        Error::InvalidIssuer(_) => IdTokenFlaw::Issuer,
        Error::InvalidNonce(_) => IdTokenFlaw::Nonce,
        Error::InvalidSubject(_) => IdTokenFlaw::Subject,
        _ => IdTokenFlaw::Other,
    };
    Refusal::Flaw(flaw)
}

fn signature_refusal(cause: &SignatureVerificationError) -> Refusal {
    use SignatureVerificationError as Error;
    match cause {
        // A provider may also publish a new key under an old id.
        Error::NoMatchingKey | Error::CryptoError(_) => Refusal::Keys,
        Error::DisallowedAlg(_) | Error::UnsupportedAlg(_) | Error::NoSignature => {
            Refusal::Flaw(IdTokenFlaw::Algorithm)
        }
        _ => Refusal::Flaw(IdTokenFlaw::Signature),
    }
}

/// OIDC Core §3.1.3.8 and §3.3.2.11: the token belongs to this access token and this code.
fn check_hashes(
    token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    verifier: &CoreIdTokenVerifier<'_>,
    expected: &Expected<'_>,
) -> Result<(), IdTokenFlaw> {
    let wrong = IdTokenFlaw::AccessTokenHash;
    if claims.access_token_hash().is_none() && claims.code_hash().is_none() {
        return Ok(());
    }
    let algorithm = token.signing_alg().map_err(|_| IdTokenFlaw::Algorithm)?;
    let key = token
        .signing_key(verifier)
        .map_err(|_| IdTokenFlaw::Signature)?;
    if let Some(hash) = claims.access_token_hash() {
        let actual = AccessTokenHash::from_token(expected.access_token, algorithm, key);
        if actual.ok().as_ref() != Some(hash) {
            return Err(wrong);
        }
    }
    if let (Some(hash), Some(code)) = (claims.code_hash(), expected.code) {
        let actual = AuthorizationCodeHash::from_code(code, algorithm, key);
        if actual.ok().as_ref() != Some(hash) {
            return Err(wrong);
        }
    }
    Ok(())
}

/// All claims, and each of them once: the library keeps one of two equal keys.
fn read_payload(token: &str) -> Result<Map<String, Value>, IdTokenFlaw> {
    let payload = token.split('.').nth(1).ok_or(IdTokenFlaw::Malformed)?;
    let bytes = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| IdTokenFlaw::Malformed)?;
    strict_json::parse_object(&bytes).map_err(|_| IdTokenFlaw::Malformed)
}

/// The library leaves `azp` alone. More than one audience it refuses by itself.
fn check_authorized_party(
    claims: &Map<String, Value>,
    client_id: &ClientId,
) -> Result<(), IdTokenFlaw> {
    match claims.get("azp") {
        None => Ok(()),
        Some(Value::String(party)) if party == client_id.as_str() => Ok(()),
        Some(_) => Err(IdTokenFlaw::AuthorizedParty),
    }
}

fn check_not_before(claims: &Map<String, Value>, now: DateTime<Utc>) -> Result<(), IdTokenFlaw> {
    match claims.get("nbf").map(Value::as_i64) {
        None => Ok(()),
        Some(Some(begins)) if begins <= (now + SKEW).timestamp() => Ok(()),
        Some(Some(_)) => Err(IdTokenFlaw::Time),
        Some(None) => Err(IdTokenFlaw::Malformed),
    }
}
