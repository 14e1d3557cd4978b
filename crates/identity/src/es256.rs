//! ES256 signatures checked (RFC 7518 §3.4). Each request of a frame brings one, so this is done by the
//! fastest code at hand; keys are made and read, and tokens signed, by the `p256` crate.

use p256::EncodedPoint;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// Whether `signature`, 64 bytes of r and s, is that of `message` by the key at `point`.
pub(crate) fn verifies(point: &EncodedPoint, message: &[u8], signature: &[u8]) -> bool {
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_bytes());
    key.verify(message, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::{Signer as _, Verifier as _};
    use p256::ecdsa::{Signature, SigningKey};

    use super::*;

    /// The order of the curve's group, n (SEC 2 §2.4.2).
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    fn both(key: &SigningKey, message: &[u8], signature: &[u8]) -> [bool; 2] {
        let point = key.verifying_key().to_encoded_point(false);
        let other = Signature::from_slice(signature)
            .is_ok_and(|signature| key.verifying_key().verify(message, &signature).is_ok());
        [verifies(&point, message, signature), other]
    }

    #[test]
    fn two_implementations_accept_the_same_signatures() {
        let keys: Vec<_> = (1..=8_u8)
            .map(|seed| SigningKey::from_slice(&[seed; 32]).unwrap())
            .collect();
        for (number, key) in keys.iter().enumerate() {
            let message = format!("message {number}");
            let signature: Signature = key.sign(message.as_bytes());
            let good = signature.to_bytes().to_vec();
            assert_eq!(both(key, message.as_bytes(), &good), [true, true]);
            assert_eq!(both(key, b"another message", &good), [false, false]);
            for other in keys.iter().filter(|other| *other != key) {
                assert_eq!(both(other, message.as_bytes(), &good), [false, false]);
            }
            for bit in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(
                    both(key, message.as_bytes(), &bad),
                    [false, false],
                    "bit {bit}"
                );
            }
        }
    }

    #[test]
    fn a_signature_of_another_length_or_out_of_range_is_none() {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let signature: Signature = key.sign(b"message");
        let good = signature.to_bytes().to_vec();
        let (r, s) = good.split_at(32);
        let (zero, order) = (&[0_u8; 32][..], &ORDER[..]);
        for bad in [
            Vec::new(),
            good[..63].to_vec(),
            [&good[..], &[0]].concat(),
            [r, zero].concat(),
            [zero, s].concat(),
            [r, order].concat(),
            [order, s].concat(),
            [zero, zero].concat(),
            [&[0xff; 32][..], s].concat(),
        ] {
            assert_eq!(both(&key, b"message", &bad), [false, false], "{bad:?}");
        }
    }
}
