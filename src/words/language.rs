//! The languages of receipts and texts.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A language a reporter can choose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Spanish.
    Es,
    /// Portuguese.
    Pt,
    /// English.
    En,
}

/// Not one of `es`, `pt`, `en`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the languages are es, pt and en")]
pub struct UnknownLanguage;

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Es, Self::Pt, Self::En];

    /// ISO 639-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::Pt => "pt",
            Self::En => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|l| l.code() == text).ok_or(UnknownLanguage)
    }
}
