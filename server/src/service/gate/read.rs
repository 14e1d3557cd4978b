//! What the registry has, taken in.

use std::sync::PoisonError;

use chrono::TimeDelta;
use weir_identity::{ClientId, NameError, Revocation as Known, RevocationTarget, Slug, TokenId};
use weir_registry::{Label, Revocation, Revoked};

use super::{GateError, Shared};

/// How long something is remembered beyond its end: clocks disagree.
const SLACK: TimeDelta = TimeDelta::minutes(5);

impl Shared {
    /// Takes in what was added since `last`, and everything that is locked. Says whether anything
    /// is different now.
    pub(super) async fn read(&self, last: &mut u64) -> Result<bool, GateError> {
        let mut changed = false;
        loop {
            let since = self.registry.revocations().since(*last).await?;
            if since.newest < *last {
                // An older backup. What is known stays, and everything there is comes to it.
                *last = 0;
                continue;
            }
            for revocation in &since.revocations {
                self.learn(revocation)?;
                changed = true;
                *last = revocation.number;
            }
            if !since.more {
                break;
            }
        }
        self.revocations.prune(self.clock.now() - SLACK);
        let locked = self.registry.lockdowns().all().await?;
        let mut known = self.locked.write().unwrap_or_else(PoisonError::into_inner);
        if **known != *locked {
            *known = locked.into();
            changed = true;
        }
        Ok(changed)
    }

    fn learn(&self, revocation: &Revocation) -> Result<(), GateError> {
        let unreadable = |_: NameError| GateError::Unreadable(revocation.number);
        if let Revoked::Spent { jti } = &revocation.target {
            let jti = TokenId::parse(jti.as_str()).map_err(unreadable)?;
            self.revocations.spend(jti, revocation.until);
            return Ok(());
        }
        let client = revocation.client.as_ref();
        self.revocations.revoke(Known {
            target: target(&revocation.target).map_err(unreadable)?,
            client: client.map(client_id).transpose().map_err(unreadable)?,
            issued_up_to: revocation.issued_up_to,
            until: revocation.until,
        });
        Ok(())
    }
}

fn target(revoked: &Revoked) -> Result<RevocationTarget, NameError> {
    Ok(match revoked {
        Revoked::Spent { jti } | Revoked::Jti { jti } => RevocationTarget::Token {
            jti: TokenId::parse(jti.as_str())?,
        },
        Revoked::Family { family } => RevocationTarget::Family {
            family: TokenId::parse(family.as_str())?,
        },
        Revoked::Subject { issuer, sub } => RevocationTarget::Subject {
            issuer: issuer.clone(),
            sub: sub.clone(),
        },
        Revoked::BusinessUnit { unit } => RevocationTarget::BusinessUnit {
            business_unit: unit.clone(),
        },
        Revoked::Dashboard { dashboard } => RevocationTarget::Dashboard {
            dashboard: Slug::parse(dashboard.as_str())?,
        },
        Revoked::Client { client } => RevocationTarget::Client {
            client_id: client_id(client)?,
        },
        Revoked::All => RevocationTarget::All,
    })
}

fn client_id(label: &Label) -> Result<ClientId, NameError> {
    ClientId::parse(label.as_str())
}
