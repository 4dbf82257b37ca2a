//! Builds the pages into the binary.
fn main() {}
