//! Eight words, and the keys that come from them (docs/protocol/receipt.md).
