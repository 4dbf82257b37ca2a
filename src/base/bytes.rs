//! Reading and writing wire formats: big-endian, fixed fields, no panic on short input.

/// The bytes ended before the field did.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes end too early")]
pub struct TooShort;

/// Reads fields from the front of a slice.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Starts at the front.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], TooShort> {
        let (head, tail) = self.0.split_at_checked(n).ok_or(TooShort)?;
        self.0 = tail;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], TooShort> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(TooShort)?;
        self.0 = tail;
        Ok(*head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, TooShort> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A big-endian `u16`.
    pub fn u16(&mut self) -> Result<u16, TooShort> {
        self.array().map(u16::from_be_bytes)
    }

    /// A big-endian `u32`.
    pub fn u32(&mut self) -> Result<u32, TooShort> {
        self.array().map(u32::from_be_bytes)
    }

    /// A big-endian `u64`.
    pub fn u64(&mut self) -> Result<u64, TooShort> {
        self.array().map(u64::from_be_bytes)
    }

    /// What has not been read.
    pub fn rest(self) -> &'a [u8] {
        self.0
    }

    /// True when all is read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Writes fields one behind the other.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Empty, with room for `n` bytes.
    pub fn with_capacity(n: usize) -> Self {
        Self(Vec::with_capacity(n))
    }

    /// Appends bytes.
    pub fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.put(&[value])
    }

    /// Appends a big-endian `u32`.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.put(&value.to_be_bytes())
    }

    /// Appends a big-endian `u64`.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.put(&value.to_be_bytes())
    }

    /// Appends zeros up to a total of `length` bytes; does nothing if there are that many already.
    pub fn pad_to(&mut self, length: usize) -> &mut Self {
        if self.0.len() < length {
            self.0.resize(length, 0);
        }
        self
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_slice_gives_an_error_and_no_panic() {
        let mut reader = Reader::new(&[0, 1, 2]);
        assert_eq!(reader.u16(), Ok(1));
        assert_eq!(reader.u32(), Err(TooShort));
        assert_eq!(reader.rest(), &[2]);
    }
}
