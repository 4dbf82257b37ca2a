//! The properties of docs/protocol/properties.md, each on the running program: a test goes red when its property breaks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr, missing_docs)]

mod by_hand;
mod people;
mod place;
mod relay;
mod search;
mod server;

mod counts;
mod deletion;
mod directory;
mod forgery;
mod holder;
mod indistinguishable;
mod same_for_all;
mod sealed;
mod traces;
