//! Codes and access tokens given out: kept as hashes, for seconds and minutes, in memory.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::demo::persona::Persona;

pub(super) const CODE_LIFE: TimeDelta = TimeDelta::seconds(60);
pub(super) const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(10);
pub(super) const REFRESH_LIFE: TimeDelta = TimeDelta::hours(24);
pub(super) const DEVICE_LIFE: TimeDelta = TimeDelta::minutes(10);
pub(super) const POLL_INTERVAL: TimeDelta = TimeDelta::seconds(1);

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
    /// What the provider calls this sign-in.
    pub(super) sid: String,
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

/// What newer tokens are got by, once. A used one is remembered: its second use ends the sign-in.
#[derive(Debug)]
struct Refresh {
    grant: CodeGrant,
    used: bool,
    until: DateTime<Utc>,
}

/// A program in a terminal that waits for somebody to say who they are.
#[derive(Debug)]
struct Device {
    client: String,
    user_code: Digest,
    answer: DeviceAnswer,
    until: DateTime<Utc>,
    asked_at: Option<DateTime<Utc>>,
}

/// What somebody said on the page.
#[derive(Debug, Clone, Copy)]
enum DeviceAnswer {
    Open,
    Declined,
    Is(&'static Persona),
}

/// What a waiting program is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Waiting {
    /// There is no such code, or it is another client's, or it was used.
    Unknown,
    /// Its time is over.
    Over,
    /// It asks more often than it may.
    TooOften,
    /// Nobody said anything yet.
    Pending,
    /// Somebody said no.
    Declined,
    /// Somebody said who they are.
    Is(&'static Persona),
}

/// All that is outstanding.
#[derive(Debug, Default)]
pub(super) struct Grants {
    codes: HashMap<Digest, Code>,
    tokens: HashMap<Digest, Access>,
    refreshes: HashMap<Digest, Refresh>,
    devices: HashMap<Digest, Device>,
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
        let access = self.issue_access(persona, now);
        if let Some(Code::Used { token, .. }) = self.codes.get_mut(&digest(code)) {
            *token = Some(digest(&access));
        }
        access
    }

    /// A new access token about somebody.
    pub(super) fn issue_access(&mut self, persona: &'static Persona, now: DateTime<Utc>) -> String {
        let token = random_token();
        let until = now + TOKEN_LIFE;
        self.tokens
            .insert(digest(&token), Access { persona, until });
        token
    }

    /// A new refresh token for what somebody signed in to.
    pub(super) fn issue_refresh(&mut self, grant: &CodeGrant, now: DateTime<Utc>) -> String {
        let token = random_token();
        let refresh = Refresh {
            grant: grant.clone(),
            used: false,
            until: now + REFRESH_LIFE,
        };
        self.refreshes.insert(digest(&token), refresh);
        token
    }

    /// Takes the grant behind a refresh token of `client`. A second use ends the whole sign-in: one of
    /// both users is not who it was given to (RFC 9700 §4.14.2).
    pub(super) fn take_refresh(
        &mut self,
        token: &str,
        client: &str,
        now: DateTime<Utc>,
    ) -> Option<CodeGrant> {
        self.forget_before(now);
        let refresh = self.refreshes.get_mut(&digest(token))?;
        if refresh.grant.client != client {
            return None;
        }
        if std::mem::replace(&mut refresh.used, true) {
            let sid = refresh.grant.sid.clone();
            self.refreshes.retain(|_, other| other.grant.sid != sid);
            return None;
        }
        Some(refresh.grant.clone())
    }

    /// Ends every sign-in of somebody: nothing newer is said of them.
    pub(super) fn end_sign_ins(&mut self, sub: &str) {
        self.refreshes
            .retain(|_, refresh| refresh.grant.persona.sub != sub);
    }

    /// Whose live access token this is.
    pub(super) fn owner(&self, token: &str, now: DateTime<Utc>) -> Option<&'static Persona> {
        let access = self.tokens.get(&digest(token))?;
        (now < access.until).then_some(access.persona)
    }

    /// A device code and a user code for `client`, or nothing when far too many are outstanding.
    pub(super) fn issue_device(
        &mut self,
        client: &str,
        now: DateTime<Utc>,
    ) -> Option<(String, String)> {
        self.forget_before(now);
        if self.devices.len() >= CAPACITY {
            return None;
        }
        let (device_code, user_code) = (random_token(), user_code());
        let device = Device {
            client: client.to_owned(),
            user_code: digest(&user_code),
            answer: DeviceAnswer::Open,
            until: now + DEVICE_LIFE,
            asked_at: None,
        };
        self.devices.insert(digest(&device_code), device);
        Some((device_code, user_code))
    }

    /// The client behind a user code that nobody answered yet.
    pub(super) fn waiting_client(&self, user_code: &str, now: DateTime<Utc>) -> Option<String> {
        let key = digest(user_code);
        let mut devices = self.devices.values();
        let device = devices.find(|device| device.waits_as(&key, now))?;
        Some(device.client.clone())
    }

    /// Somebody answers: as a persona, or no. Says whether anything waited for it.
    pub(super) fn answer_device(
        &mut self,
        user_code: &str,
        persona: Option<&'static Persona>,
        now: DateTime<Utc>,
    ) -> bool {
        let key = digest(user_code);
        let mut devices = self.devices.values_mut();
        let Some(device) = devices.find(|device| device.waits_as(&key, now)) else {
            return false;
        };
        device.answer = persona.map_or(DeviceAnswer::Declined, DeviceAnswer::Is);
        true
    }

    /// What the program behind a device code is told now (RFC 8628 §3.5). An answer is given once.
    pub(super) fn poll_device(
        &mut self,
        device_code: &str,
        client: &str,
        now: DateTime<Utc>,
    ) -> Waiting {
        let key = digest(device_code);
        let Some(device) = self.devices.get_mut(&key) else {
            return Waiting::Unknown;
        };
        if device.client != client {
            return Waiting::Unknown;
        }
        if now >= device.until {
            return Waiting::Over;
        }
        let before = device.asked_at.replace(now);
        if before.is_some_and(|before| now - before < POLL_INTERVAL) {
            return Waiting::TooOften;
        }
        let told = match device.answer {
            DeviceAnswer::Open => return Waiting::Pending,
            DeviceAnswer::Declined => Waiting::Declined,
            DeviceAnswer::Is(persona) => Waiting::Is(persona),
        };
        self.devices.remove(&key);
        told
    }

    fn forget_before(&mut self, now: DateTime<Utc>) {
        self.codes.retain(|_, code| match code {
            Code::Open { until, .. } | Code::Used { until, .. } => now < *until,
        });
        self.tokens.retain(|_, access| now < access.until);
        self.refreshes.retain(|_, refresh| now < refresh.until);
        // Kept a while longer, so that who comes too late is told so.
        self.devices
            .retain(|_, device| now < device.until + DEVICE_LIFE);
    }
}

impl Device {
    fn waits_as(&self, user_code: &Digest, now: DateTime<Utc>) -> bool {
        let open = matches!(self.answer, DeviceAnswer::Open) && now < self.until;
        open && self.user_code == *user_code
    }
}

/// Eight letters without vowels, so that no word comes out (RFC 8628 §6.1): 20^8 of them.
fn user_code() -> String {
    const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 20)).map(|b| char::from(*b));
    let letters: String = rand::random::<[u8; 8]>()
        .into_iter()
        .filter_map(letter)
        .collect();
    let (first, second) = letters.split_at(4);
    format!("{first}-{second}")
}

/// 256 random bits.
pub(super) fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

fn digest(secret: &str) -> Digest {
    Sha256::digest(secret).into()
}
