//! The geometry of charts: pure functions from numbers to positions.
//!
//! Nothing here draws. Positions are fractions of the plot (0 to 1, or per cent in attributes), so
//! that the same markup is right at every width; drawing is in `view`.

pub mod labels;
pub mod path;
pub mod scale;
