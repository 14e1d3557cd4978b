//! The lake: where gold tables are found, checked, inspected, and (for the sample) written.

pub mod seed;
