//! Entries of the case log, epochs, replies (docs/protocol/case.md).
