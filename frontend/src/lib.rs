//! What people look at: pages, charts and islands.

pub mod chart;
pub mod model;
