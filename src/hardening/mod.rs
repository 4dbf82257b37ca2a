//! Logging and, later, the sandbox.
