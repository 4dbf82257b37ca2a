//! Secrets, days, byte readers and writers, events: what every room may use.
