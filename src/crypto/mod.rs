//! The only room that names sodiumoxide.
