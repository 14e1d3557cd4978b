//! What reacts without asking for a new page. Each wraps markup that works as a plain form.

#[expect(
    unreachable_pub,
    reason = "the island macro makes its function public in its module"
)]
mod filter_bar;
mod filter_control;

pub use filter_bar::FilterBar;
