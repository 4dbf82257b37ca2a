//! Authority, DSSE, the directory and its gate key (docs/protocol/directory.md).
