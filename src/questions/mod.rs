//! The questionnaire: branching, checking answers, routing, the priority score.
