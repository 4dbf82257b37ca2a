//! Key files of members and of the authority: JSON, a secretbox under Argon2id of a passphrase.

mod file;
mod member;
mod passphrase;

pub use file::{KeyError, open_authority_key, seal_authority_key};
pub use member::{BOX_PERIODS, MemberKeys, PublicPart};
pub use passphrase::{PASSPHRASE_WORDS, Passphrase, new_passphrase};
