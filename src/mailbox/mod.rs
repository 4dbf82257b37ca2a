//! Reads of one fixed size, and destruction.
