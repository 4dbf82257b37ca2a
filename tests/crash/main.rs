//! The server is killed (SIGKILL) right after an answer, or at any moment: what it answered 204 to is there after the next start.
//!
//! `AMPARO_LONG=1` runs the full rounds. The rounds, their time and the restarts' are printed with `--nocapture`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

mod acts;
mod at_once;
mod founding;
mod server;
