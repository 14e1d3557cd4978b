//! Clients of AWS: one HTTP client, and credentials for each role that is assumed.

mod role;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use url::{Host, Url};
use weir_policy::BusinessUnit;

use self::role::AssumedRole;
use crate::AthenaConfig;

/// Longer than AWS takes to answer a call of its control plane.
const CALL_PATIENCE: Duration = Duration::from_secs(10);
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);

/// AWS as Weir asks it: as itself, and as the roles of business units.
#[derive(Debug)]
pub(crate) struct Aws {
    glue: aws_sdk_glue::Client,
    own: Access,
    units: BTreeMap<BusinessUnit, Access>,
    loopback: bool,
}

/// The clients that act as one role.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// Calls of it are never repeated by the SDK: the engine knows the quotas, which calls may be
    /// repeated, and which failures mean that it should slow down.
    pub(crate) athena: aws_sdk_athena::Client,
    pub(crate) s3: aws_sdk_s3::Client,
}

impl Aws {
    /// Makes the clients. Nothing is called yet; credentials are looked for at the first call.
    pub(crate) async fn connect(config: &AthenaConfig) -> Self {
        let loopback = config.endpoint.as_ref().is_some_and(is_loopback);
        let process = shared(config, loopback).await;
        let own = match &config.default.role_arn {
            Some(arn) => as_role(&process, arn, None),
            None => process.clone(),
        };
        let units = config.units.iter().map(|(unit, profile)| {
            let access = match &profile.role_arn {
                Some(arn) => Access::new(&as_role(&process, arn, Some(unit)), loopback),
                None => Access::new(&own, loopback),
            };
            (unit.clone(), access)
        });
        Self {
            glue: aws_sdk_glue::Client::new(&own),
            units: units.collect(),
            own: Access::new(&own, loopback),
            loopback,
        }
    }

    /// The catalog of tables, asked as Weir itself.
    pub(crate) fn glue(&self) -> &aws_sdk_glue::Client {
        &self.glue
    }

    /// Files, read as Weir itself.
    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        &self.own.s3
    }

    /// The clients that ask for `unit`.
    pub(crate) fn access(&self, unit: Option<&BusinessUnit>) -> &Access {
        unit.and_then(|unit| self.units.get(unit))
            .unwrap_or(&self.own)
    }

    /// Whether all of it is a simulator on this machine: then locations may be local files.
    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl Access {
    fn new(config: &SdkConfig, loopback: bool) -> Self {
        let athena = aws_sdk_athena::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .build();
        // A simulator has no name for each bucket.
        let s3 = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(loopback)
            .build();
        Self {
            athena: aws_sdk_athena::Client::from_conf(athena),
            s3: aws_sdk_s3::Client::from_conf(s3),
        }
    }
}

async fn shared(config: &AthenaConfig, loopback: bool) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let patience = TimeoutConfig::builder()
        .connect_timeout(CONNECT_PATIENCE)
        .operation_attempt_timeout(CALL_PATIENCE)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(config.region.clone()))
        .http_client(http)
        .timeout_config(patience)
        .retry_config(RetryConfig::standard());
    if let Some(endpoint) = &config.endpoint {
        loader = loader.endpoint_url(endpoint.as_str().trim_end_matches('/'));
    }
    if loopback {
        // Whoever listens on this machine's loopback device is shown no real credentials.
        let nobody = Credentials::new("loopback", "loopback", None, None, "loopback");
        loader = loader.credentials_provider(nobody);
    }
    loader.load().await
}

/// The same configuration with the credentials of a role, which are kept until they run out.
fn as_role(process: &SdkConfig, arn: &str, unit: Option<&BusinessUnit>) -> SdkConfig {
    let sts = aws_sdk_sts::Client::new(process);
    let role = AssumedRole::new(sts, arn, unit);
    process
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(role))
        .build()
}

fn is_loopback(endpoint: &Url) -> bool {
    match endpoint.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback(endpoint: &str) -> bool {
        is_loopback(&Url::parse(endpoint).unwrap())
    }

    #[test]
    fn only_this_machine_is_loopback() {
        assert!(loopback("http://127.0.0.1:4566"));
        assert!(loopback("http://[::1]:4566/"));
        assert!(loopback("http://localhost:4566"));
        assert!(!loopback(
            "https://vpce-1.athena.ca-central-1.vpce.amazonaws.com"
        ));
        assert!(!loopback("http://127.0.0.1.example:4566"));
    }
}
