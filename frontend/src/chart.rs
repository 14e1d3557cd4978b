//! Charts: geometry first, drawing second.

pub mod scale;
