//! Settings: raw, then checked; unknown keys refused.
