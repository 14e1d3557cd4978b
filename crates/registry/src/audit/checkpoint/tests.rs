use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, EncodePublicKey};

use super::*;

fn signer(seed: u8) -> CheckpointSigner {
    let key = SigningKey::from_bytes(&[seed; 32]);
    let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
    CheckpointSigner::from_pem(&pem).unwrap()
}

fn checkpoint() -> Checkpoint {
    let head = Head {
        records: 1000,
        hash: Digest::from([7; 32]),
    };
    let at = DateTime::from_timestamp_millis(1_790_000_000_000).unwrap();
    signer(1).sign(&head, at)
}

#[test]
fn the_written_form_of_a_checkpoint_never_changes() {
    let line = serde_json::to_string(&checkpoint()).unwrap();

    // The signature was made with Python's `cryptography` from the rule in the documentation.
    assert_eq!(line, GOLDEN);
}

const GOLDEN: &str = concat!(
    r#"{"seq":1000,"hash":"0707070707070707070707070707070707070707070707070707070707070707","#,
    r#""at":"2026-09-21T14:13:20.000Z","key":"34750f98bd59fcfc","#,
    r#""signature":"4f3fa30edc70808f7edccca031ae471dcb5056468496d59805962c6b4ae96fee"#,
    r#"00afe90d93eb58ae1b92a7ad80f25aefdf41685e53ce10a31da545f2693a4206"}"#,
);

#[test]
fn only_the_key_that_signed_it_vouches_for_a_checkpoint() {
    let keys = [signer(2).public().clone(), signer(1).public().clone()];

    assert!(checkpoint().is_signed_by(&keys));
    assert!(!checkpoint().is_signed_by(&keys[..1]));
    assert!(!checkpoint().is_signed_by(&[]));
}

#[test]
fn a_checkpoint_with_anything_changed_is_not_signed() {
    let keys = [signer(1).public().clone(), signer(2).public().clone()];
    let real = checkpoint();
    let other = CheckpointSigner::sign(
        &signer(2),
        &Head {
            records: 1000,
            hash: Digest::from([7; 32]),
        },
        real.at,
    );

    for changed in [
        Checkpoint {
            seq: 1001,
            ..real.clone()
        },
        Checkpoint {
            hash: Digest::from([8; 32]),
            ..real.clone()
        },
        Checkpoint {
            at: real.at + chrono::TimeDelta::milliseconds(1),
            ..real.clone()
        },
        Checkpoint {
            key: other.key.clone(),
            ..real.clone()
        },
        Checkpoint {
            signature: other.signature.clone(),
            ..real.clone()
        },
        Checkpoint {
            signature: String::new(),
            ..real.clone()
        },
        Checkpoint {
            signature: "é".repeat(64),
            ..real.clone()
        },
    ] {
        assert!(!changed.is_signed_by(&keys), "{changed:?}");
    }
    assert!(real.is_signed_by(&keys) && other.is_signed_by(&keys));
}

#[test]
fn a_public_key_read_from_pem_is_the_signers() {
    let key = SigningKey::from_bytes(&[1; 32]).verifying_key();
    let pem = key.to_public_key_pem(LineEnding::LF).unwrap();

    let read = CheckpointKey::from_pem(&pem).unwrap();

    assert_eq!(&read, signer(1).public());
    assert_eq!(read.id().len(), 16);
    assert!(checkpoint().is_signed_by(&[read]));
    let cut: String = pem.chars().take(40).collect();
    for text in ["", "not a key", &cut] {
        assert_eq!(
            CheckpointKey::from_pem(text),
            Err(CheckpointError::NotAPublicKey)
        );
        let refused = CheckpointSigner::from_pem(text).map(drop);
        assert_eq!(refused, Err(CheckpointError::NotAPrivateKey));
    }
}

#[test]
fn a_signer_does_not_show_its_key() {
    let shown = format!("{:?}", signer(1));

    assert_eq!(
        shown,
        format!("CheckpointSigner({})", signer(1).public().id())
    );
}

#[test]
fn a_file_of_checkpoints_is_read_up_to_its_last_whole_line() {
    let line = serde_json::to_string(&checkpoint()).unwrap();
    let whole = format!("{line}\n{line}\n");

    assert_eq!(Checkpoint::parse_file(&whole).unwrap().len(), 2);
    for cut in 1..=line.len() {
        let torn: String = whole.chars().take(whole.len() - cut).collect();
        assert_eq!(Checkpoint::parse_file(&torn).unwrap(), [checkpoint()]);
    }
    let damaged = whole.replacen("seq", "sqe", 1);
    assert_eq!(
        Checkpoint::parse_file(&damaged),
        Err(CheckpointError::NotACheckpoint { line: 1 })
    );
}
