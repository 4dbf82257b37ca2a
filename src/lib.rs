//! Amparo: anonymous, end-to-end encrypted reports of the corruption that makes trafficking in persons possible.
//!
//! The rooms, from the leaves to the edges; a room uses only rooms named behind its arrow (`tests/architecture.rs` holds this table):
//!
//! ```text
//! base       -> nothing  Secret, Clock and Day, byte readers, frames, Event, the embedded pages
//! crypto     -> base  the only room that names sodiumoxide
//! words      -> base  languages, word lists
//! receipt    -> crypto words base  words, root, mailbox id
//! directory  -> crypto base  authority, DSSE, UnverifiedDirectory to Directory
//! keys       -> directory crypto base  key files, their passphrase
//! questions  -> directory crypto base  the questionnaire, branching, routing, the priority score
//! envelope   -> directory receipt words crypto base  header, slots, padding, body; report and follow-up
//! caselog    -> directory crypto base  signed, chained, sealed entries; replies; the feed's batches
//! store      -> envelope caselog receipt crypto base  trait Store; shred keys; sled
//! notify     -> base  trait Notifier; letter, SMTP, silent
//! intake     -> store envelope directory receipt crypto base  admit a report, a follow-up, a directory
//! feed       -> store caselog envelope directory crypto base  gate login, batches, case requests
//! mailbox    -> store envelope caselog receipt crypto base  reads of one size, destruction
//! http       -> intake feed mailbox store directory crypto base  the public origin
//! schedule   -> store notify base  fixed hours: batches, letters
//! client     -> envelope caselog receipt directory questions keys words crypto base  what a reporter and a member do
//! desk       -> client caselog envelope directory questions keys words crypto base  the member's program and its screen
//! hardening  -> base  logging; the sandbox later
//! config     -> schedule notify hardening base  settings, raw then checked
//! cli        -> everything  one file a subcommand
//! ```
#![forbid(unsafe_code)]

pub mod base;
pub mod crypto;

pub mod caselog;
pub mod directory;
pub mod envelope;
pub mod keys;
pub mod questions;
pub mod receipt;
pub mod words;

pub mod notify;
pub mod store;

pub mod feed;
pub mod intake;
pub mod mailbox;

pub mod cli;
pub mod client;
pub mod config;
pub mod desk;
pub mod hardening;
pub mod http;
pub mod schedule;
