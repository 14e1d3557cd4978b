//! An export as a file that other programs open: comma-separated text.
//!
//! What is in a cell is data, never a formula: a text that a spreadsheet would run gets an
//! apostrophe before it (CSV injection, OWASP; ASVS 5.0 §1.2.10).

mod csv;

pub use self::csv::{head, lines};
