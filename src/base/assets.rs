//! The pages that `build.rs` embedded.

/// A file of the pages.
pub struct Asset {
    /// Below the bundler's output: `report/index.html`.
    pub path: &'static str,
    /// As it is.
    pub bytes: &'static [u8],
    /// Compressed by brotli, if that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// Compressed by gzip, for those who ask for nothing better.
    pub gzip: Option<&'static [u8]>,
    /// `Content-Type`.
    pub media_type: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file of a path.
pub fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}
