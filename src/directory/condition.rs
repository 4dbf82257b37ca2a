//! The language of conditions, shared with the questionnaire (docs/reference/questionnaire.md).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Conditions do not nest deeper.
const DEPTH_MAX: usize = 8;

/// A condition over answers.
#[derive(Clone, PartialEq, Debug)]
pub enum Condition {
    /// `true`.
    Always,
    /// `{"has": {question: [codes]}}`: any of the codes is among the answers; several questions: each of them.
    Has(BTreeMap<String, Vec<String>>),
    /// `{"opened": name}`: the reporter opened that part of the form.
    Opened(String),
    /// `{"all": […]}`.
    All(Vec<Condition>),
    /// `{"any": […]}`.
    Any(Vec<Condition>),
    /// `{"not": …}`.
    Not(Box<Condition>),
}

/// Codes of an answer, whatever its shape.
pub fn codes<'a>(answers: &'a Map<String, Value>, question: &str) -> Vec<&'a str> {
    let list = |value: &'a Value| value.as_array().map(|all| all.iter().filter_map(Value::as_str).collect());
    match answers.get(question) {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(many @ Value::Array(_)) => list(many).unwrap_or_default(),
        Some(Value::Object(parts)) => parts.get("codes").and_then(list).unwrap_or_default(),
        _ => Vec::new(),
    }
}

impl Condition {
    /// Whether it holds for these answers; `opened` are the parts of the form that the reporter opened.
    pub fn holds(&self, answers: &Map<String, Value>, opened: &[&str]) -> bool {
        match self {
            Self::Always => true,
            Self::Has(wanted) => wanted.iter().all(|(question, any)| {
                let given = codes(answers, question);
                any.iter().any(|code| given.contains(&code.as_str()))
            }),
            Self::Opened(name) => opened.contains(&name.as_str()),
            Self::All(all) => all.iter().all(|c| c.holds(answers, opened)),
            Self::Any(any) => any.iter().any(|c| c.holds(answers, opened)),
            Self::Not(one) => !one.holds(answers, opened),
        }
    }

    /// The questions and codes it names.
    pub fn names(&self) -> Vec<(&str, &str)> {
        match self {
            Self::Always | Self::Opened(_) => Vec::new(),
            Self::Has(wanted) => wanted.iter().flat_map(|(q, codes)| codes.iter().map(|c| (q.as_str(), c.as_str()))).collect(),
            Self::All(many) | Self::Any(many) => many.iter().flat_map(Self::names).collect(),
            Self::Not(one) => one.names(),
        }
    }

    fn read(value: &Value, depth: usize) -> Option<Self> {
        if depth > DEPTH_MAX {
            return None;
        }
        let object = match value {
            Value::Bool(true) => return Some(Self::Always),
            Value::Object(object) if object.len() == 1 => object,
            _ => return None,
        };
        let list = |v: &Value| v.as_array()?.iter().map(|c| Self::read(c, depth + 1)).collect::<Option<Vec<_>>>();
        let (word, inner) = object.iter().next()?;
        match word.as_str() {
            "has" => serde_json::from_value(inner.clone()).ok().map(Self::Has),
            "opened" => inner.as_str().map(|name| Self::Opened(name.to_owned())),
            "all" => list(inner).map(Self::All),
            "any" => list(inner).map(Self::Any),
            "not" => Self::read(inner, depth + 1).map(|c| Self::Not(Box::new(c))),
            _ => None,
        }
    }

    fn write(&self) -> Value {
        let list = |many: &[Self]| many.iter().map(Self::write).collect::<Vec<_>>();
        match self {
            Self::Always => Value::Bool(true),
            Self::Has(wanted) => serde_json::json!({"has": wanted}),
            Self::Opened(name) => serde_json::json!({"opened": name}),
            Self::All(many) => serde_json::json!({"all": list(many)}),
            Self::Any(many) => serde_json::json!({"any": list(many)}),
            Self::Not(one) => serde_json::json!({"not": one.write()}),
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::read(&value, 0).ok_or_else(|| D::Error::custom("not a condition: true, has, opened, all, any or not"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(condition: Value, answers: Value) -> bool {
        serde_json::from_value::<Condition>(condition).unwrap().holds(answers.as_object().unwrap(), &["more"])
    }

    #[test]
    fn conditions_read_answers_of_every_shape() {
        let answers = json!({"country":"GT","what":["m_s","m_c"],"exclude":{"codes":["local"],"text":"x"}});
        for (condition, expected) in [
            (json!(true), true),
            (json!({"has":{"country":["GT","HN"]}}), true),
            (json!({"has":{"what":["m_a"]}}), false),
            (json!({"has":{"exclude":["local"]}}), true),
            (json!({"has":{"what":["m_s"],"country":["HN"]}}), false),
            (json!({"not":{"has":{"age":["x"]}}}), true),
            (json!({"all":[true,{"any":[]}]}), false),
            (json!({"any":[{"opened":"more"},{"opened":"x"}]}), true),
        ] {
            assert_eq!(holds(condition.clone(), answers.clone()), expected, "{condition}");
            let read: Condition = serde_json::from_value(condition.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), condition);
        }
        for bad in [json!(false), json!({}), json!({"has":{},"not":true}), json!("x"), json!({"when":true})] {
            assert!(serde_json::from_value::<Condition>(bad).is_err());
        }
    }
}
