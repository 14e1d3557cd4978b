//! Row A10 against somebody who may write to the database and rewrites the log so that it holds
//! together: signed checkpoints, and their copy outside the database, say so.

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, EncodePublicKey};
use sha2::{Digest as _, Sha256};
use sqlx::AnyConnection;
use weir_registry::{
    AuditError, AuditOptions, ChainStatus, Checkpoint, CheckpointKey, CheckpointSigner, Fault,
    Registry, RegistryOptions, Witness,
};

use crate::support::{Database, World, page_view, run};

on_both_databases! {
    checkpoints_vouch_for_the_log_and_closing_seals_its_end,
    a10_a_tail_cut_together_with_the_head_is_found,
    a10_a_log_written_anew_is_found,
    a10_a_log_written_anew_without_its_checkpoints_is_found_by_their_copy,
    a10_a_checkpoint_nobody_signed_is_found,
    a10_a_database_older_than_the_copy_takes_no_record,
    a_new_key_does_not_disown_the_old_one,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn signer(seed: u8) -> CheckpointSigner {
    CheckpointSigner::from_pem(&key(seed).to_pkcs8_pem(LineEnding::LF).unwrap()).unwrap()
}

fn public(seed: u8) -> CheckpointKey {
    let pem = key(seed).verifying_key().to_public_key_pem(LineEnding::LF);
    CheckpointKey::from_pem(&pem.unwrap()).unwrap()
}

struct Sealed {
    world: World,
    copy: PathBuf,
    _elsewhere: tempfile::TempDir,
}

impl Sealed {
    /// Six page views with a checkpoint after each second of them: at records 20, 40 and 60.
    async fn new(database: Database) -> Self {
        let elsewhere = tempfile::tempdir().unwrap();
        let copy = elsewhere.path().join("checkpoints.jsonl");
        let world = World::with(database, options(1, Some(copy.clone()))).await;
        for i in 0..6 {
            world.registry.audit().record(page_view(i)).await.unwrap();
            world.registry.audit().list(1, 1).await.unwrap();
        }
        Self {
            world,
            copy,
            _elsewhere: elsewhere,
        }
    }

    fn copied(&self) -> Vec<Checkpoint> {
        Checkpoint::parse_file(&std::fs::read_to_string(&self.copy).unwrap()).unwrap()
    }

    async fn status(&self) -> ChainStatus {
        self.world.registry.audit().verify().await.unwrap()
    }
}

fn options(seed: u8, copy: Option<PathBuf>) -> RegistryOptions {
    RegistryOptions {
        audit: AuditOptions {
            signer: Some(signer(seed)),
            checkpoint_every: 20,
            checkpoint_copy: copy,
            ..AuditOptions::default()
        },
        ..RegistryOptions::default()
    }
}

/// Writes records `from` to 60 and the head anew, with everything in them that the chain asks for.
async fn rewrite(intruder: &mut AnyConnection, from: i64) {
    let entries: Vec<(i64, String, Vec<u8>)> =
        sqlx::query_as("SELECT seq, entry, hash FROM audit_records ORDER BY seq")
            .fetch_all(&mut *intruder)
            .await
            .unwrap();
    let mut previous = vec![0; 32];
    for (seq, entry, hash) in entries {
        if seq < from {
            previous = hash;
            continue;
        }
        let entry = entry.replace("\"rows\":12", "\"rows\":11");
        let mut hasher = Sha256::new();
        hasher.update([1]);
        hasher.update(&previous);
        hasher.update(u64::try_from(entry.len()).unwrap().to_be_bytes());
        hasher.update(&entry);
        previous = hasher.finalize().to_vec();
        sqlx::query("UPDATE audit_records SET entry = $1, hash = $2 WHERE seq = $3")
            .bind(entry)
            .bind(previous.clone())
            .bind(seq)
            .execute(&mut *intruder)
            .await
            .unwrap();
    }
    sqlx::query("UPDATE audit_head SET hash = $1")
        .bind(previous)
        .execute(intruder)
        .await
        .unwrap();
}

async fn checkpoints_vouch_for_the_log_and_closing_seals_its_end(database: Database) {
    let sealed = Sealed::new(database).await;
    let audit = sealed.world.registry.audit();
    audit.record(page_view(7)).await.unwrap();
    let witness = Witness {
        keys: vec![public(1)],
        checkpoints: sealed.copied(),
    };

    let found = audit.verify_with(&witness).await.unwrap();

    assert!(
        matches!(found.status, ChainStatus::Intact { records: 70, .. }),
        "{found:?}"
    );
    assert_eq!((found.checkpoints, found.sealed), (3, 60));
    let copied = sealed.copied();
    let seqs: Vec<_> = copied.iter().map(Checkpoint::seq).collect();
    assert_eq!(seqs, [20, 40, 60]);

    sealed.world.registry.close().await.unwrap();
    let registry = sealed.world.reopened().await;
    let found = registry.audit().verify_with(&witness).await.unwrap();
    assert_eq!((found.checkpoints, found.sealed), (4, 70));
    assert_eq!(sealed.copied().last().unwrap().seq(), 70);
}

async fn a10_a_tail_cut_together_with_the_head_is_found(database: Database) {
    let sealed = Sealed::new(database).await;
    let mut intruder = sealed.world.intruder_past_the_triggers().await;

    run(
        &mut intruder,
        "UPDATE audit_head
         SET records = 33, hash = (SELECT hash FROM audit_records WHERE seq = 33);
         DELETE FROM audit_records WHERE seq > 33",
    )
    .await
    .unwrap();

    let gone = Fault::Truncated {
        seq: 34,
        records: 60,
    };
    assert_eq!(sealed.status().await, ChainStatus::Broken(gone));
}

async fn a10_a_log_written_anew_is_found(database: Database) {
    let sealed = Sealed::new(database).await;
    let mut intruder = sealed.world.intruder_past_the_triggers().await;

    rewrite(&mut intruder, 33).await;

    let anew = Fault::Rewritten { from: 21, to: 40 };
    assert_eq!(sealed.status().await, ChainStatus::Broken(anew));
    // Even somebody who has no key sees that records and checkpoints do not fit.
    let found = sealed
        .world
        .registry
        .audit()
        .verify_with(&Witness::default())
        .await
        .unwrap();
    assert_eq!(found.status, ChainStatus::Broken(anew));
    // Nor does the process that saw it otherwise go on.
    let audit = sealed.world.registry.audit();
    audit.record(page_view(9)).await.unwrap();
    audit.list(1, 1).await.unwrap();
    let refused = audit.record(page_view(10)).await;
    assert!(
        matches!(refused, Err(AuditError::Damaged(_))),
        "{refused:?}"
    );
}

async fn a10_a_log_written_anew_without_its_checkpoints_is_found_by_their_copy(database: Database) {
    let sealed = Sealed::new(database).await;
    let mut intruder = sealed.world.intruder_past_the_triggers().await;

    rewrite(&mut intruder, 1).await;
    run(&mut intruder, "DELETE FROM audit_checkpoints")
        .await
        .unwrap();

    let anew = Fault::Rewritten { from: 1, to: 20 };
    assert_eq!(sealed.status().await, ChainStatus::Broken(anew));
    // The honest limit: without the copy nothing contradicts it, and nothing vouches for it.
    let witness = Witness {
        keys: vec![public(1)],
        checkpoints: Vec::new(),
    };
    let found = sealed
        .world
        .registry
        .audit()
        .verify_with(&witness)
        .await
        .unwrap();
    assert!(matches!(found.status, ChainStatus::Intact { .. }));
    assert_eq!((found.checkpoints, found.sealed), (0, 0));
}

async fn a10_a_checkpoint_nobody_signed_is_found(database: Database) {
    let sealed = Sealed::new(database).await;
    let mut intruder = sealed.world.intruder_past_the_triggers().await;

    for (sql, seq) in [
        (
            "UPDATE audit_checkpoints SET key_id = 'x' WHERE seq = 40",
            40,
        ),
        (
            "UPDATE audit_checkpoints SET signature = replace(signature, '0', '1') WHERE seq = 20",
            20,
        ),
        ("UPDATE audit_checkpoints SET seq = 0 WHERE seq = 20", 0),
    ] {
        run(&mut intruder, sql).await.unwrap();

        let unsigned = Fault::Unsigned { seq };
        assert_eq!(
            sealed.status().await,
            ChainStatus::Broken(unsigned),
            "{sql}"
        );
    }
}

/// Row P27: a backup that is older than what was sealed is not silently written on.
async fn a10_a_database_older_than_the_copy_takes_no_record(database: Database) {
    let sealed = Sealed::new(database).await;
    sealed.world.registry.close().await.unwrap();
    let mut intruder = sealed.world.intruder_past_the_triggers().await;
    run(
        &mut intruder,
        "UPDATE audit_head
         SET records = 33, hash = (SELECT hash FROM audit_records WHERE seq = 33);
         DELETE FROM audit_records WHERE seq > 33;
         DELETE FROM audit_checkpoints WHERE seq > 33",
    )
    .await
    .unwrap();
    crate::support::close(intruder).await;

    let registry = sealed
        .world
        .reopened_with(options(1, Some(sealed.copy.clone())))
        .await;

    let refused = registry.audit().record(page_view(9)).await;
    assert!(
        matches!(refused, Err(AuditError::Damaged(Fault::Truncated { .. }))),
        "{refused:?}"
    );
    let gone = Fault::Truncated {
        seq: 34,
        records: 60,
    };
    let status = registry.audit().verify().await.unwrap();
    assert_eq!(status, ChainStatus::Broken(gone));
}

async fn a_new_key_does_not_disown_the_old_one(database: Database) {
    let sealed = Sealed::new(database).await;
    sealed.world.registry.close().await.unwrap();
    let reopen = async |trusted: Vec<CheckpointKey>| -> Registry {
        let mut options = options(2, Some(sealed.copy.clone()));
        options.audit.trusted = trusted;
        sealed.world.reopened_with(options).await
    };

    let registry = reopen(vec![public(1)]).await;
    registry.audit().record(page_view(9)).await.unwrap();
    registry.close().await.unwrap();

    let registry = reopen(vec![public(1)]).await;
    let status = registry.audit().verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records: 70, .. }),
        "{status:?}"
    );
    let keys: Vec<_> = sealed.copied().iter().map(|c| c.key().to_owned()).collect();
    assert_eq!(keys[0], public(1).id());
    assert_eq!(keys[3], public(2).id());
    registry.close().await.unwrap();

    let registry = reopen(Vec::new()).await;
    let status = registry.audit().verify().await.unwrap();
    assert_eq!(status, ChainStatus::Broken(Fault::Unsigned { seq: 20 }));
}
