//! What makes a directory's content refused, when made and when read.

use super::{BoxPeriod, DirectoryContent, DirectoryError, GateBox, Level, OfficeId, Role, Rule, Texts};
use crate::base::{Day, encode};
use std::collections::BTreeSet;

/// The longest a directory can last.
pub const LIFETIME_MAX_DAYS: u32 = 35;
/// Intake members of an office, at most: slots are few.
pub const INTAKE_MEMBERS_MAX: usize = 4;
/// Offices that the rules of one country can name together.
pub const RULE_OFFICES_MAX: usize = 4;
/// Custodians of a directory.
const CUSTODIANS_MAX: usize = 16;
/// The gate's seed in a sealed box.
const GATE_BOX_BYTES: usize = 48 + 32;
/// The shortest a box key can count.
const BOX_PERIOD_MIN_DAYS: u32 = 28;
const HELPLINE_MAX_AGE_DAYS: u32 = 90;
const REVIEW_MAX_AGE_DAYS: u32 = 365;

type Checked = Result<(), DirectoryError>;

fn want(good: bool, reason: impl FnOnce() -> String) -> Checked {
    if good { Ok(()) } else { Err(DirectoryError::Invalid(reason())) }
}

impl DirectoryContent {
    /// All that a reader refuses.
    pub(super) fn check(&self) -> Checked {
        want(self.format == Self::FORMAT, || "an unknown format".into())?;
        want(self.version > 0, || "versions begin at 1".into())?;
        let lifetime = self.issued <= self.expires && self.expires.since(self.issued) <= LIFETIME_MAX_DAYS;
        want(lifetime, || format!("it must expire within {LIFETIME_MAX_DAYS} days of issue"))?;
        self.check_ids()?;
        self.check_keys()?;
        self.check_references()?;
        self.check_numbers()?;
        self.check_gate()?;
        self.check_texts()
    }

    /// What is refused when a directory is made, over and above: old helplines and reviews.
    pub(super) fn check_when_made(&self) -> Checked {
        let old = |verified: Day| self.issued.since(verified) > HELPLINE_MAX_AGE_DAYS || verified > self.issued;
        for line in &self.helplines {
            want(!old(line.verified), || format!("the helpline {} was not verified in {HELPLINE_MAX_AGE_DAYS} days", line.number))?;
        }
        for line in &self.emergency {
            want(!old(line.verified), || format!("the number {} was not verified in {HELPLINE_MAX_AGE_DAYS} days", line.number))?;
        }
        for law in &self.jurisdictions {
            let due = self.issued.since(law.last_reviewed) > REVIEW_MAX_AGE_DAYS || law.last_reviewed > self.issued;
            want(!due, || format!("the policy of {} was not reviewed in 12 months", law.country))?;
        }
        Ok(())
    }

    fn check_ids(&self) -> Checked {
        let mut seen = BTreeSet::new();
        for office in &self.offices {
            want(seen.insert(office.id.as_str()), || format!("two offices are called {}", office.id))?;
        }
        let mut people = BTreeSet::new();
        for id in self.members.iter().map(|m| &m.id).chain(self.custodians.iter().map(|c| &c.id)) {
            want(people.insert(id.as_str()), || format!("two members are called {id}"))?;
        }
        let mut rules = BTreeSet::new();
        for rule in &self.rules {
            want(rule.id.parse::<OfficeId>().is_ok(), || format!("the id of rule {} is not 1 to 40 of a-z, 0-9 and -", rule.id))?;
            want(rules.insert(rule.id.as_str()), || format!("two rules are called {}", rule.id))?;
        }
        Ok(())
    }

    fn check_keys(&self) -> Checked {
        let members = self.members.iter().map(|m| (&m.id, &m.sign_pk, &m.box_pks));
        let custodians = self.custodians.iter().map(|c| (&c.id, &c.sign_pk, &c.box_pks));
        let mut seen: BTreeSet<[u8; 32]> = BTreeSet::from([*self.gate.pk.bytes()]);
        self.gate.pk.check_strength().map_err(|_| DirectoryError::WeakKey)?;
        for (id, sign_pk, periods) in members.chain(custodians) {
            sign_pk.check_strength().map_err(|_| DirectoryError::WeakKey)?;
            want(seen.insert(*sign_pk.bytes()), || format!("a key of {id} stands twice"))?;
            for period in periods {
                period.pk.check_strength().map_err(|_| DirectoryError::WeakKey)?;
                want(seen.insert(*period.pk.bytes()), || format!("a key of {id} stands twice"))?;
            }
            let covered = covers(periods, self.issued, self.expires);
            want(covered, || format!("the box keys of {id} do not cover each day of the directory exactly once"))?;
        }
        Ok(())
    }

    fn check_references(&self) -> Checked {
        let known = |id: &OfficeId| self.offices.iter().any(|office| office.id == *id);
        for member in &self.members {
            want(known(&member.office), || format!("the office of {} is not in it", member.id))?;
        }
        for rule in &self.rules {
            want(rule.offices.iter().all(known), || format!("rule {} names an unknown office", rule.id))?;
        }
        want(!self.conflict_fallback.is_empty(), || "there is no conflict fallback".into())?;
        want(self.conflict_fallback.iter().all(known), || "the conflict fallback names an unknown office".into())?;
        for duty in &self.duty {
            let office = self.offices.iter().find(|office| office.id == duty.office);
            let good = office.is_some_and(|office| office.level != Level::Local);
            want(good, || format!("the duty office {} is unknown or local", duty.office))?;
        }
        Ok(())
    }

    /// Whether conditions exclude each other is not asked: what could hold together is every rule that names a country, with every rule for any.
    fn check_numbers(&self) -> Checked {
        for office in &self.offices {
            let intake = self.members.iter().filter(|m| m.office == office.id && m.role == Role::Intake).count();
            want(intake <= INTAKE_MEMBERS_MAX, || format!("{} has more than {INTAKE_MEMBERS_MAX} intake members", office.id))?;
        }
        let countries: BTreeSet<&str> = self.rules.iter().flat_map(|rule| &rule.countries).map(String::as_str).collect();
        for country in countries.into_iter().chain([""]) {
            let applies = |rule: &&Rule| rule.countries.is_empty() || rule.countries.iter().any(|c| c == country);
            let offices: BTreeSet<&OfficeId> = self.rules.iter().filter(applies).flat_map(|rule| &rule.offices).collect();
            want(offices.len() <= RULE_OFFICES_MAX, || format!("the rules for {country} name more than {RULE_OFFICES_MAX} offices"))?;
        }
        want(self.custodians.len() <= CUSTODIANS_MAX, || format!("more than {CUSTODIANS_MAX} custodians"))
    }

    fn check_gate(&self) -> Checked {
        let sealed: BTreeSet<_> = self.gate.sealed.iter().map(|b| &b.member).collect();
        let members: BTreeSet<_> = self.members.iter().map(|m| &m.id).collect();
        let once = sealed.len() == self.gate.sealed.len();
        want(once && sealed == members, || "the gate is not sealed to each member exactly once".into())?;
        let whole = |b: &GateBox| encode::from_base64(&b.sealed).is_some_and(|bytes| bytes.len() == GATE_BOX_BYTES);
        want(self.gate.sealed.iter().all(whole), || "a sealed box of the gate has not 80 bytes".into())
    }

    fn check_texts(&self) -> Checked {
        want(!self.languages.is_empty(), || "there is no language".into())?;
        let whole = |texts: &Texts| self.languages.iter().all(|l| texts.get(l).is_some_and(|t| !t.is_empty()));
        let mut all: Vec<(&str, &Texts)> = vec![("names", &self.names)];
        all.extend(self.texts.iter().map(|(key, texts)| (key.as_str(), texts)));
        all.extend(self.offices.iter().map(|o| (o.id.as_str(), &o.names)));
        all.extend(self.members.iter().map(|m| (m.id.as_str(), &m.names)));
        all.extend(self.custodians.iter().map(|c| (c.id.as_str(), &c.names)));
        all.extend(self.rules.iter().map(|r| (r.id.as_str(), &r.why)));
        all.extend(self.helplines.iter().flat_map(|h| [(h.number.as_str(), &h.names), (h.number.as_str(), &h.hours)]));
        all.extend(self.institutions.iter().map(|i| (i.code.as_str(), &i.names)));
        for law in &self.jurisdictions {
            let notices =
                [Some(&law.names), Some(&law.notice_before_typing), law.threshold_hint.as_ref(), law.non_punishment_notice.as_ref()];
            all.extend(notices.into_iter().flatten().map(|texts| (law.country.as_str(), texts)));
        }
        match all.into_iter().find(|(_, texts)| !whole(texts)) {
            Some((place, _)) => Err(DirectoryError::Invalid(format!("a text of {place} lacks a language"))),
            None => Ok(()),
        }
    }
}

/// Exactly one period counts on each day from `first` to `last`, and each is at least 28 days long.
fn covers(periods: &[BoxPeriod], first: Day, last: Day) -> bool {
    let long = |p: &BoxPeriod| p.from <= p.until && p.until.since(p.from) + 1 >= BOX_PERIOD_MIN_DAYS;
    let mut sorted: Vec<&BoxPeriod> = periods.iter().collect();
    sorted.sort_by_key(|p| p.from);
    let apart = sorted.windows(2).all(|pair| matches!(pair, [a, b] if a.until < b.from));
    let counts = |day: Day| periods.iter().any(|p| p.from <= day && day <= p.until);
    periods.iter().all(long) && apart && (0..=last.since(first)).all(|n| counts(first.plus(n)))
}
