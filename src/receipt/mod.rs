//! Eight words, and the keys that come from them (docs/protocol/receipt.md).

mod keys;
mod phrase;

pub use keys::{ReporterKeys, mailbox_id};
pub use phrase::{Receipt, ReceiptError, WORDS};
