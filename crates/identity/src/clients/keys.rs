//! Public keys that a client signs its assertions with (RFC 7517).

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

use crate::document::{Fault, Node};
use crate::jws;

/// More keys than anybody rotates through.
const MAX_KEYS: usize = 8;

/// Longest key id accepted.
const MAX_KID: usize = 128;

/// NIST SP 800-131A: shorter moduli are not enough. Longer ones cost more than a check should.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// Members that only a private key has.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// One public key: its id, and the one kind of signature it is for.
#[derive(Clone)]
pub struct ClientKey {
    kid: String,
    algorithm: Algorithm,
    decoding: DecodingKey,
    jwk: Value,
}

impl ClientKey {
    /// The id that an assertion names.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm the key is for: `ES256`, `EdDSA` or `RS256`.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self.algorithm {
            Algorithm::ES256 => "ES256",
            Algorithm::EdDSA => "EdDSA",
            _ => "RS256",
        }
    }

    /// The key as it was registered.
    #[must_use]
    pub fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// Whether this key made the signature.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        crypto::verify(signature, message, &self.decoding, self.algorithm).unwrap_or(false)
    }

    fn read(node: &Node<'_>) -> Result<Self, Fault> {
        let members = node.entries()?;
        if PRIVATE.iter().any(|name| members.optional(name).is_some()) {
            return Err(node.fault("the public half of a key; this one is private, replace it"));
        }
        let kind = members.required("kty")?;
        let (known, algorithm): (&[&'static str], _) = match kind.text()? {
            "EC" => (
                &["kty", "kid", "alg", "use", "crv", "x", "y"],
                Algorithm::ES256,
            ),
            "OKP" => (&["kty", "kid", "alg", "use", "crv", "x"], Algorithm::EdDSA),
            "RSA" => (&["kty", "kid", "alg", "use", "n", "e"], Algorithm::RS256),
            _ => return Err(kind.fault("`EC` (P-256), `OKP` (Ed25519) or `RSA`")),
        };
        let members = node.fields(known)?;
        let word = |name: &'static str| members.required(name)?.text();
        let decoding = match algorithm {
            Algorithm::ES256 => ec(node, word("crv")?, word("x")?, word("y")?)?,
            Algorithm::EdDSA => ed(node, word("crv")?, word("x")?)?,
            _ => rsa(node, word("n")?, word("e")?)?,
        };
        let key = Self {
            kid: kid(&members.required("kid")?)?,
            algorithm,
            decoding,
            jwk: Value::Object(copy(&members)),
        };
        for (name, expected) in [("alg", key.algorithm()), ("use", "sig")] {
            if let Some(member) = members.optional(name)
                && member.text()? != expected
            {
                return Err(member.fault(format!("`{expected}`")));
            }
        }
        Ok(key)
    }
}

/// The keys of a JSON Web Key Set, each under an id of its own.
pub(super) fn read_set(node: &Node<'_>) -> Result<Vec<ClientKey>, Fault> {
    let list = node.fields(&["keys"])?.required("keys")?;
    let keys: Vec<ClientKey> = list.each(|key| ClientKey::read(&key))?;
    let mut ids: Vec<&str> = keys.iter().map(ClientKey::kid).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() < keys.len() {
        return Err(list.fault("keys of which no two have the same `kid`"));
    }
    if keys.len() > MAX_KEYS {
        return Err(list.fault(format!("at most {MAX_KEYS} keys")));
    }
    Ok(keys)
}

fn kid(node: &Node<'_>) -> Result<String, Fault> {
    let kid = node.text()?;
    let usable = (1..=MAX_KID).contains(&kid.len()) && kid.bytes().all(|b| b.is_ascii_graphic());
    if usable {
        Ok(kid.to_owned())
    } else {
        Err(node.fault(format!("1 to {MAX_KID} visible ASCII characters")))
    }
}

fn copy(members: &crate::document::Fields<'_>) -> Map<String, Value> {
    let texts = members.iter().filter_map(|(name, node)| {
        let text = node.text().ok()?;
        Some((name.to_owned(), Value::from(text)))
    });
    texts.collect()
}

fn ec(node: &Node<'_>, curve: &str, x: &str, y: &str) -> Result<DecodingKey, Fault> {
    let expected = || node.fault("a point of the curve `P-256`, `x` and `y` in base64url");
    let coordinate = |text| jws::decode(text).ok().filter(|bytes| bytes.len() == 32);
    let (Some(px), Some(py)) = (coordinate(x), coordinate(y)) else {
        return Err(expected());
    };
    let point = [&[4_u8][..], &px, &py].concat();
    let on_curve = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).is_ok();
    if curve != "P-256" || !on_curve {
        return Err(expected());
    }
    DecodingKey::from_ec_components(x, y).map_err(|_| expected())
}

fn ed(node: &Node<'_>, curve: &str, x: &str) -> Result<DecodingKey, Fault> {
    let expected = || node.fault("a key of the curve `Ed25519`, `x` in base64url");
    let bytes = jws::decode(x)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let key = bytes.and_then(|bytes| ed25519_dalek::VerifyingKey::from_bytes(&bytes).ok());
    // A key of small order verifies signatures that nobody made.
    if curve != "Ed25519" || key.is_none_or(|key| key.is_weak()) {
        return Err(expected());
    }
    DecodingKey::from_ed_components(x).map_err(|_| expected())
}

fn rsa(node: &Node<'_>, n: &str, e: &str) -> Result<DecodingKey, Fault> {
    let expected = || {
        let (least, most) = (RSA_BITS.start(), RSA_BITS.end());
        node.fault(format!(
            "an RSA key of {least} to {most} bits with the exponent 65537 (`AQAB`)"
        ))
    };
    let modulus = jws::decode(n).map_err(|_| expected())?;
    let first = modulus.first().copied().unwrap_or_default();
    let bits = modulus.len() * 8 - first.leading_zeros() as usize;
    let is_odd = modulus.last().is_some_and(|last| last & 1 == 1);
    if first == 0 || !is_odd || !RSA_BITS.contains(&bits) || e != "AQAB" {
        return Err(expected());
    }
    DecodingKey::from_rsa_components(n, e).map_err(|_| expected())
}

impl PartialEq for ClientKey {
    fn eq(&self, other: &Self) -> bool {
        self.jwk == other.jwk
    }
}

impl Eq for ClientKey {}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}
