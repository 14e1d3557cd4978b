//! Every metric there is, on one page. What it means for an operator is in `docs/observability.md`;
//! a test compares the two.

use super::known::Known;
use super::metric::{Count, Level, Maker, Times};

/// Requests: from half a millisecond to half a minute.
const FAST: &[f64] = &[
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];

/// What takes microseconds.
const TINY: &[f64] = &[
    0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.005, 0.025, 0.1, 1.0,
];

/// Runs of an engine: from ten milliseconds to two minutes.
const SLOW: &[f64] = &[
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0,
];

/// How many units, dashboards, datasets and budgets have series of their own.
const NAMES: usize = 64;

macro_rules! metrics {
    ($($field:ident: $kind:ty = $make:ident $name:literal [$($label:literal),*] $($buckets:ident)?
        $help:literal;)+) => {
        /// All metrics.
        #[derive(Debug)]
        pub struct Metrics {
            $(#[doc = $help] pub $field: $kind,)+
            /// Dashboards that exist.
            pub dashboards: Known,
            /// Business units that exist.
            pub units: Known,
            /// Datasets that exist.
            pub datasets: Known,
            /// Budgets that exist.
            pub scopes: Known,
        }

        impl Metrics {
            /// The name of each, as Prometheus has it but for the `_total` of counters.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];

            pub(super) fn new(make: &mut Maker<'_>) -> Self {
                Self {
                    $($field: make.$make($name, $help, [$($label),*] $(, $buckets)?),)+
                    dashboards: Known::at_most(NAMES),
                    units: Known::at_most(NAMES),
                    datasets: Known::at_most(NAMES),
                    scopes: Known::at_most(NAMES),
                }
            }
        }
    };
}

metrics! {
    requests: Count<3> = count "weir_http_requests" ["method", "route", "status"]
        "Requests, by method, route and class of status.";
    request_time: Times<1> = times "weir_http_request_duration_seconds" ["kind"] FAST
        "From a request's head to the head of its answer, by kind of route.";
    problems: Count<1> = count "weir_problems" ["problem"]
        "Refusals and failures, by problem.";
    panics: Count<0> = count "weir_panics" []
        "Panics anywhere in the process.";
    opens: Count<2> = count "weir_dashboard_opens" ["dashboard", "realm"]
        "Dashboards that were opened, by dashboard and realm.";
    fetches: Count<1> = count "weir_tile_fetches" ["source"]
        "Answers for tiles, by source: hit, stale, miss, joined; refused and failed are none.";
    withheld: Count<0> = count "weir_tiles_withheld" []
        "Tiles that policy kept.";
    plan_time: Times<0> = times "weir_plan_duration_seconds" [] TINY
        "Planning one page: policies, questions, statements.";
    render_time: Times<0> = times "weir_render_duration_seconds" [] TINY
        "Rendering the first bytes of one page.";
    runs: Count<2> = count "weir_engine_runs" ["engine", "outcome"]
        "Runs of statements, by engine and outcome.";
    run_time: Times<1> = times "weir_engine_run_duration_seconds" ["engine"] SLOW
        "From a run's start to its last row, by engine.";
    queue_time: Times<1> = times "weir_engine_queue_duration_seconds" ["queue"] SLOW
        "Waiting for a turn, in Weir's own queue and in the engine's.";
    failures: Count<1> = count "weir_engine_failures" ["code"]
        "Questions without an answer, by code.";
    throttled: Count<0> = count "weir_engine_throttled" []
        "Times that AWS said that calls come too fast.";
    scanned: Count<1> = count "weir_scanned_bytes" ["unit"]
        "Bytes that were scanned, by business unit.";
    billed: Count<1> = count "weir_billed_bytes" ["unit"]
        "Bytes that are paid for, by business unit.";
    audit_time: Times<0> = times "weir_audit_record_duration_seconds" [] TINY
        "Putting on record what one page or tile shows.";
    audit_failures: Count<0> = count "weir_audit_failures" []
        "Pages and tiles that could not be put on record, and were not shown.";
    audit_waiting: Level<0> = level "weir_audit_waiting_bytes" []
        "Records that wait for the database, in bytes.";
    ready: Level<1> = level "weir_ready" ["state"]
        "1 for the state that holds, 0 for the others: ready, degraded, unavailable.";
    revision: Level<0> = level "weir_policy_revision" []
        "The number of the revision in force.";
    revision_age: Level<0> = level "weir_policy_revision_age_seconds" []
        "Since when that revision is seen in force here.";
    closed: Level<0> = level "weir_policy_closed" []
        "1 while the newest revision can't be put in force, and nothing is shown.";
    look_age: Level<0> = level "weir_revocation_look_age_seconds" []
        "Since when revocations and lockdowns were not looked at.";
    snapshot_age: Level<1> = level "weir_snapshot_age_seconds" ["dataset"]
        "How old the snapshots are that answers are computed on, by dataset.";
    cache_entries: Level<0> = level "weir_cache_entries" []
        "Answers in the cache.";
    cache_bytes: Level<0> = level "weir_cache_bytes" []
        "Bytes of the answers in the cache.";
    admission_limit: Level<0> = level "weir_admission_limit" []
        "How many requests may be worked on at the moment.";
    admission_working: Level<0> = level "weir_admission_working" []
        "How many requests are worked on.";
    admission_waiting: Level<1> = level "weir_admission_waiting" ["class"]
        "Requests that wait for their turn, by class.";
    admitted: Count<1> = count "weir_admission_admitted" ["class"]
        "Requests that got a turn, by class.";
    shed: Count<1> = count "weir_admission_refused" ["class"]
        "Requests that were refused because they would have been answered too late, by class.";
    connections: Level<0> = level "weir_connections_open" []
        "Connections that are open.";
    accepted: Count<0> = count "weir_connections_accepted" []
        "Connections that were accepted.";
    unaccepted: Count<0> = count "weir_connections_failed" []
        "Times that no connection could be accepted.";
    malformed: Count<0> = count "weir_requests_malformed" []
        "Requests that were refused before any route saw them.";
    shared: Count<1> = count "weir_shared_cache_answers" ["outcome"]
        "What the cache that replicas share was good for, by outcome.";
    shared_failures: Count<0> = count "weir_shared_cache_failures" []
        "Calls to the cache that replicas share that failed or were late.";
    shared_configured: Level<0> = level "weir_shared_cache_configured" []
        "1 where replicas are to share a cache.";
    shared_connected: Level<0> = level "weir_shared_cache_connected" []
        "1 while the cache that replicas share is used.";
    page_parts: Count<1> = count "weir_page_parts" ["source"]
        "Parts of pages, by source: kept, or drawn.";
    vitals: Count<1> = count "weir_vitals_reports" ["outcome"]
        "Reports of frames about their speed, by outcome.";
    vital_pages: Count<2> = count "weir_vitals_pages" ["dashboard", "unit"]
        "Pages that reported their largest paint, by dashboard and unit.";
    slow_pages: Count<2> = count "weir_vitals_slow_pages" ["dashboard", "unit"]
        "Those of them that painted later than promised.";
    page_errors: Count<2> = count "weir_vitals_script_errors" ["dashboard", "unit"]
        "Errors of scripts that pages reported.";
    vital_lcp: Level<2> = level "weir_vitals_lcp_p75_seconds" ["dashboard", "unit"]
        "Three of four reported pages had painted their largest part by then, since the start.";
    vital_promise: Level<0> = level "weir_vitals_promise_ratio" []
        "For which part of the pages the largest paint is promised in time.";
    budgets: Level<1> = level "weir_budget_used_ratio" ["budget"]
        "The part of each budget that was used today; 1 is all of it.";
    resident: Level<0> = level "weir_process_resident_memory_bytes" []
        "Memory of the process that is resident.";
    files: Level<0> = level "weir_process_open_fds" []
        "File handles that are open.";
    most_files: Level<0> = level "weir_process_max_fds" []
        "File handles that may be open.";
    threads: Level<0> = level "weir_process_threads" []
        "Threads of the process.";
    uptime: Level<0> = level "weir_process_uptime_seconds" []
        "Since when the process serves.";
    build: Level<1> = level "weir_build_info" ["version"]
        "The program that runs: always 1.";
}
