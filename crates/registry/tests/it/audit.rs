use std::time::Duration;

use sqlx::AnyConnection;
use weir_policy::{BusinessUnit, RoleName};
use weir_registry::{
    AuditError, AuditEvent, AuditOrder, AuditQuery, AuditRecord, Bind, BudgetAlert, BudgetStep,
    BudgetStepKind, BudgetedScope, ChainStatus, ClientStep, ClientStepKind, DriftStep,
    DriftStepKind, Durability, Exchange, Fact, Fault, KeyStep, KeyStepKind, Launch, LaunchMethod,
    Mint, RegistryError, RegistryOptions, SignIn, SignOut, SignOutCause,
};

use crate::support::{
    Database, World, at, close, data_read, denial, digest, label, page_view, request, run,
};

on_both_databases! {
    a_receipt_names_the_line_of_the_segment,
    recording_nothing_is_an_error,
    every_kind_of_event_is_read_back_as_it_was_recorded,
    the_log_is_read_in_pages,
    an_export_carries_the_hashed_bytes_themselves,
    records_of_many_callers_do_not_mix,
    two_replicas_append_to_one_chain,
    the_schema_refuses_to_change_or_remove_records,
    f75_a_log_whose_tail_is_gone_takes_no_more_records_and_is_not_healthy,
    f75_a_tail_that_goes_missing_while_the_process_runs_stops_it_too,
    closing_leaves_no_segment_behind,
    a_quiet_log_is_moved_by_itself,
    the_strict_setting_records_data_reads_too,
    a_clock_that_goes_backwards_changes_no_order,
    closing_answers_everybody_who_waits,
}

async fn a_receipt_names_the_line_of_the_segment(database: Database) {
    let world = World::new(database).await;
    let audit = world.registry.audit();

    let first = audit.record(page_view(1)).await.unwrap();
    let second = audit.record(vec![denial(2)]).await.unwrap();

    assert_eq!((first.line(), second.line()), (1, 2));
    assert_eq!(first.stream(), second.stream());
    let name = format!("{}.segment", second.stream());
    let segment = std::fs::read_to_string(world.segments().join(name)).unwrap();
    let last = segment.lines().last().unwrap();
    assert!(last.contains(&second.hash().to_string()), "{last}");
    assert_eq!(audit.list(1, 100).await.unwrap().len(), 11);
}

/// Invariant 10: a read without an event would be a read without audit.
async fn recording_nothing_is_an_error(database: Database) {
    let world = World::new(database).await;

    let refused = world.registry.audit().record(Vec::new()).await;

    assert!(matches!(refused, Err(AuditError::NothingToRecord)));
}

/// What happens to tables, and to tokens and keys after they were made.
fn later_facts() -> [Fact; 3] {
    [
        Fact::Drift(DriftStep {
            step: DriftStepKind::Begin,
            dataset: label("gold.statements"),
            column: label("written_premium"),
        }),
        Fact::Bind(Bind {
            subject: digest(1),
            dashboard: label("finance-overview"),
            token_id: label("0192f0c1-7d3e"),
            family: label("0192f0c1-7d3e"),
        }),
        Fact::KeyStep(KeyStep {
            step: KeyStepKind::Retire,
            kid: label("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
            replacement: None,
        }),
    ]
}

/// What budgets leave behind.
fn budget_facts() -> [Fact; 2] {
    [
        Fact::BudgetStep(BudgetStep {
            by: digest(1),
            step: BudgetStepKind::Set,
            scope: BudgetedScope::BusinessUnit(BusinessUnit::parse("auto").unwrap()),
            version: 4,
            bytes: None,
            micro_dollars: Some(2_500_000),
        }),
        Fact::BudgetAlert(BudgetAlert {
            scope: BudgetedScope::Prewarm,
            percent: 80,
            spent_bytes: 8,
            limit_bytes: 10,
        }),
    ]
}

/// One of every kind but reads and refusals.
fn other_facts() -> Vec<Fact> {
    let units = vec![BusinessUnit::parse("Finance & Wealth").unwrap()];
    let mint = Mint {
        client: label("demo-crm"),
        subject: digest(1),
        dashboard: label("finance-overview"),
        origin: label("http://127.0.0.1:8081"),
        token_id: label("0192f0c1-7d3e"),
        business_units: units.clone(),
        rights: vec![label("export_csv")],
        expires_in_seconds: 300,
        exchange: Some(Exchange {
            issuer: label("https://idp.example/realms/insurer"),
            token: label("id_token"),
        }),
    };
    let client_step = ClientStep {
        step: ClientStepKind::AddSecret,
        by: digest(7),
        client: label("demo-crm"),
        version: 12,
        registration: digest(8),
        secret: Some(label("0a1b2c3d4e5f")),
        live_secrets: vec![label("0a1b2c3d4e5f")],
    };
    let launch = Launch {
        subject: digest(1),
        dashboard: label("finance-overview"),
        business_unit: Some(units[0].clone()),
        origin: label("http://127.0.0.1:8081"),
        token_id: label("0192f0c1-7d3e"),
        method: LaunchMethod::Code,
    };
    let roles = vec![RoleName::parse("analyst").unwrap()];
    let sign_in = SignIn {
        subject: digest(3),
        business_units: units,
        roles,
    };
    let sign_out = SignOut {
        subject: digest(3),
        cause: SignOutCause::IdentityProvider,
        sessions: 2,
    };
    vec![
        Fact::Mint(mint),
        Fact::Launch(launch),
        Fact::SignIn(sign_in),
        Fact::SignOut(sign_out),
        Fact::ClientStep(client_step),
    ]
}

async fn every_kind_of_event_is_read_back_as_it_was_recorded(database: Database) {
    let world = World::new(database).await;
    let facts = other_facts().into_iter().chain(later_facts());
    let facts = facts.chain(budget_facts());
    let later = at(0) + Duration::from_micros(1_234_567);
    let mut events: Vec<_> = facts
        .map(|fact| AuditEvent::new(later, request(7), fact))
        .collect();
    events.extend(page_view(8));
    events.push(denial(9));

    world.registry.audit().record(events.clone()).await.unwrap();
    let records = world.registry.audit().list(1, 100).await.unwrap();

    let read: Vec<_> = records
        .iter()
        .map(|record| record.event().clone())
        .collect();
    assert_eq!(read, events);
    assert_eq!(records[0].at(), at(0) + Duration::from_millis(1234));
}

async fn the_log_is_read_in_pages(database: Database) {
    let world = World::new(database).await;
    let audit = world.registry.audit();
    audit.record(page_view(1)).await.unwrap();

    let seqs = async |from, limit| -> Vec<u64> {
        audit
            .list(from, limit)
            .await
            .unwrap()
            .iter()
            .map(weir_registry::AuditRecord::seq)
            .collect()
    };

    assert_eq!(seqs(0, 2).await, [1, 2]);
    assert_eq!(seqs(1, 2).await, [1, 2]);
    assert_eq!(seqs(9, 5).await, [9, 10]);
    assert!(seqs(11, 5).await.is_empty());
    assert!(seqs(u64::MAX, 5).await.is_empty());
}

async fn an_export_carries_the_hashed_bytes_themselves(database: Database) {
    let world = World::new(database).await;
    let audit = world.registry.audit();
    audit.record(page_view(1)).await.unwrap();
    audit.list(1, 1).await.unwrap();
    let mut intruder = world.intruder().await;
    let stored: String = sqlx::query_scalar("SELECT entry FROM audit_records WHERE seq = 3")
        .fetch_one(&mut intruder)
        .await
        .unwrap();

    let lines = audit.export(3, 1).await.unwrap();

    let hash = audit.list(3, 1).await.unwrap()[0].hash();
    assert_eq!(lines, [format!(r#"{{"hash":"{hash}","entry":{stored}}}"#)]);
}

/// Group commit: whoever waits together is written together, and everybody gets their own records.
async fn records_of_many_callers_do_not_mix(database: Database) {
    let world = World::new(database).await;

    let mut callers = tokio::task::JoinSet::new();
    for i in 0..200 {
        let audit = world.registry.audit().clone();
        callers.spawn(async move { (i, audit.record(page_view(i)).await.unwrap()) });
    }

    let mut receipts = callers.join_all().await;

    receipts.sort_by_key(|(_, receipt)| receipt.line());
    let records = world.registry.audit().list(1, 5000).await.unwrap();
    let requests: Vec<_> = records
        .iter()
        .map(|r| r.event().request().clone())
        .collect();
    let expected: Vec<_> = receipts
        .iter()
        .flat_map(|(i, _)| vec![request(*i); 10])
        .collect();
    assert_eq!(requests, expected);
    let status = world.registry.audit().verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records: 2000, .. }),
        "{status:?}"
    );
}

/// Two processes on one file: numbers stay unique, the chain stays one.
async fn two_replicas_append_to_one_chain(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;

    let mut callers = tokio::task::JoinSet::new();
    for i in 0..40 {
        let registry = if i % 2 == 0 {
            &world.registry
        } else {
            &replica
        };
        let audit = registry.audit().clone();
        callers.spawn(async move { audit.record(page_view(i)).await.unwrap() });
    }
    callers.join_all().await;
    // Each of them moves its own.
    world.registry.audit().list(1, 1).await.unwrap();

    let records = replica.audit().list(1, 1000).await.unwrap();
    let mut requests: Vec<_> = records
        .chunks(10)
        .map(|view| {
            let request = view[0].event().request();
            assert!(
                view.iter()
                    .all(|record| record.event().request() == request)
            );
            request.as_str().to_owned()
        })
        .collect();
    requests.sort_unstable();
    requests.dedup();
    assert_eq!(requests.len(), 40);
    let status = replica.audit().verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records: 400, .. }),
        "{status:?}"
    );
}

async fn the_schema_refuses_to_change_or_remove_records(database: Database) {
    let world = World::new(database).await;
    world.registry.audit().record(page_view(1)).await.unwrap();
    world.registry.audit().list(1, 1).await.unwrap();
    let mut intruder = world.intruder().await;
    let checkpoint = world.sql(
        "INSERT INTO audit_checkpoints VALUES (1, zeroblob(32), 0, '', '')",
        "INSERT INTO audit_checkpoints VALUES (1, decode(repeat('00', 32), 'hex'), 0, '', '')",
    );
    run(&mut intruder, checkpoint).await.unwrap();

    for sql in [
        "UPDATE audit_records SET entry = '{}' WHERE seq = 4",
        "UPDATE audit_records SET seq = 99 WHERE seq = 4",
        "DELETE FROM audit_records WHERE seq = 10",
        "DELETE FROM audit_records",
        "INSERT INTO audit_records (seq, at_ms, kind, entry, hash)
         SELECT 12, at_ms, kind, entry, hash FROM audit_records WHERE seq = 1",
        world.sql(
            "INSERT OR REPLACE INTO audit_records (seq, at_ms, kind, entry, hash)
             SELECT 4, at_ms, kind, entry, hash FROM audit_records WHERE seq = 1",
            "INSERT INTO audit_records (seq, at_ms, kind, entry, hash)
             SELECT 4, at_ms, kind, entry, hash FROM audit_records WHERE seq = 1
             ON CONFLICT (seq) DO UPDATE SET entry = excluded.entry",
        ),
        world.sql(
            "REPLACE INTO audit_head VALUES (1, 0, zeroblob(32), 0)",
            "TRUNCATE audit_head",
        ),
        world.sql("DELETE FROM audit_records", "TRUNCATE audit_records"),
        "UPDATE audit_head SET records = 9",
        "DELETE FROM audit_head",
        "UPDATE audit_streams SET moved = 0",
        "DELETE FROM audit_streams",
        "UPDATE audit_checkpoints SET seq = 2",
        "DELETE FROM audit_checkpoints",
        "UPDATE audit_log SET name = ''",
        "DELETE FROM audit_log",
    ] {
        assert!(run(&mut intruder, sql).await.is_err(), "{sql}");
    }
    assert_eq!(world.registry.audit().list(1, 100).await.unwrap().len(), 10);
}

async fn f75_a_log_whose_tail_is_gone_takes_no_more_records_and_is_not_healthy(database: Database) {
    let world = World::new(database).await;
    world.registry.audit().record(page_view(1)).await.unwrap();
    world.registry.close().await.unwrap();
    let mut intruder = world.intruder_past_the_triggers().await;
    run(&mut intruder, "DELETE FROM audit_records WHERE seq > 7")
        .await
        .unwrap();
    close(intruder).await;

    let registry = world.reopened().await;

    let refused = registry.audit().record(page_view(2)).await;
    assert!(
        matches!(refused, Err(AuditError::Damaged(_))),
        "{refused:?}"
    );
    let unwell = registry.health().await.unwrap_err();
    assert!(
        matches!(unwell, RegistryError::Audit(AuditError::Damaged(_))),
        "{unwell:?}"
    );
}

async fn f75_a_tail_that_goes_missing_while_the_process_runs_stops_it_too(database: Database) {
    let world = World::new(database).await;
    world.registry.audit().record(page_view(1)).await.unwrap();
    world.registry.audit().list(1, 1).await.unwrap();
    let mut intruder = world.intruder().await;
    let drop_it = world.sql(
        "DROP TRIGGER audit_records_refuse_delete",
        "DROP TRIGGER audit_records_refuse_delete ON audit_records",
    );
    run(&mut intruder, drop_it).await.unwrap();
    run(&mut intruder, "DELETE FROM audit_records WHERE seq = 10")
        .await
        .unwrap();

    // It is in the segment; nobody looked at the database for it.
    let audit = world.registry.audit();
    audit.record(page_view(2)).await.unwrap();

    let gone = Fault::Truncated {
        seq: 10,
        records: 10,
    };
    assert_eq!(audit.verify().await.unwrap(), ChainStatus::Broken(gone));
    for i in 3..5 {
        let refused = audit.record(page_view(i)).await;
        assert!(
            matches!(refused, Err(AuditError::Damaged(fault)) if fault == gone),
            "{refused:?}"
        );
    }
}

async fn closing_leaves_no_segment_behind(database: Database) {
    let world = World::new(database).await;
    world.registry.audit().record(page_view(1)).await.unwrap();

    world.registry.close().await.unwrap();

    assert_eq!(std::fs::read_dir(world.segments()).unwrap().count(), 0);
    let registry = world.reopened().await;
    assert_eq!(registry.audit().list(1, 100).await.unwrap().len(), 10);
}

/// Nobody has to read the log for its records to reach the database.
async fn a_quiet_log_is_moved_by_itself(database: Database) {
    let world = World::new(database).await;
    let mut intruder = world.intruder().await;

    world.registry.audit().record(page_view(1)).await.unwrap();

    // No end of its own: the test runner's time limit is what a log that never does this meets.
    while moved(&mut intruder).await != 10 {
        tokio::task::yield_now().await;
    }
}

async fn moved(conn: &mut AnyConnection) -> i64 {
    let records = sqlx::query_scalar("SELECT records FROM audit_head");
    records.fetch_one(conn).await.unwrap()
}

async fn the_strict_setting_records_data_reads_too(database: Database) {
    let world = World::with(
        database,
        RegistryOptions {
            data_reads: Durability::Disk,
            ..RegistryOptions::default()
        },
    )
    .await;

    world.registry.audit().record(page_view(1)).await.unwrap();

    let records = world.registry.audit().list(1, 100).await.unwrap();
    assert_eq!(records.len(), 10);
}

/// Numbers and order are those of the records, whatever a clock says.
async fn a_clock_that_goes_backwards_changes_no_order(database: Database) {
    let world = World::new(database).await;
    let audit = world.registry.audit();
    for (i, seconds) in [(1, 100), (2, -100), (3, 0)] {
        let event = AuditEvent::new(at(seconds), request(i), data_read(1));
        audit.record(vec![event]).await.unwrap();
    }

    let records = audit.list(1, 10).await.unwrap();

    let requests: Vec<_> = records
        .iter()
        .map(|r| r.event().request().clone())
        .collect();
    assert_eq!(requests, [request(1), request(2), request(3)]);
    let status = audit.verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records: 3, .. }),
        "{status:?}"
    );
    let early = AuditQuery {
        to: Some(at(1)),
        order: AuditOrder::OldestFirst,
        ..AuditQuery::default()
    };
    let page = audit.search(&early).await.unwrap();
    let seqs: Vec<_> = page.records.iter().map(AuditRecord::seq).collect();
    assert_eq!(seqs, [2, 3]);
}

async fn closing_answers_everybody_who_waits(database: Database) {
    let world = World::new(database).await;
    let waiting: Vec<_> = (0..20)
        .map(|i| {
            let audit = world.registry.audit().clone();
            tokio::spawn(async move { audit.record(page_view(i)).await })
        })
        .collect();
    tokio::task::yield_now().await;

    world.registry.close().await.unwrap();

    let mut acknowledged = 0;
    for answer in waiting {
        match answer.await.unwrap() {
            Ok(_) => acknowledged += 10,
            Err(error) => assert!(matches!(error, AuditError::Closed), "{error:?}"),
        }
    }
    let status = world.reopened().await.audit().verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records, .. } if records == acknowledged),
        "{acknowledged} acknowledged, {status:?}"
    );
}
