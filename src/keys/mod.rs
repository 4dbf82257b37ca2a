//! Key files of members and of the authority.
