//! Codes and access tokens given out: kept as hashes, for seconds and minutes, in memory.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::demo::persona::Persona;

pub(super) const CODE_LIFE: TimeDelta = TimeDelta::seconds(60);
pub(super) const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(10);

/// More than any demo needs at once; beyond it nobody else is signed in.
const CAPACITY: usize = 2_000;

type Digest = [u8; 32];

/// What a code stands for.
#[derive(Debug, Clone)]
pub(super) struct CodeGrant {
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) persona: &'static Persona,
    pub(super) picked_at: DateTime<Utc>,
}

#[derive(Debug)]
enum Code {
    Open {
        grant: Box<CodeGrant>,
        until: DateTime<Utc>,
    },
    /// Kept for as long as the token it gave, so that a replay can end it (RFC 6749 §4.1.2).
    Used {
        token: Option<Digest>,
        until: DateTime<Utc>,
    },
}

#[derive(Debug)]
struct Access {
    persona: &'static Persona,
    until: DateTime<Utc>,
}

/// All that is outstanding.
#[derive(Debug, Default)]
pub(super) struct Grants {
    codes: HashMap<Digest, Code>,
    tokens: HashMap<Digest, Access>,
}

impl Grants {
    /// A new code, or nothing when far too many are outstanding.
    pub(super) fn issue_code(&mut self, grant: CodeGrant, now: DateTime<Utc>) -> Option<String> {
        self.forget_before(now);
        if self.codes.len() >= CAPACITY {
            return None;
        }
        let code = random_token();
        let open = Code::Open {
            grant: Box::new(grant),
            until: now + CODE_LIFE,
        };
        self.codes.insert(digest(&code), open);
        Some(code)
    }

    /// Takes the grant behind a code of `client`. From here on the code is used, whatever comes of it.
    pub(super) fn take_code(
        &mut self,
        code: &str,
        client: &str,
        now: DateTime<Utc>,
    ) -> Option<CodeGrant> {
        self.forget_before(now);
        let slot = self.codes.get_mut(&digest(code))?;
        match slot {
            Code::Open { grant, .. } if grant.client != client => None,
            Code::Open { grant, .. } => {
                let grant = CodeGrant::clone(grant);
                *slot = Code::Used {
                    token: None,
                    until: now + TOKEN_LIFE,
                };
                Some(grant)
            }
            Code::Used { token, .. } => {
                if let Some(token) = token.take() {
                    self.tokens.remove(&token);
                }
                None
            }
        }
    }

    /// A new access token for what `code` stood for.
    pub(super) fn issue_token(
        &mut self,
        code: &str,
        persona: &'static Persona,
        now: DateTime<Utc>,
    ) -> String {
        let token = random_token();
        let key = digest(&token);
        self.tokens.insert(
            key,
            Access {
                persona,
                until: now + TOKEN_LIFE,
            },
        );
        if let Some(Code::Used { token, .. }) = self.codes.get_mut(&digest(code)) {
            *token = Some(key);
        }
        token
    }

    /// Whose live access token this is.
    pub(super) fn owner(&self, token: &str, now: DateTime<Utc>) -> Option<&'static Persona> {
        let access = self.tokens.get(&digest(token))?;
        (now < access.until).then_some(access.persona)
    }

    fn forget_before(&mut self, now: DateTime<Utc>) {
        self.codes.retain(|_, code| match code {
            Code::Open { until, .. } | Code::Used { until, .. } => now < *until,
        });
        self.tokens.retain(|_, access| now < access.until);
    }
}

/// 256 random bits.
pub(super) fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

fn digest(secret: &str) -> Digest {
    Sha256::digest(secret).into()
}
