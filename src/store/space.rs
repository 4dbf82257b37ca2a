//! Room on the disk: what is stored is refused while there is still enough left to go on.
//!
//! sled cannot go on after a write that found the disk full; so it must not come to that.

use super::StoreError;
use super::shred::io;
use std::path::{Path, PathBuf};

/// Bytes of the disk that only destroying and shredding may use.
pub const RESERVE_BYTES: u64 = 64 << 20;

/// How much a write asks for; the smaller, the longer it is taken when the disk fills up (protocol design §9).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Need {
    /// Makes room, or keeps the service alive: always taken.
    None,
    /// A 16 KiB report or less.
    Small,
    /// 64 KiB.
    Medium,
    /// 256 KiB.
    Large,
    /// A part of an attachment: the first to be refused.
    Attachment,
}

/// Looks at the room left.
pub(super) struct Space {
    folder: PathBuf,
    reserve: u64,
}

impl Space {
    pub(super) fn new(folder: &Path, reserve: u64) -> Self {
        Self { folder: folder.to_owned(), reserve }
    }

    /// Bytes free for this process.
    pub(super) fn free(&self) -> Result<u64, StoreError> {
        fs2::available_space(&self.folder).map_err(|e| io(&e))
    }

    /// Whether a write may be taken while so much is free.
    pub(super) fn admits(&self, need: Need, free: u64) -> bool {
        let reserves = match need {
            Need::None => return true,
            Need::Small => 1,
            Need::Medium => 2,
            Need::Large => 3,
            Need::Attachment => 4,
        };
        free >= self.reserve.saturating_mul(reserves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_a_write_the_sooner_it_is_refused() {
        let space = Space::new(Path::new("/"), 100);
        let taken = |free| [Need::None, Need::Small, Need::Medium, Need::Large, Need::Attachment].map(|need| space.admits(need, free));
        assert_eq!(taken(400), [true; 5]);
        assert_eq!(taken(399), [true, true, true, true, false]);
        assert_eq!(taken(299), [true, true, true, false, false]);
        assert_eq!(taken(199), [true, true, false, false, false]);
        assert_eq!(taken(99), [true, false, false, false, false]);
        assert!(space.free().unwrap() > 0);
    }
}
