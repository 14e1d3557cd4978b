//! ID tokens and metadata, in the types of the `openidconnect` crate.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod,
    CoreEdDsaPrivateSigningKey, CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJsonWebKeySet,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AccessToken, AdditionalClaims, AdditionalProviderMetadata, Audience, AuthUrl, ClientId,
    EndUserEmail, EndUserName, IdToken, IdTokenClaims, IdTokenVerifier, IssuerUrl, JsonWebKey as _,
    JsonWebKeyId, JsonWebKeySetUrl, LanguageTag, LocalizedClaim, Nonce, PrivateSigningKey as _,
    ProviderMetadata, ResponseTypes, Scope, StandardClaims, SubjectIdentifier, TokenUrl,
    UserInfoUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::grants::{CodeGrant, TOKEN_LIFE, random_token};
use crate::demo::DemoError;
use crate::demo::local::LocalUrl;
use crate::demo::persona::Persona;

const ID_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(5);
const LOGOUT_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(2);

/// The claims beyond the standard ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PersonaClaims {
    business_units: Vec<String>,
    roles: Vec<String>,
    attributes: BTreeMap<String, Vec<String>>,
    /// The sign-in, in ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}

impl AdditionalClaims for PersonaClaims {}

impl PersonaClaims {
    pub(super) fn of(persona: &Persona) -> Self {
        Self {
            business_units: owned(persona.business_units),
            roles: owned(persona.roles),
            attributes: persona
                .attributes
                .iter()
                .map(|(name, values)| ((*name).to_owned(), owned(values)))
                .collect(),
            sid: None,
        }
    }

    fn in_sign_in(self, sid: &str) -> Self {
        Self {
            sid: Some(sid.to_owned()),
            ..self
        }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

type PersonaToken = IdToken<
    PersonaClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// The Ed25519 key of this run; it is made at start and never written anywhere.
pub(super) struct Signer {
    key: CoreEdDsaPrivateSigningKey,
    issuer: IssuerUrl,
}

impl Signer {
    pub(super) fn generate(issuer: &str) -> Result<Self, DemoError> {
        let secret = SigningKey::from_bytes(&rand::random());
        let thumbprint = Sha256::digest(secret.verifying_key().as_bytes());
        let kid = JsonWebKeyId::new(URL_SAFE_NO_PAD.encode(thumbprint));
        let pem = secret
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| DemoError::SigningKey(error.to_string()))?;
        let key = CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(kid))
            .map_err(DemoError::SigningKey)?;
        let issuer = IssuerUrl::new(issuer.to_owned())
            .map_err(|error| DemoError::SigningKey(error.to_string()))?;
        Ok(Self { key, issuer })
    }

    pub(super) fn public_keys(&self) -> CoreJsonWebKeySet {
        CoreJsonWebKeySet::new(vec![self.key.as_verification_key()])
    }

    /// Says who signed in, to the one client that asked.
    pub(super) fn id_token(
        &self,
        grant: &CodeGrant,
        access_token: &str,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let claims = IdTokenClaims::new(
            self.issuer.clone(),
            vec![Audience::new(grant.client.clone())],
            now + ID_TOKEN_LIFE,
            now,
            standard_claims(grant.persona),
            PersonaClaims::of(grant.persona).in_sign_in(&grant.sid),
        )
        .set_auth_time(Some(grant.picked_at))
        .set_nonce(grant.nonce.clone().map(Nonce::new));
        let token = PersonaToken::new(
            claims,
            &self.key,
            CoreJwsSigningAlgorithm::EdDsa,
            Some(&AccessToken::new(access_token.to_owned())),
            None,
        );
        token.ok().map(|token| token.to_string())
    }

    /// An access token for Weir's API (RFC 9068): what `about` says of its subject, for `audience`.
    pub(super) fn access_token(
        &self,
        audience: &str,
        client: &str,
        about: Value,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let mut claims = json!({
            "iss": self.issuer,
            "aud": audience,
            "client_id": client,
            "jti": random_token(),
            "iat": now.timestamp(),
            "exp": (now + TOKEN_LIFE).timestamp(),
        });
        if let (Some(claims), Value::Object(about)) = (claims.as_object_mut(), about) {
            claims.extend(about);
        }
        self.sign("at+jwt", &claims)
    }

    /// Says to `client` that somebody is signed out everywhere (OIDC Back-Channel Logout §2.4).
    pub(super) fn logout_token(
        &self,
        client: &str,
        sub: &str,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let claims = json!({
            "iss": self.issuer,
            "aud": client,
            "sub": sub,
            "jti": random_token(),
            "iat": now.timestamp(),
            "exp": (now + LOGOUT_TOKEN_LIFE).timestamp(),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        self.sign("logout+jwt", &claims)
    }

    fn sign(&self, token_type: &str, claims: &Value) -> Option<String> {
        let kid = self.key.as_verification_key().key_id().cloned()?;
        let header = json!({ "alg": "EdDSA", "typ": token_type, "kid": kid });
        let [header, claims] =
            [header.to_string(), claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
        let message = format!("{header}.{claims}");
        let signature = self
            .key
            .sign(&CoreJwsSigningAlgorithm::EdDsa, message.as_bytes())
            .ok()?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Whether this provider signed the hint for `client`; a hint may be old (RP-Initiated Logout §2).
    pub(super) fn recognises(&self, hint: &str, client: &str) -> bool {
        let verifier = IdTokenVerifier::<CoreJsonWebKey>::new_public_client(
            ClientId::new(client.to_owned()),
            self.issuer.clone(),
            self.public_keys(),
        )
        .set_allowed_algs([CoreJwsSigningAlgorithm::EdDsa])
        .set_time_fn(|| DateTime::UNIX_EPOCH);
        hint.parse::<PersonaToken>()
            .is_ok_and(|token| token.claims(&verifier, |_: Option<&Nonce>| Ok(())).is_ok())
    }
}

pub(super) fn standard_claims(persona: &Persona) -> StandardClaims<CoreGenderClaim> {
    let name: LocalizedClaim<EndUserName> = EndUserName::new(persona.name.to_owned()).into();
    StandardClaims::new(SubjectIdentifier::new(persona.sub.to_owned()))
        .set_name(Some(name))
        .set_email(Some(EndUserEmail::new(persona.email())))
        .set_email_verified(Some(true))
        .set_locale(Some(LanguageTag::new(persona.locale.to_owned())))
}

/// Metadata that the crate's core type has no field for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct MoreMetadata {
    end_session_endpoint: String,
    device_authorization_endpoint: String,
    code_challenge_methods_supported: Vec<String>,
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
}

impl AdditionalProviderMetadata for MoreMetadata {}

type Metadata = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

pub(super) fn metadata(issuer: &LocalUrl) -> Option<Metadata> {
    let more = MoreMetadata {
        end_session_endpoint: issuer.join("/logout"),
        device_authorization_endpoint: issuer.join("/device_authorization"),
        code_challenge_methods_supported: vec!["S256".to_owned()],
        authorization_response_iss_parameter_supported: true,
        backchannel_logout_supported: true,
        // It tells of persons, who have no session here.
        backchannel_logout_session_supported: false,
    };
    let scopes = ["openid", "profile", "email"].map(|scope| Scope::new(scope.to_owned()));
    let languages = ["fr-CA", "en-CA"].map(|tag| LanguageTag::new(tag.to_owned()));
    let metadata = ProviderMetadata::new(
        IssuerUrl::new(issuer.origin()).ok()?,
        AuthUrl::new(issuer.join("/authorize")).ok()?,
        JsonWebKeySetUrl::new(issuer.join("/jwks")).ok()?,
        vec![ResponseTypes::new(vec![CoreResponseType::Code])],
        vec![CoreSubjectIdentifierType::Public],
        vec![CoreJwsSigningAlgorithm::EdDsa],
        more,
    )
    .set_token_endpoint(Some(TokenUrl::new(issuer.join("/token")).ok()?))
    .set_userinfo_endpoint(Some(UserInfoUrl::new(issuer.join("/userinfo")).ok()?))
    .set_scopes_supported(Some(scopes.into()))
    .set_response_modes_supported(Some(vec![CoreResponseMode::Query]))
    .set_grant_types_supported(Some(vec![
        CoreGrantType::AuthorizationCode,
        CoreGrantType::RefreshToken,
        CoreGrantType::ClientCredentials,
        CoreGrantType::DeviceCode,
    ]))
    .set_token_endpoint_auth_methods_supported(Some(vec![
        CoreClientAuthMethod::ClientSecretBasic,
        CoreClientAuthMethod::ClientSecretPost,
        CoreClientAuthMethod::None,
    ]))
    .set_ui_locales_supported(Some(languages.into()))
    .set_request_parameter_supported(Some(false))
    .set_request_uri_parameter_supported(Some(false));
    Some(metadata)
}
