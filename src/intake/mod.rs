//! Admitting reports and follow-ups: proof of work and every check before anything is believed.
