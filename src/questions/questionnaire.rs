//! The file, checked.

use super::QuestionsError;
use crate::crypto::{self, Hash32};
use crate::directory::{Condition, QuestionnaireRef, Texts};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const FORMAT: &str = "amparo-questionnaire-1";
const MANDATORY: [&str; 3] = ["country", "what", "institution"];
const TYPES: [&str; 9] = ["single", "single:iso3166-1", "single:iso3166-2", "multi", "multi+text", "text", "longtext", "group", "file"];

/// A choice of a question, or a country.
#[derive(Clone, Debug, Deserialize)]
pub struct Choice {
    /// Stable code.
    pub code: String,
    /// By language.
    pub texts: Texts,
    /// Goes with no other.
    #[serde(default)]
    pub alone: bool,
}

/// A question.
#[derive(Clone, Debug, Deserialize)]
pub struct Question {
    /// Stable id.
    pub id: String,
    /// Shape of its answer.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it must be answered.
    pub required: bool,
    /// When it is shown.
    pub show_if: Condition,
    /// By language.
    pub texts: Texts,
    /// A line below it.
    #[serde(default)]
    pub hint: Option<Texts>,
    /// Its choices.
    #[serde(default)]
    pub options: Vec<Choice>,
}

#[derive(Deserialize)]
struct Wire {
    format: String,
    version: u32,
    languages: Vec<String>,
    screens: Vec<Vec<String>>,
    countries: Vec<Choice>,
    questions: Vec<Question>,
}

/// A questionnaire without holes.
#[derive(Debug)]
pub struct Questionnaire {
    /// Version and hash.
    pub reference: QuestionnaireRef,
    /// Languages all of its texts have.
    pub languages: Vec<String>,
    /// Question ids by screen.
    pub screens: Vec<Vec<String>>,
    /// What `country` offers.
    pub countries: Vec<Choice>,
    /// In order.
    pub questions: Vec<Question>,
}

fn invalid(reason: impl Into<String>) -> QuestionsError {
    QuestionsError::Questionnaire(reason.into())
}

impl Questionnaire {
    /// Reads and checks a file.
    pub fn parse(bytes: &[u8]) -> Result<Self, QuestionsError> {
        let wire: Wire = serde_json::from_slice(bytes).map_err(|e| invalid(format!("line {}", e.line())))?;
        if wire.format != FORMAT {
            return Err(invalid("an unknown format"));
        }
        wire.check_ids()?;
        wire.check_languages()?;
        wire.check_conditions()?;
        let reference = QuestionnaireRef { version: wire.version, hash: Hash32(crypto::blake2b_256(&[bytes])) };
        Ok(Self { reference, languages: wire.languages, screens: wire.screens, countries: wire.countries, questions: wire.questions })
    }

    /// A question by id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|q| q.id == id)
    }
}

impl Question {
    /// Whether it has this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.options.iter().any(|option| option.code == code)
    }
}

impl Wire {
    fn check_ids(&self) -> Result<(), QuestionsError> {
        let mut seen = BTreeSet::new();
        for question in &self.questions {
            if !seen.insert(question.id.as_str()) {
                return Err(invalid(format!("two questions are called {}", question.id)));
            }
            if !TYPES.contains(&question.kind.as_str()) {
                return Err(invalid(format!("{} has an unknown type", question.id)));
            }
            let codes: BTreeSet<&str> = question.options.iter().map(|o| o.code.as_str()).collect();
            if codes.len() != question.options.len() {
                return Err(invalid(format!("{} has a code twice", question.id)));
            }
        }
        let mut on_screens: Vec<&str> = self.screens.iter().flatten().map(String::as_str).collect();
        on_screens.sort_unstable();
        if !on_screens.iter().eq(seen.iter()) {
            return Err(invalid("each question stands on exactly one screen"));
        }
        let required: Vec<&str> = self.questions.iter().filter(|q| q.required).map(|q| q.id.as_str()).collect();
        if required == MANDATORY { Ok(()) } else { Err(invalid("country, what and institution are required, and nothing else")) }
    }

    /// Names every id that lacks a language.
    fn check_languages(&self) -> Result<(), QuestionsError> {
        let lacks = |texts: &Texts| self.languages.iter().any(|l| texts.get(l).is_none_or(|t| t.trim().is_empty()));
        let mut missing: BTreeSet<String> = BTreeSet::new();
        for question in &self.questions {
            if lacks(&question.texts) || question.hint.as_ref().is_some_and(lacks) {
                missing.insert(question.id.clone());
            }
            let options = question.options.iter().filter(|o| lacks(&o.texts));
            missing.extend(options.map(|o| format!("{}.{}", question.id, o.code)));
        }
        missing.extend(self.countries.iter().filter(|c| lacks(&c.texts)).map(|c| format!("country.{}", c.code)));
        if missing.is_empty() && !self.languages.is_empty() {
            return Ok(());
        }
        Err(invalid(format!("a language is missing in {}", missing.into_iter().collect::<Vec<_>>().join(", "))))
    }

    fn check_conditions(&self) -> Result<(), QuestionsError> {
        let by_id: BTreeMap<&str, &Question> = self.questions.iter().map(|q| (q.id.as_str(), q)).collect();
        for question in &self.questions {
            for (named, code) in question.show_if.names() {
                let known = by_id.get(named).is_some_and(|q| q.has_code(code) || self.is_country(q, code));
                if !known {
                    return Err(invalid(format!("the condition of {} names {named}.{code}, which is not there", question.id)));
                }
            }
        }
        Ok(())
    }

    fn is_country(&self, question: &Question, code: &str) -> bool {
        question.kind == "single:iso3166-1" && self.countries.iter().any(|c| c.code == code)
    }
}
