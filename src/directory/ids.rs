//! Ids of offices and members: `[a-z0-9-]{1,40}`.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{fmt, str::FromStr};

const ID_MAX_BYTES: usize = 40;

/// Not `[a-z0-9-]{1,40}`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 40 of a-z, 0-9 and -")]
pub struct NotAnId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                let good = (1..=ID_MAX_BYTES).contains(&text.len()) && text.bytes().all(fits);
                if good { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

id!(
    /// An office of the directory.
    OfficeId
);
id!(
    /// A member or custodian of the directory.
    MemberId
);
