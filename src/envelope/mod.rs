//! Reports and follow-ups, sealed (docs/protocol/envelope.md).
