//! Weir over HTTP, without a socket: every promise about a request and its answer, as a sentence.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests"
)]
// A whole server in one future is deep.
#![recursion_limit = "256"]

mod support;

#[path = "http/api_tokens.rs"]
mod api_tokens;
#[path = "http/as_code.rs"]
mod as_code;
#[path = "http/athena.rs"]
mod athena;
#[path = "http/athena_crowd.rs"]
mod athena_crowd;
#[path = "http/athena_quotas.rs"]
mod athena_quotas;
#[path = "http/attacks.rs"]
mod attacks;
#[path = "http/audit.rs"]
mod audit;
#[path = "http/audit_export.rs"]
mod audit_export;
#[path = "http/check.rs"]
mod check;
#[path = "http/client_command.rs"]
mod client_command;
#[path = "http/client_proofs.rs"]
mod client_proofs;
#[path = "http/content.rs"]
mod content;
#[path = "http/cost_command.rs"]
mod cost_command;
#[path = "http/costs.rs"]
mod costs;
#[path = "http/doctor.rs"]
mod doctor;
#[path = "http/drift.rs"]
mod drift;
#[path = "http/embed_clients.rs"]
mod embed_clients;
#[path = "http/engine_failures.rs"]
mod engine_failures;
#[path = "http/exchange.rs"]
mod exchange;
#[path = "http/exports.rs"]
mod exports;
#[path = "http/fleet.rs"]
mod fleet;
#[path = "http/forgeries.rs"]
mod forgeries;
#[path = "http/frames.rs"]
mod frames;
#[path = "http/framing.rs"]
mod framing;
#[path = "http/front.rs"]
mod front;
#[path = "http/front_flood.rs"]
mod front_flood;
#[path = "http/front_slow.rs"]
mod front_slow;
#[path = "http/governance.rs"]
mod governance;
#[path = "http/governors.rs"]
mod governors;
#[path = "http/guards.rs"]
mod guards;
#[path = "http/hidden_columns.rs"]
mod hidden_columns;
#[path = "http/identity.rs"]
mod identity;
#[path = "http/impact.rs"]
mod impact;
#[path = "http/isolation.rs"]
mod isolation;
#[path = "http/keys.rs"]
mod keys;
#[path = "http/kinds.rs"]
mod kinds;
#[path = "http/launches.rs"]
mod launches;
#[path = "http/leaks.rs"]
mod leaks;
#[path = "http/members.rs"]
mod members;
#[path = "http/memory.rs"]
mod memory;
#[path = "http/mints.rs"]
mod mints;
#[path = "http/noninterference.rs"]
mod noninterference;
#[path = "http/outage.rs"]
mod outage;
#[path = "http/overload.rs"]
mod overload;
#[path = "http/parameters.rs"]
mod parameters;
#[path = "http/policy_test.rs"]
mod policy_test;
#[path = "http/portal.rs"]
mod portal;
#[path = "http/prewarm.rs"]
mod prewarm;
#[path = "http/problems.rs"]
mod problems;
#[path = "http/providers.rs"]
mod providers;
#[path = "http/publication.rs"]
mod publication;
#[path = "http/refresh.rs"]
mod refresh;
#[path = "http/revocations.rs"]
mod revocations;
#[path = "http/sdk.rs"]
mod sdk;
#[path = "http/shared_cache.rs"]
mod shared_cache;
#[path = "http/shutdown.rs"]
mod shutdown;
#[path = "http/sign_in_flood.rs"]
mod sign_in_flood;
#[path = "http/telemetry.rs"]
mod telemetry;
#[path = "http/telemetry_rules.rs"]
mod telemetry_rules;
#[path = "http/telemetry_secrets.rs"]
mod telemetry_secrets;
#[path = "http/tokens.rs"]
mod tokens;
#[path = "http/usage.rs"]
mod usage;
#[path = "http/view_as.rs"]
mod view_as;
#[path = "http/vitals.rs"]
mod vitals;
#[path = "http/who.rs"]
mod who;
