//! A secret is a type: it is not shown, not copied, not serialised, and is overwritten when dropped.

use zeroize::Zeroize;

/// `N` secret bytes on the heap, overwritten with zeros on drop. Opened by one loud word, [`Secret::expose`].
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Takes the bytes. The caller's own copy, if any, is the caller's to erase.
    pub fn new(bytes: [u8; N]) -> Self {
        Self(Box::new(bytes))
    }

    /// Takes the bytes of a slice and says whether the length was right. The slice stays as it is.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut secret = Self::new([0; N]);
        if bytes.len() != N {
            return None;
        }
        secret.0.copy_from_slice(bytes);
        Some(secret)
    }

    /// The bytes themselves.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// A second holder of the same secret, said out loud.
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_of_another_length_is_no_secret() {
        assert!(Secret::<4>::from_slice(&[1, 2, 3]).is_none());
        assert_eq!(Secret::<3>::from_slice(&[1, 2, 3]).unwrap().expose(), &[1, 2, 3]);
    }
}
