//! What reacts without asking for a new page. Each wraps markup that works as a plain form.

mod filter_bar;
mod filter_control;

pub use filter_bar::FilterBar;
