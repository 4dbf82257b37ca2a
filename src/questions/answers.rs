//! Answers: their shapes, and what is dropped because it is not shown.

use super::{Question, Questionnaire, QuestionsError};
use crate::directory::codes;
use serde_json::{Map, Value};

/// Answers by question id.
pub type Answers = Map<String, Value>;

const TEXT_MAX_BYTES: usize = 2_000;
const LONGTEXT_MAX_BYTES: usize = 200_000;

/// Checks every answer, drops what is hidden, and wants the mandatory three.
pub fn check(questionnaire: &Questionnaire, answers: &Answers, opened: &[&str]) -> Result<Answers, QuestionsError> {
    for (id, value) in answers {
        let question = questionnaire.question(id).ok_or_else(|| QuestionsError::UnknownQuestion(id.clone()))?;
        question.check(value)?;
    }
    let kept = visible(questionnaire, answers, opened);
    let unanswered = |q: &&Question| q.required && codes(&kept, &q.id).is_empty();
    let missing: Vec<String> = questionnaire.questions.iter().filter(unanswered).map(|q| q.id.clone()).collect();
    if missing.is_empty() { Ok(kept) } else { Err(QuestionsError::Missing(missing)) }
}

/// Drops hidden values until nothing changes: a hidden question's answer opens no other.
fn visible(questionnaire: &Questionnaire, answers: &Answers, opened: &[&str]) -> Answers {
    let mut kept = answers.clone();
    loop {
        let before = kept.len();
        for question in &questionnaire.questions {
            if !question.show_if.holds(&kept, opened) {
                kept.remove(&question.id);
            }
        }
        if kept.len() == before {
            return kept;
        }
    }
}

impl Question {
    fn check(&self, value: &Value) -> Result<(), QuestionsError> {
        match self.kind.as_str() {
            "text" => self.check_text(value, TEXT_MAX_BYTES),
            "longtext" => self.check_text(value, LONGTEXT_MAX_BYTES),
            "single" | "single:iso3166-1" | "single:iso3166-2" => self.check_code(value.as_str().ok_or_else(|| self.wrong())?),
            "multi" => self.check_codes(value),
            "multi+text" | "group" => self.check_both(value),
            _ => Err(self.wrong()),
        }
    }

    fn wrong(&self) -> QuestionsError {
        QuestionsError::WrongShape(self.id.clone())
    }

    fn check_text(&self, value: &Value, max: usize) -> Result<(), QuestionsError> {
        let text = value.as_str().ok_or_else(|| self.wrong())?;
        if text.len() <= max { Ok(()) } else { Err(QuestionsError::TooLong(self.id.clone())) }
    }

    fn check_code(&self, code: &str) -> Result<(), QuestionsError> {
        let is_country = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        let tail = |c: &str| (1..=3).contains(&c.len()) && c.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let is_area = code.split_once('-').is_some_and(|(country, area)| country.len() == 2 && tail(area));
        let fits = match self.kind.as_str() {
            "single:iso3166-1" => is_country,
            "single:iso3166-2" => is_area,
            // Offices and named institutions of the directory can be excluded by id.
            "multi+text" => (1..=40).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
            _ => false,
        };
        if fits || self.has_code(code) {
            return Ok(());
        }
        Err(QuestionsError::UnknownCode { question: self.id.clone(), code: code.to_owned() })
    }

    fn check_codes(&self, value: &Value) -> Result<(), QuestionsError> {
        let list = value.as_array().ok_or_else(|| self.wrong())?;
        let codes = list.iter().map(Value::as_str).collect::<Option<Vec<_>>>().ok_or_else(|| self.wrong())?;
        for (n, code) in codes.iter().enumerate() {
            self.check_code(code)?;
            if codes.iter().take(n).any(|earlier| earlier == code) {
                return Err(self.wrong());
            }
        }
        let alone = self.options.iter().find(|o| o.alone && codes.len() > 1 && codes.contains(&o.code.as_str()));
        match alone {
            Some(option) => Err(QuestionsError::NotAlone { question: self.id.clone(), code: option.code.clone() }),
            None => Ok(()),
        }
    }

    fn check_both(&self, value: &Value) -> Result<(), QuestionsError> {
        let parts = value.as_object().ok_or_else(|| self.wrong())?;
        if parts.keys().any(|key| key != "codes" && key != "text") {
            return Err(self.wrong());
        }
        parts.get("codes").map_or(Ok(()), |codes| self.check_codes(codes))?;
        parts.get("text").map_or(Ok(()), |text| self.check_text(text, TEXT_MAX_BYTES))
    }
}
