//! The directory's JSON, one to one (docs/protocol/directory.md).

use super::{Condition, MemberId, OfficeId, QuestionnaireRef};
use crate::base::Day;
use crate::crypto::{BoxPublic, Deployment, Hash32, SignPublic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Text by language code.
pub type Texts = BTreeMap<String, String>;

/// All that a directory says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct DirectoryContent {
    pub format: String,
    pub deployment: Deployment,
    pub version: u32,
    pub previous: Hash32,
    pub issued: Day,
    pub expires: Day,
    #[serde(default)]
    pub must_understand: Vec<String>,
    pub languages: Vec<String>,
    pub names: Texts,
    #[serde(default)]
    pub texts: BTreeMap<String, Texts>,
    pub questionnaire: QuestionnaireRef,
    pub gate: Gate,
    pub offices: Vec<Office>,
    pub members: Vec<Member>,
    #[serde(default)]
    pub custodians: Vec<Custodian>,
    pub conflict_fallback: Vec<OfficeId>,
    #[serde(default)]
    pub duty: Vec<Duty>,
    #[serde(default)]
    pub exit_page: BTreeMap<String, String>,
    #[serde(default)]
    pub helplines: Vec<Helpline>,
    #[serde(default)]
    pub emergency: Vec<Emergency>,
    #[serde(default)]
    pub institutions: Vec<Institution>,
    pub rules: Vec<Rule>,
    #[serde(default)]
    pub jurisdictions: Vec<Jurisdiction>,
}

impl DirectoryContent {
    /// What `format` must be.
    pub const FORMAT: &'static str = "amparo-directory-1";
}

/// The gate key, its secret sealed to each member.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Gate {
    pub pk: SignPublic,
    pub sealed: Vec<GateBox>,
}

/// The gate's 32-byte seed for one member, a sealed box in base64.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct GateBox {
    pub member: MemberId,
    #[serde(rename = "box")]
    pub sealed: String,
}

/// What an office is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of docs/protocol/directory.md")]
pub enum OfficeKind {
    Prosecution,
    Care,
    Civil,
    Oversight,
}

/// How far an office reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of docs/protocol/directory.md")]
pub enum Level {
    Local,
    Region,
    National,
    Network,
    Independent,
}

/// An office.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Office {
    pub id: OfficeId,
    pub kind: OfficeKind,
    pub names: Texts,
    #[serde(default)]
    pub institutions: Vec<String>,
    pub level: Level,
    #[serde(default)]
    pub jurisdictions: Vec<String>,
    #[serde(default)]
    pub areas: Vec<String>,
    #[serde(default)]
    pub competences: Vec<String>,
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub recused_from: Vec<String>,
}

/// Whether a member receives new reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of docs/protocol/directory.md")]
pub enum Role {
    Intake,
    Desk,
}

/// A box key and the days it counts, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct BoxPeriod {
    pub pk: BoxPublic,
    pub from: Day,
    pub until: Day,
}

/// A member of an office.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Member {
    pub id: MemberId,
    pub office: OfficeId,
    pub role: Role,
    pub names: Texts,
    pub sign_pk: SignPublic,
    pub box_pks: Vec<BoxPeriod>,
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub recused_from: Vec<String>,
}

/// Who can open the vault of a reporter's identity.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Custodian {
    pub id: MemberId,
    pub names: Texts,
    pub level: Level,
    #[serde(default)]
    pub institutions: Vec<String>,
    #[serde(default)]
    pub jurisdictions: Vec<String>,
    #[serde(default)]
    pub areas: Vec<String>,
    pub sign_pk: SignPublic,
    pub box_pks: Vec<BoxPeriod>,
}

/// Where an office's duty letter goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Duty {
    pub office: OfficeId,
    pub address: String,
}

/// A helpline.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Helpline {
    pub country: String,
    pub names: Texts,
    pub number: String,
    pub hours: Texts,
    #[serde(default)]
    pub languages: Vec<String>,
    pub free: bool,
    #[serde(default)]
    pub on_bill: Option<bool>,
    pub police: bool,
    pub verified: Day,
    #[serde(default)]
    pub example: bool,
}

/// A country's emergency number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Emergency {
    pub country: String,
    pub number: String,
    pub verified: Day,
    #[serde(default)]
    pub example: bool,
}

/// A named body beyond the questionnaire's list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Institution {
    pub code: String,
    pub names: Texts,
}

/// Which offices a report is for, and why.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Rule {
    pub id: String,
    #[serde(default)]
    pub countries: Vec<String>,
    pub when: Condition,
    pub offices: Vec<OfficeId>,
    pub why: Texts,
}

/// Whether a country's law lets reports be anonymous.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of docs/protocol/directory.md")]
pub enum AnonymousMode {
    Allowed,
    AllowedWithThreshold,
    ConfidentialOnly,
    Unknown,
}

/// An area of a country.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Area {
    pub code: String,
    pub name: String,
}

/// A country's policy, with the day it was reviewed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members of docs/protocol/directory.md, by their names")]
pub struct Jurisdiction {
    pub country: String,
    pub names: Texts,
    pub anonymous_mode: AnonymousMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_hint: Option<Texts>,
    #[serde(default)]
    pub notice_before_typing: Texts,
    pub ack_days: u32,
    pub feedback_days: u32,
    pub feedback_max_days: u32,
    pub child_age: u32,
    #[serde(default)]
    pub duty_to_act_for_minors: Option<bool>,
    #[serde(default)]
    pub care_first_possible: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_punishment_notice: Option<Texts>,
    pub retention_days: u32,
    #[serde(default)]
    pub areas: Vec<Area>,
    pub last_reviewed: Day,
    pub reviewed_by: String,
    #[serde(default)]
    pub sources: Vec<String>,
}
