//! Load tests that hold Weir to its budgets.
//!
//! Everything here looks at Weir from outside, over sockets: the crate knows no other of the
//! workspace. What is fast on one machine is slow on another, so budgets are ratios to something
//! that was measured in the same run.
