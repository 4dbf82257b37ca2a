//! Who will be able to read: the rules of the directory, then exclusion, then fail closed (docs/protocol/directory.md, "Routing").

use super::{Answers, QuestionsError};
use crate::base::Day;
use crate::directory::{Custodian, Directory, Level, Member, Office, OfficeId, OfficeKind, Recipient, Role, Rule, Texts, codes};

const RECIPIENTS_MAX: usize = 16;
const CUSTODIANS_MAX: usize = 4;
/// A report is for two people at least; from two offices, unless care comes first or the fallback takes it.
const MEMBERS_MIN: usize = 2;

/// Why an office is out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exclusion {
    /// It belongs to an institution that the report names.
    NamedInstitution,
    /// The reporter named it, or everyone local.
    ByReporter,
    /// It was told before, and nothing happened or it got worse.
    ToldBefore,
    /// It has recused itself from an institution that the report names.
    Recused,
    /// Someone warned of operations: police and local offices of the area are out.
    TipOff,
    /// A prosecutor or court is named: all of that line in the area are out.
    JusticeLine,
    /// The institution is not known: no local office.
    UnknownInstitution,
}

impl Exclusion {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NamedInstitution => "named_institution",
            Self::ByReporter => "by_reporter",
            Self::ToldBefore => "told_before",
            Self::Recused => "recused",
            Self::TipOff => "tip_off",
            Self::JusticeLine => "justice_line",
            Self::UnknownInstitution => "unknown_institution",
        }
    }
}

/// An office that will be able to read.
#[derive(Clone, PartialEq, Debug)]
pub struct Chosen {
    /// The office.
    pub office: OfficeId,
    /// Why: the rule's words; empty for the fallback.
    pub why: Texts,
}

/// An office that is out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excluded {
    /// The office.
    pub office: OfficeId,
    /// Why.
    pub reason: Exclusion,
}

/// Who will be able to read a report.
#[derive(Clone, PartialEq, Debug)]
pub struct Routing {
    /// In the directory's order.
    pub offices: Vec<Chosen>,
    /// Candidates that are out, and every other excluded office of the directory.
    pub excluded: Vec<Excluded>,
    /// The conflict fallback takes it.
    pub fallback: bool,
    /// The reporter chose care first: only care offices.
    pub care_first: bool,
    /// Members and their keys of the day.
    pub recipients: Vec<Recipient>,
    /// Custodians of her identity, if she gives it.
    pub custodians: Vec<crate::directory::MemberId>,
}

struct View<'a> {
    answers: &'a Answers,
    named: Vec<&'a str>,
    country: &'a str,
    admin1: Option<&'a str>,
}

impl<'a> View<'a> {
    fn of(answers: &'a Answers) -> Self {
        let named = codes(answers, "institution").into_iter().filter(|c| *c != "dk" && *c != "private").collect();
        let country = codes(answers, "country").first().copied().unwrap_or("na");
        let admin1 = codes(answers, "admin1").first().copied().filter(|c| *c != "dk");
        Self { answers, named, country, admin1 }
    }

    fn has(&self, question: &str, code: &str) -> bool {
        codes(self.answers, question).contains(&code)
    }

    /// Whether an office's areas reach where it happened: no area named on either side counts as yes.
    fn shares(&self, areas: &[String]) -> bool {
        self.admin1.is_none_or(|area| areas.is_empty() || areas.iter().any(|a| a == area))
    }

    fn exclusion(&self, office: &Office) -> Option<Exclusion> {
        let of_recused = office.recused_from.iter().any(|i| self.named.contains(&i.as_str()));
        let rest = || self.exclusion_of(&office.institutions, office.level, &office.areas, &office.jurisdictions, office.id.as_str());
        rest().or(of_recused.then_some(Exclusion::Recused))
    }

    fn exclusion_of(&self, institutions: &[String], level: Level, areas: &[String], countries: &[String], id: &str) -> Option<Exclusion> {
        let is_one_of = |list: &[&str]| institutions.iter().any(|i| list.contains(&i.as_str()));
        let is_local = matches!(level, Level::Local | Level::Region);
        let here = countries.is_empty() || countries.iter().any(|c| c == self.country);
        let excluded = codes(self.answers, "exclude");
        let told = self.has("before", "nothing") || self.has("before", "worse");
        let justice = ["prosecutor", "court"];
        let rules = [
            (Exclusion::NamedInstitution, is_one_of(&self.named) && (!is_local || self.shares(areas))),
            (Exclusion::ByReporter, excluded.contains(&id) || is_one_of(&excluded) || (excluded.contains(&"local") && is_local)),
            (Exclusion::ToldBefore, told && is_one_of(&codes(self.answers, "before_who"))),
            (Exclusion::TipOff, self.has("what", "m_c") && (is_one_of(&["police"]) || level == Level::Local) && self.shares(areas)),
            (Exclusion::JusticeLine, self.named.iter().any(|i| justice.contains(i)) && is_one_of(&justice) && self.shares(areas) && here),
            (Exclusion::UnknownInstitution, self.has("institution", "dk") && is_local),
        ];
        rules.into_iter().find_map(|(why, holds)| holds.then_some(why))
    }

    fn is_eligible(&self, member: &Member) -> bool {
        member.role == Role::Intake && !self.recuses(member)
    }

    fn recuses(&self, member: &Member) -> bool {
        member.recused_from.iter().any(|i| self.named.contains(&i.as_str()))
    }

    fn applies(&self, rule: &Rule) -> bool {
        (rule.countries.is_empty() || rule.countries.iter().any(|c| c == self.country)) && rule.when.holds(self.answers, &[])
    }
}

/// Why an office may not have a report with these answers; `None` if it may.
pub fn exclusion(office: &Office, answers: &Answers) -> Option<Exclusion> {
    View::of(answers).exclusion(office)
}

/// Whether a member is out alone: recused from an institution that the answers name.
pub fn is_recused(member: &Member, answers: &Answers) -> bool {
    View::of(answers).recuses(member)
}

/// Routes a report. `removed` are the offices that the reporter took out.
pub fn route(directory: &Directory, answers: &Answers, removed: &[OfficeId], day: Day) -> Result<Routing, QuestionsError> {
    let view = View::of(answers);
    let content = directory.content();
    let excluded: Vec<Excluded> = content
        .offices
        .iter()
        .filter_map(|office| view.exclusion(office).map(|reason| Excluded { office: office.id.clone(), reason }))
        .collect();
    let is_in = |id: &OfficeId| !removed.contains(id) && !excluded.iter().any(|e| e.office == *id);
    let recipients_of = |office: &OfficeId| -> Vec<Recipient> {
        directory.intake_members(office).filter(|m| view.is_eligible(m)).filter_map(|m| directory.recipient(m, day)).collect()
    };
    let care_first = view.has("se_route", "care");
    let chosen = candidates(&view, directory, care_first).into_iter().filter(|c| is_in(&c.office) && !recipients_of(&c.office).is_empty());
    let mut offices: Vec<Chosen> = chosen.collect();
    let members = |offices: &[Chosen]| offices.iter().map(|c| recipients_of(&c.office).len()).sum::<usize>();
    let enough_care = offices.iter().any(|c| recipients_of(&c.office).len() >= MEMBERS_MIN);
    let enough = offices.len() >= MEMBERS_MIN && members(&offices) >= MEMBERS_MIN;
    let fallback = !care_first && !enough;
    if fallback {
        let takes = |id: &&OfficeId| is_in(id) && recipients_of(id).len() >= MEMBERS_MIN;
        offices =
            content.conflict_fallback.iter().find(takes).map(|id| Chosen { office: id.clone(), why: Texts::new() }).into_iter().collect();
    }
    if offices.is_empty() || (care_first && !enough_care) {
        return Err(QuestionsError::Nobody);
    }
    let recipients = offices.iter().flat_map(|c| recipients_of(&c.office)).take(RECIPIENTS_MAX).collect();
    let in_reach = |c: &&Custodian| view.exclusion_of(&c.institutions, c.level, &c.areas, &c.jurisdictions, c.id.as_str()).is_none();
    let custodians = content.custodians.iter().filter(in_reach).take(CUSTODIANS_MAX).map(|c| c.id.clone()).collect();
    Ok(Routing { offices, excluded, fallback, care_first, recipients, custodians })
}

/// The offices that rules name, in the directory's order, each with the words of the first rule that names it.
/// An unknown institution has none: it goes to the fallback.
fn candidates(view: &View<'_>, directory: &Directory, care_first: bool) -> Vec<Chosen> {
    let content = directory.content();
    let in_country = |rule: &&Rule| rule.countries.is_empty() || rule.countries.iter().any(|c| c == view.country);
    let wanted = |office: &Office| -> Option<&Rule> {
        let names = |rule: &&Rule| rule.offices.contains(&office.id);
        if care_first {
            return content.rules.iter().filter(in_country).find(names).filter(|_| office.kind == OfficeKind::Care);
        }
        if view.has("institution", "dk") {
            return None;
        }
        content.rules.iter().filter(|rule| view.applies(rule)).find(names)
    };
    content.offices.iter().filter_map(|o| wanted(o).map(|rule| Chosen { office: o.id.clone(), why: rule.why.clone() })).collect()
}
