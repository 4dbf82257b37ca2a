//! A member's desk before a server that lies: what it must notice, and what it must not do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod attachments;
mod feed;
mod lies;
mod log;
mod race;
mod server;
mod typed;
mod warned;
mod world;
