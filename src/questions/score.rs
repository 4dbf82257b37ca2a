//! The transparent priority score (domain: docs/reference/priority.md): a pure function, each factor with its points and reason.
//! Protected attributes other than being a child never change it.

use super::Answers;
use crate::directory::codes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Stored with each score; raised when a weight changes.
pub const SCORE_VERSION: u32 = 1;

/// How soon a person looks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the lanes of docs/reference/priority.md")]
pub enum Lane {
    Standard,
    Medium,
    High,
    Critical,
    Emergency,
}

/// What the answers alone do not tell.
#[derive(Clone, Copy, Default, Debug)]
pub struct ScoreContext {
    /// Related reports.
    pub linked: u32,
    /// A person confirmed that they are independent.
    pub linked_confirmed: bool,
    /// Days unread.
    pub days_unread: u32,
    /// A triager says proof or people are about to be moved.
    pub manual_urgent: bool,
}

/// A part of the score.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Factor {
    /// `P1_danger` …
    pub id: &'static str,
    /// What it adds.
    pub points: u32,
}

/// Points, lane, flags and where they come from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Score {
    /// 0 to 100.
    pub total: u32,
    /// The lane.
    pub lane: Lane,
    /// `CARE`, `CHILD`, `SOURCE_ID`, `CONFLICT_CHECK`.
    pub flags: Vec<&'static str>,
    /// Only those that add points.
    pub factors: Vec<Factor>,
}

struct View<'a>(&'a Answers);

impl View<'_> {
    fn set(&self, question: &str) -> BTreeSet<&str> {
        codes(self.0, question).into_iter().collect()
    }

    fn is(&self, question: &str, any: &[&str]) -> bool {
        codes(self.0, question).iter().any(|code| any.contains(code))
    }

    fn given(&self, question: &str) -> bool {
        self.0.get(question).is_some_and(|v| match v {
            serde_json::Value::String(s) => !s.is_empty(),
            serde_json::Value::Array(a) => !a.is_empty(),
            serde_json::Value::Object(o) => !o.is_empty(),
            _ => false,
        })
    }

    /// The points of the best of several codes.
    fn best(&self, question: &str, table: &[(&str, u32)]) -> u32 {
        let given = codes(self.0, question);
        table.iter().filter(|(code, _)| given.contains(code)).map(|(_, points)| *points).max().unwrap_or(0)
    }

    fn what(&self) -> BTreeSet<&str> {
        self.set("what").into_iter().filter(|c| *c != "dk" && *c != "m_x").collect()
    }

    fn has_extortion(&self) -> bool {
        self.is("what", &["m_s"]) || self.is("official_part", &["sex"])
    }

    fn is_child(&self) -> bool {
        self.is("affected", &["girls", "boys"]) || self.is("age_me", &["yes"]) || self.is("behalf", &["child"])
    }

    fn ongoing(&self) -> u32 {
        match self.best("ongoing", &[("yes", 15), ("soon", 15)]) {
            0 => self.best("when", &[("w", 8), ("m", 5)]),
            points => points,
        }
    }

    fn extortion(&self) -> u32 {
        let whose = self.best("se_kind", &[("me", 12), ("other", 12), ("free", 10)]);
        whose.max(if self.has_extortion() { 10 } else { 0 })
    }

    fn official(&self) -> u32 {
        let rank = self.best("official_rank", &[("front", 3), ("super", 5), ("head", 8), ("top", 8), ("dk", 2)]);
        let controls = self.is("what", &["m_o"]) || self.is("official_part", &["runs"]);
        (rank + if controls { 6 } else { 0 }).min(12)
    }

    fn breadth(&self) -> u32 {
        let acts = match self.what().len() {
            0 => 0,
            1 => 2,
            2 => 4,
            3 => 6,
            _ => 8,
        };
        let institutions = self.set("institution").into_iter().filter(|c| *c != "dk" && *c != "private").count();
        (acts + if institutions >= 2 { 3 } else { 0 }).min(10)
    }

    fn retaliation(&self) -> u32 {
        if self.is("retaliation", &["yes"]) || self.is("before", &["worse"]) {
            8
        } else if self.is("retaliation", &["threat"]) || self.is("what", &["m_b"]) {
            6
        } else if self.is("fear", &["violence", "family"]) {
            4
        } else {
            0
        }
    }

    fn actionable(&self) -> u32 {
        let parts = [
            (3, self.is("evidence", &["media", "msg", "doc", "money"]) || self.given("files")),
            (2, self.is("evidence", &["saw", "witness"])),
            (2, self.given("official_id")),
            (2, self.given("admin1") && (self.given("place_text") || self.given("place_type"))),
            (1, self.is("when", &["w", "m", "y", "o"])),
        ];
        parts.iter().filter(|(_, holds)| *holds).map(|(points, _)| *points).sum::<u32>().min(10)
    }
}

fn corroboration(context: &ScoreContext) -> u32 {
    let points = match context.linked {
        0 => 0,
        1 => 4,
        2 => 7,
        _ => 10,
    };
    if context.linked_confirmed { points } else { points / 2 }
}

/// The score of a report.
pub fn score(answers: &Answers, context: &ScoreContext) -> Score {
    let view = View(answers);
    let all = [
        ("P1_danger", view.best("danger_now", &[("me", 30), ("other", 30), ("dk", 8)])),
        ("P2_minor", if view.is_child() { 15 } else { 0 }),
        ("P3_ongoing", view.ongoing()),
        ("P4_sexual_extortion", view.extortion()),
        ("P5_official", view.official()),
        ("P6_breadth", view.breadth()),
        ("P7_retaliation", view.retaliation()),
        ("P8_actionable", view.actionable()),
        ("P9_corroboration", corroboration(context)),
        ("P10_people", view.best("count", &[("2", 2), ("6", 4), ("21", 6)])),
        ("P11_clock", if context.manual_urgent { 5 } else { 0 }),
    ];
    let base = all.iter().map(|(_, points)| points).sum::<u32>().min(100);
    let waiting = (context.days_unread / 2).min(10);
    let total = (base + waiting).min(100);
    let parts = all.into_iter().chain([("P12_waiting", waiting)]);
    let factors = parts.filter(|(_, points)| *points > 0).map(|(id, points)| Factor { id, points }).collect();
    Score { total, lane: lane(&view, total), flags: flags(&view), factors }
}

/// Silence about danger is not safety: only a plain "no" lets a report be standard.
fn lane(view: &View<'_>, total: u32) -> Lane {
    if view.is("danger_now", &["me", "other"]) {
        Lane::Emergency
    } else if total >= 55 {
        Lane::Critical
    } else if total >= 30 {
        Lane::High
    } else if total >= 15 || !view.is("danger_now", &["no"]) {
        Lane::Medium
    } else {
        Lane::Standard
    }
}

fn flags(view: &View<'_>) -> Vec<&'static str> {
    let all = [
        ("CARE", view.has_extortion() || view.is("se_kind", &["me", "other"])),
        ("CHILD", view.is_child()),
        ("SOURCE_ID", view.is("guess", &["yes", "maybe"])),
        ("CONFLICT_CHECK", view.is("institution", &["prosecutor", "court", "dk"]) || view.given("exclude")),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(flag, _)| flag).collect()
}
