//! The Weir gateway: everything between a browser and a governed answer.
//!
//! One embedded dashboard, by file (the long form is in `docs/ARCHITECTURE.md`):
//!
//! 1. [`routes::mint`] gives a registered CRM back end a token for one reader.
//! 2. [`routes::embed`] takes the token from the SDK's form; [`guard`] turns it into a
//!    [`reader::Viewer`], which is proof.
//! 3. [`service::plan`] resolves grants and compiles statements; [`service::query_cache`] answers
//!    them or asks the engine, once.
//! 4. [`service::recorder`] puts what will be shown on record. No audit, no read.
//! 5. [`present`] turns rows into view-models, [`routes::page`] streams them as HTML with the
//!    charts inside.
//!
//! What a caller may be told when something fails is decided in [`problem`] alone, what every
//! response carries in [`layers`], and what exists at all in [`router`]. What operators see of it is
//! recorded in [`telemetry`].

pub mod app;
pub mod assets;
pub mod clock;
pub mod config;
pub mod content;
pub mod demo;
pub mod document;
pub mod front;
pub mod guard;
pub mod layers;
pub mod locale;
pub mod object;
pub mod overload;
pub mod present;
pub mod problem;
pub mod reader;
pub mod router;
pub mod routes;
pub mod serve;
pub mod service;
pub mod sheet;
pub mod state;
pub mod telemetry;
