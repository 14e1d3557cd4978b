//! Who computes answers, as it is configured.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use weir_engine::{MaskKey, Severity};

use super::StartError;
use crate::config::{Config, EngineKind};
use crate::service::lake::Lake;

/// How many statements the embedded engine runs at the same time; each spreads over all cores.
const STATEMENTS_AT_ONCE: usize = 16;

/// How many statements the Athena engine is given at the same time. They wait in its own queue, where
/// units take turns and people go first: more than wait there would only wait in no order before it.
const STATEMENTS_IN_HAND: usize = 4096;

/// How often a folder's catalogs are looked at.
const LOOK_AT_FOLDER: Duration = Duration::from_secs(2);

/// How often Glue is asked; it is asked once for each table.
const LOOK_AT_GLUE: Duration = Duration::from_secs(15);

/// What tells the key of idempotent starts from the key of masks, which is made of the same secret.
const START_TOKENS: &[u8] = b"weir 2026 athena start tokens\0";

/// Where the tables are, and who reads them.
///
/// # Errors
/// [`StartError`] names the setting.
pub fn lake(config: &Config) -> Result<Lake, StartError> {
    let secret = mask_secret(config)?;
    let mask_key = MaskKey::new(Sha256::digest(secret.expose_secret()).into());
    match (config.engine.kind, &config.athena, &config.lake.dir) {
        (EngineKind::Embedded, _, Some(dir)) => {
            let lake = Lake::embedded(dir.clone(), mask_key);
            Ok(match config.lake.memory_max_bytes {
                Some(bytes) => lake.within(bytes),
                None => lake,
            })
        }
        (EngineKind::Embedded, _, None) => Err(StartError::Missing("lake.dir")),
        (EngineKind::Athena, Some(athena), _) => {
            let key = Sha256::new_with_prefix(START_TOKENS)
                .chain_update(secret.expose_secret())
                .finalize();
            Ok(Lake::athena(athena.config(key.into()), mask_key))
        }
        (EngineKind::Athena, None, _) => Err(StartError::Missing("athena")),
    }
}

/// Nothing is served through a workgroup whose limits anybody could go around.
pub(super) async fn check(lake: &Lake) -> Result<(), StartError> {
    let mut refused = Vec::new();
    for finding in lake.check().await? {
        let (workgroup, what, change) = (&finding.workgroup, &finding.what, &finding.do_what);
        if finding.severity == Severity::Error {
            refused.push(format!("workgroup `{workgroup}`: {what}; {change}"));
        } else {
            tracing::warn!(%workgroup, %what, %change, "a workgroup could be set up better");
        }
    }
    if refused.is_empty() {
        Ok(())
    } else {
        Err(StartError::Workgroups(refused.join("\n")))
    }
}

/// How often the tables are looked at.
pub(super) fn refresh(config: &Config) -> Duration {
    let usual = match config.engine.kind {
        EngineKind::Embedded => LOOK_AT_FOLDER,
        EngineKind::Athena => LOOK_AT_GLUE,
    };
    let said = config.timing.snapshot_refresh_ms;
    said.map_or(usual, Duration::from_millis)
}

/// How many statements run at the same time.
pub(super) fn at_once(config: &Config) -> usize {
    match config.engine.kind {
        EngineKind::Athena => STATEMENTS_IN_HAND,
        EngineKind::Embedded => STATEMENTS_AT_ONCE,
    }
}

/// How many questions are computed ahead at the same time; none where it is not wanted.
pub(super) fn prewarmed_at_once(config: &Config) -> usize {
    let usual = config.engine.kind == EngineKind::Athena;
    if config.prewarm.enabled.unwrap_or(usual) {
        config.prewarm.at_once.max(1)
    } else {
        0
    }
}

/// Demo keys live as long as the process: what they masked means nothing afterwards.
fn mask_secret(config: &Config) -> Result<SecretString, StartError> {
    match &config.lake.mask_key {
        Some(key) if key.expose_secret().len() < 32 => Err(StartError::MaskKey),
        Some(key) => Ok(key.clone()),
        None if config.demo.is_some() => {
            let mut bytes = [0_u8; 32];
            OsRng
                .try_fill_bytes(&mut bytes)
                .map_err(|_| StartError::MaskKey)?;
            Ok(STANDARD_NO_PAD.encode(bytes).into())
        }
        None => Err(StartError::Missing("lake.mask_key")),
    }
}
