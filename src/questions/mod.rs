//! The questionnaire: branching, checking answers, routing, the priority score.

mod answers;
mod questionnaire;
mod route;
mod score;

pub use answers::{Answers, check};
pub use questionnaire::{Choice, Question, Questionnaire};
pub use route::{Chosen, Excluded, Exclusion, Routing, exclusion, is_recused, route};
pub use score::{Factor, Lane, SCORE_VERSION, Score, ScoreContext, score};

/// Why a questionnaire or answers are refused. Names questions: the answers are the reporter's own.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionsError {
    /// The file is not a questionnaire, or not consistent; says where.
    #[error("the questionnaire is not valid: {0}")]
    Questionnaire(String),
    /// No such question.
    #[error("there is no question {0}")]
    UnknownQuestion(String),
    /// A code that the question does not have.
    #[error("{question} has no answer {code}")]
    UnknownCode {
        /// The question.
        question: String,
        /// As given.
        code: String,
    },
    /// An answer of another shape than the question's.
    #[error("{0}: a text, a code, a list of codes, or codes and a text, as the question wants")]
    WrongShape(String),
    /// A code that goes with no other.
    #[error("{question}: {code} goes with no other answer")]
    NotAlone {
        /// The question.
        question: String,
        /// The code.
        code: String,
    },
    /// These must be answered; “dk” or “na” will do.
    #[error("still to answer: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// A text beyond what the question takes.
    #[error("{0}: the text is too long")]
    TooLong(String),
    /// Nobody is left who may receive it.
    #[error("no office is left that may receive this")]
    Nobody,
}

#[cfg(test)]
mod tests;
