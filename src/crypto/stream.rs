//! Secret streams of many messages: parts of attachments, content files.

use super::ready;
use crate::base::Secret;
use sodiumoxide::crypto::secretstream::{Header, Key, Pull, Push, Stream, Tag};

/// What stands before the first message of a stream.
pub const STREAM_HEADER_BYTES: usize = 24;

/// Seals message after message; the last has the tag FINAL.
pub struct StreamPush {
    stream: Stream<Push>,
    sealed: Vec<u8>,
}

impl StreamPush {
    /// Starts a stream; gives its header.
    pub fn start(key: &Secret<32>) -> (Self, [u8; STREAM_HEADER_BYTES]) {
        ready();
        #[expect(clippy::expect_used, reason = "init_push only fills a state and draws a header; it has no failing path")]
        let (stream, header) = Stream::init_push(&Key(*key.expose())).expect("a stream can be started");
        (Self { stream, sealed: Vec::new() }, header.0)
    }

    /// Seals a message behind what `out` holds: 17 bytes longer than it was. Nothing can follow the last.
    pub fn push(&mut self, associated: &[u8], plain: &[u8], is_last: bool, out: &mut Vec<u8>) {
        let tag = if is_last { Tag::Final } else { Tag::Message };
        let sealed = &mut self.sealed;
        #[expect(
            clippy::expect_used,
            reason = "fails above 256 GiB or behind the last message, which consumes its writer in every caller"
        )]
        self.stream.push_to_vec(plain, Some(associated), tag, sealed).expect("a stream that goes on takes a message");
        out.extend_from_slice(sealed);
    }
}

/// Opens message after message.
pub struct StreamPull {
    stream: Stream<Pull>,
    is_over: bool,
}

impl StreamPull {
    /// Starts reading behind a header; `None` if that cannot be one.
    pub fn start(key: &Secret<32>, header: &[u8; STREAM_HEADER_BYTES]) -> Option<Self> {
        ready();
        Some(Self { stream: Stream::init_pull(&Header(*header), &Key(*key.expose())).ok()?, is_over: false })
    }

    /// Opens the next message into `out`, replacing what it holds. `None` for a wrong key, changed bytes, a message out of its order, or a tag that is
    /// not what `is_last` says: a stream cut short or run on does not pass.
    pub fn pull(&mut self, associated: &[u8], sealed: &[u8], is_last: bool, out: &mut Vec<u8>) -> Option<()> {
        if self.is_over {
            return None;
        }
        out.clear();
        let tag = self.stream.pull_to_vec(sealed, Some(associated), out).ok()?;
        self.is_over = is_last;
        match (tag, is_last) {
            (Tag::Final, true) | (Tag::Message, false) => Some(()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random_secret;

    fn sealed(key: &Secret<32>) -> ([u8; STREAM_HEADER_BYTES], Vec<Vec<u8>>) {
        let (mut stream, header) = StreamPush::start(key);
        let messages = [(&b"one"[..], false), (b"two", false), (b"three", true)];
        (
            header,
            messages
                .map(|(plain, last)| {
                    let mut out = Vec::new();
                    stream.push(b"ad", plain, last, &mut out);
                    out
                })
                .to_vec(),
        )
    }

    fn opens(key: &Secret<32>, header: &[u8; STREAM_HEADER_BYTES], messages: &[&[u8]]) -> bool {
        let Some(mut stream) = StreamPull::start(key, header) else { return false };
        let mut out = Vec::new();
        let last = messages.len() - 1;
        messages.iter().enumerate().all(|(n, message)| stream.pull(b"ad", message, n == last, &mut out).is_some())
    }

    #[test]
    fn messages_open_in_their_order_alone() {
        let key = random_secret();
        let (header, m) = sealed(&key);
        assert!(opens(&key, &header, &[&m[0], &m[1], &m[2]]));
        assert!(!opens(&key, &header, &[&m[0], &m[2]]) && !opens(&key, &header, &[&m[1], &m[0], &m[2]]));
        assert!(!opens(&key, &header, &[&m[0], &m[1]]), "cut short");
        assert!(!opens(&random_secret(), &header, &[&m[0], &m[1], &m[2]]));
        let mut out = Vec::new();
        let mut stream = StreamPull::start(&key, &header).unwrap();
        assert!(stream.pull(b"da", &m[0], false, &mut out).is_none());
    }
}
