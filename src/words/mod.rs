//! Word lists and the languages there are.

mod language;
mod list;

pub use language::{Language, UnknownLanguage};
pub use list::{WordList, fold, is_mark};
