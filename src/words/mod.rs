//! Word lists and texts.
