//! The second level of the cache, as it is configured.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use weir_identity::MasterKey;

use super::StartError;
use crate::clock::Clock;
use crate::config::{Config, EngineKind};
use crate::service::lake::Lake;
use crate::service::shared_cache::{SharedCache, Terms};

/// What all processes share, if they share anything.
pub(super) async fn shared_cache(
    config: &Config,
    key: &MasterKey,
    lake: &Lake,
    clock: &Clock,
) -> Result<Option<SharedCache>, StartError> {
    let Some(section) = &config.shared_cache else {
        return Ok(None);
    };
    let terms = Terms {
        timeout: section.timeout(),
        max_value_bytes: section.max_value_bytes,
        lease: section.lease(),
        max_age: Duration::from_secs(config.cache.max_age_s),
        has_quotas: lake.has_quotas(),
    };
    let address = section.url.expose_secret();
    let domain = domain(config, lake);
    let shared = SharedCache::open(address, key, &domain, terms, clock.clone()).await?;
    Ok(Some(shared))
}

/// What answers depend on beside their fingerprint: the release that computed them, whose Weir it is,
/// the lake, and the key of its masks, of which this is a digest.
fn domain(config: &Config, lake: &Lake) -> String {
    let place = match (config.engine.kind, &config.athena, &config.lake.dir) {
        (EngineKind::Athena, Some(athena), _) => {
            let endpoint = athena.endpoint.as_ref().map(url::Url::as_str);
            format!("athena {} {endpoint:?}", athena.region)
        }
        (_, _, dir) => format!("folder {dir:?}"),
    };
    let origin = config.http.public_url.origin().ascii_serialization();
    let masks = lake.mask_key().mask("the shared cache of this deployment");
    let release = env!("CARGO_PKG_VERSION");
    format!("{release}\n{origin}\n{place}\n{masks}")
}
