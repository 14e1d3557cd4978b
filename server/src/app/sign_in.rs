//! Where members sign in, as it is configured.

use std::collections::BTreeMap;

use secrecy::SecretString;
use weir_identity::mapping::ClaimMapping;
use weir_identity::{
    MasterKey, NamedProvider, Provider, ProviderConfig, Providers, ProvidersError, Slug,
};

use super::StartError;
use crate::config::{Config, Label, OidcConfig, secret_file};
use crate::demo;
use crate::service::sign_in::SignIns;

/// The providers, what people call them, and the key that seals their tokens.
pub(super) fn sign_ins(config: &Config, master: MasterKey) -> Result<SignIns, StartError> {
    let mut labels = BTreeMap::new();
    let mut all = Vec::new();
    for (id, label, provider) in configured(config)? {
        let id = Slug::parse(id)?;
        let provider = Provider::new(provider).map_err(|cause| ProvidersError::Config {
            id: id.to_string(),
            cause,
        })?;
        labels.insert(id.clone(), label);
        all.push(NamedProvider { id, provider });
    }
    Ok(SignIns::new(Providers::new(all)?, labels, master))
}

/// Nobody gets anything from a mapping that does not say whose claims it means.
pub(super) fn warn_of_unmapped(config: &Config, mapping: &ClaimMapping) {
    if config.oidc.len() > 1 && !mapping.names_issuers() {
        tracing::warn!(
            "identity.yaml names no issuers, and there are several providers: their claims give \
             nobody anything"
        );
    }
}

fn configured(config: &Config) -> Result<Vec<(String, Label, ProviderConfig)>, StartError> {
    let base = format!("{}auth/callback", config.http.public_url);
    if config.oidc.is_empty() {
        let demo = config.demo.as_ref().ok_or(StartError::Missing("oidc"))?;
        let label = Label::One("Boréal".to_owned());
        return Ok(vec![(
            "demo".to_owned(),
            label,
            demo::setup::provider(demo, base),
        )]);
    }
    let alone = config.oidc.len() == 1;
    let provider = |oidc: &OidcConfig| {
        let provider = ProviderConfig {
            issuer: oidc.issuer.clone(),
            client_id: oidc.client_id.clone(),
            client_secret: secret(oidc)?,
            redirect_uri: if alone {
                base.clone()
            } else {
                format!("{base}/{}", oidc.id)
            },
            scopes: oidc.scopes.clone(),
        };
        Ok((oidc.id.clone(), oidc.label(), provider))
    };
    config.oidc.iter().map(provider).collect()
}

fn secret(oidc: &OidcConfig) -> Result<Option<SecretString>, StartError> {
    match &oidc.client_secret_file {
        Some(file) => Ok(Some(secret_file::read(file)?)),
        None => Ok(oidc.client_secret.clone()),
    }
}
