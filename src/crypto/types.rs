//! Public values as types, so that a key for one thing is never handed in for another.

use crate::base::encode;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

macro_rules! public_bytes {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// The bytes.
            pub const fn bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode::hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotHex32;
            fn from_str(text: &str) -> Result<Self, NotHex32> {
                encode::from_hex_array(text).map(Self).ok_or(NotHex32)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

/// Not 64 lower-case hex digits.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("32 bytes are written as 64 lower-case hex digits")]
pub struct NotHex32;

public_bytes!(
    /// A BLAKE2b-32 digest under some domain string.
    Hash32
);
public_bytes!(
    /// The fingerprint of the first authority: stands in every signature and key (docs/protocol/directory.md).
    Deployment
);
public_bytes!(
    /// Key of a case in the store; derived from the reporter's signing key (docs/protocol/receipt.md).
    MailboxId
);
public_bytes!(
    /// An Ed25519 public key.
    SignPublic
);
public_bytes!(
    /// An X25519 public key.
    BoxPublic
);

impl Hash32 {
    /// What stands where there is no former.
    pub const ZERO: Self = Self([0; 32]);
}

/// An Ed25519 signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", encode::hex(&self.0))
    }
}
