use chrono::TimeDelta;
use weir_policy::BusinessUnit;
use weir_registry::{
    AuditEvent, DataRead, Fact, Launch, LaunchMethod, Lens, PEOPLE_KEPT, ReadOutcome, Source,
    UsageLine, UsageReport,
};

use crate::support::{Database, World, at, data_read, digest, label, request};

on_both_databases! {
    reads_and_launches_are_summed_up_by_hour_tile_and_unit,
    every_record_is_counted_once_whoever_moves_it,
    a_look_through_somebody_elses_eyes_is_not_counted,
    people_are_forgotten_after_a_month_and_their_sums_are_not,
}

/// Where an hour begins on the test's clock.
const HOUR: i64 = 2_800;

fn unit(name: &str) -> BusinessUnit {
    BusinessUnit::parse(name).unwrap()
}

fn read(change: impl FnOnce(&mut DataRead)) -> Fact {
    let Fact::DataRead(mut read) = data_read(0) else {
        panic!("data_read makes data reads");
    };
    read.tile = label("premium");
    read.business_unit = Some(unit("auto"));
    change(&mut read);
    Fact::DataRead(read)
}

async fn record(world: &World, seconds: i64, facts: Vec<Fact>) {
    let event = |fact| AuditEvent::new(at(HOUR + seconds), request(1), fact);
    let events = facts.into_iter().map(event).collect();
    world.registry.audit().record(events).await.unwrap();
}

/// Asking for a record is what makes the log move all it has.
async fn report(world: &World, from: i64, to: i64) -> UsageReport {
    world.registry.audit().list(1, 1).await.unwrap();
    let usage = world.registry.usage();
    usage.between(at(HOUR + from), at(HOUR + to)).await.unwrap()
}

fn premium(business_unit: Option<BusinessUnit>) -> UsageLine {
    UsageLine {
        dashboard: label("finance-overview"),
        tile: Some(label("premium")),
        business_unit,
        opens: 0,
        reads: 1,
        from_engine: 0,
        failed: 0,
        rows: 12,
        bytes: 0,
    }
}

async fn reads_and_launches_are_summed_up_by_hour_tile_and_unit(database: Database) {
    let world = World::new(database).await;
    let launch = Fact::Launch(Launch {
        subject: digest(1),
        dashboard: label("finance-overview"),
        business_unit: Some(unit("auto")),
        origin: label("https://crm.example"),
        token_id: label("t-1"),
        method: LaunchMethod::Form,
    });
    let engine = read(|read| {
        read.source = Source::Engine;
        read.bytes = 4096;
        read.subject = digest(2);
    });
    let failed = read(|read| {
        read.source = Source::Engine;
        read.outcome = ReadOutcome::Failed;
        read.rows = 0;
    });
    let of_several = read(|read| read.business_unit = None);
    record(&world, 10, vec![launch, read(|_| {}), engine, failed]).await;
    record(&world, 3599, vec![of_several]).await;
    record(&world, 3600, vec![read(|_| {})]).await;

    let first_hour = report(&world, 1800, 3600).await;

    let launched = UsageLine {
        tile: None,
        opens: 1,
        reads: 0,
        rows: 0,
        ..premium(Some(unit("auto")))
    };
    let of_auto = UsageLine {
        reads: 3,
        from_engine: 2,
        failed: 1,
        rows: 24,
        bytes: 4096,
        ..premium(Some(unit("auto")))
    };
    assert_eq!(first_hour.lines, [launched, premium(None), of_auto]);
    let people = |lines: &[weir_registry::PeopleLine]| -> Vec<u64> {
        lines.iter().map(|line| line.people).collect()
    };
    assert_eq!(people(&first_hour.people), [1, 2]);
    assert_eq!(people(&first_hour.everybody), [2]);
    let second_hour = report(&world, 3600, 7200).await;
    assert_eq!(second_hour.lines, [premium(Some(unit("auto")))]);
    let never = report(&world, 7200, 10_800).await;
    assert_eq!(never, UsageReport::default());
}

async fn every_record_is_counted_once_whoever_moves_it(database: Database) {
    let world = World::new(database).await;
    for round in 0..20 {
        record(&world, round, vec![read(|_| {}), read(|_| {})]).await;
    }
    let world = world.restarted().await;
    record(&world, 30, vec![read(|_| {})]).await;

    let lines = report(&world, 0, 3600).await.lines;

    assert_eq!(lines.iter().map(|line| line.reads).sum::<u64>(), 41);
}

async fn a_look_through_somebody_elses_eyes_is_not_counted(database: Database) {
    let world = World::new(database).await;
    let preview = read(|read| {
        read.view_as = Some(Lens {
            preview: digest(8),
            eyes: digest(9),
            draft: None,
            version: None,
        });
    });
    record(&world, 10, vec![preview]).await;

    assert_eq!(report(&world, 0, 3600).await, UsageReport::default());
}

async fn people_are_forgotten_after_a_month_and_their_sums_are_not(database: Database) {
    let world = World::new(database).await;
    record(&world, 10, vec![read(|_| {})]).await;
    let before = report(&world, 0, 3600).await;
    let month_later = at(HOUR + 3600) + PEOPLE_KEPT;

    assert_eq!(
        world.registry.purge(at(HOUR + 3600)).await.unwrap().usage,
        0
    );
    assert_eq!(world.registry.purge(month_later).await.unwrap().usage, 1);

    let after = report(&world, 0, 3600).await;
    assert_eq!(after.lines, before.lines);
    assert_eq!((before.people.len(), after.people.len()), (1, 0));
    let years_later = at(HOUR + 3600) + TimeDelta::days(800);
    assert_eq!(world.registry.purge(years_later).await.unwrap().usage, 1);
}
