//! JSON Schema, as much of it as the document uses. A keyword that is not known here is an error, never passed over.

use amparo::base::{Day, encode};
use serde_json::Value;

const ANNOTATIONS: [&str; 3] = ["description", "title", "type"];

pub struct Schemas<'a>(pub &'a Value);

type Checked = Result<(), String>;

fn want(good: bool, what: impl FnOnce() -> String) -> Checked {
    if good { Ok(()) } else { Err(what()) }
}

impl Schemas<'_> {
    pub fn check(&self, schema: &Value, value: &Value) -> Checked {
        let Some(keywords) = schema.as_object() else { return Err(format!("{schema} is no schema")) };
        if let Some(kind) = keywords.get("type") {
            want(is_of(kind, value), || format!("{value} is no {kind}"))?;
        }
        for (keyword, wanted) in keywords.iter().filter(|(k, _)| !ANNOTATIONS.contains(&k.as_str())) {
            self.keyword(keyword, wanted, value, keywords)?;
        }
        Ok(())
    }

    fn keyword(&self, keyword: &str, wanted: &Value, value: &Value, all: &serde_json::Map<String, Value>) -> Checked {
        let number = |good: fn(f64, f64) -> bool| value.as_f64().is_none_or(|v| good(v, wanted.as_f64().unwrap()));
        let failed = || format!("{value} breaks {keyword} {wanted}");
        match keyword {
            "$ref" => self.check(self.named(wanted.as_str().unwrap())?, value),
            "const" => want(value == wanted, failed),
            "enum" => want(wanted.as_array().unwrap().contains(value), failed),
            "allOf" => wanted.as_array().unwrap().iter().try_for_each(|schema| self.check(schema, value)),
            "anyOf" => want(wanted.as_array().unwrap().iter().any(|schema| self.check(schema, value).is_ok()), failed),
            "minimum" => want(number(|v, w| v >= w), failed),
            "maximum" => want(number(|v, w| v <= w), failed),
            "minLength" | "maxLength" | "minItems" | "maxItems" => want(length_fits(keyword, wanted, value), failed),
            "pattern" => want(value.as_str().is_none_or(|v| matches(wanted.as_str().unwrap(), v)), failed),
            "contentEncoding" => want(wanted == "base64" && value.as_str().is_none_or(|v| encode::from_base64(v).is_some()), failed),
            "format" => want(wanted == "date" && value.as_str().is_none_or(|v| v.parse::<Day>().is_ok()), failed),
            "required" => want(value.as_object().is_none_or(|v| names(wanted).iter().all(|n| v.contains_key(*n))), failed),
            "properties" => self.properties(wanted, value),
            "additionalProperties" => {
                let known = all["properties"].as_object().unwrap();
                want(*wanted == false && value.as_object().is_none_or(|v| v.keys().all(|n| known.contains_key(n))), failed)
            }
            "items" => value.as_array().into_iter().flatten().try_for_each(|item| self.check(wanted, item)),
            other => Err(format!("the keyword {other} is not known to the checker")),
        }
    }

    fn properties(&self, wanted: &Value, value: &Value) -> Checked {
        let Some(object) = value.as_object() else { return Ok(()) };
        let known = wanted.as_object().unwrap();
        object.iter().filter_map(|(name, v)| Some((known.get(name)?, v))).try_for_each(|(schema, v)| self.check(schema, v))
    }

    fn named(&self, reference: &str) -> Result<&Value, String> {
        let pointer = reference.strip_prefix('#').ok_or("a reference to elsewhere")?;
        self.0.pointer(pointer).ok_or_else(|| format!("{reference} is missing"))
    }

    /// A binary body: only its length can be described.
    pub fn check_octets(&self, schema: &Value, length: usize) -> Checked {
        // As long as a text of so many letters.
        self.check(schema, &Value::String("x".repeat(length)))
    }
}

fn names(wanted: &Value) -> Vec<&str> {
    wanted.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        other => panic!("the type {other} is not known to the checker"),
    }
}

fn length_fits(keyword: &str, wanted: &Value, value: &Value) -> bool {
    let length = match value {
        Value::String(text) if keyword.ends_with("Length") => text.chars().count(),
        Value::Array(items) if keyword.ends_with("Items") => items.len(),
        _ => return true,
    };
    let bound = usize::try_from(wanted.as_u64().unwrap()).unwrap();
    if keyword.starts_with("min") { length >= bound } else { length <= bound }
}

/// `^…$` of letters and classes, each once, `{n}` times, or `+`. Greedy without going back: enough for the document's patterns.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.strip_prefix('^').and_then(|p| p.strip_suffix('$')).expect("a whole pattern");
    let mut text = text.chars().peekable();
    while let Some(first) = rest.chars().next() {
        let class = if first == '[' { &rest[1..rest.find(']').unwrap()] } else { &rest[..first.len_utf8()] };
        rest = &rest[if first == '[' { class.len() + 2 } else { class.len() }..];
        let (least, most) = match rest.chars().next() {
            Some('+') => (1, usize::MAX),
            Some('{') => rest[1..rest.find('}').unwrap()].parse().map(|n| (n, n)).unwrap(),
            _ => (1, 1),
        };
        rest = match rest.chars().next() {
            Some('+') => &rest[1..],
            Some('{') => &rest[rest.find('}').unwrap() + 1..],
            _ => rest,
        };
        let mut count = 0;
        while count < most && text.next_if(|c| in_class(class, *c)).is_some() {
            count += 1;
        }
        if count < least {
            return false;
        }
    }
    text.next().is_none()
}

fn in_class(class: &str, c: char) -> bool {
    let letters: Vec<char> = class.chars().collect();
    let ranges = letters.windows(3).filter(|w| w[1] == '-').any(|w| w[0] <= c && c <= w[2]);
    ranges || letters.contains(&c) && (c != '-' || letters.len() == 1)
}

#[test]
fn the_checker_refuses_what_does_not_fit() {
    use serde_json::json;
    let schemas = json!({"named": {"type": "integer", "minimum": 3, "maximum": 5}});
    let schemas = Schemas(&schemas);
    let fits = |schema: Value, value: Value| schemas.check(&schema, &value).is_ok();
    assert!(fits(json!({"$ref": "#/named"}), json!(3)) && !fits(json!({"$ref": "#/named"}), json!(6)));
    assert!(!fits(json!({"$ref": "#/named"}), json!("3")) && !fits(json!({"$ref": "#/other"}), json!(3)));
    assert!(fits(json!({"pattern": "^[0-9a-f]{4}\n$"}), json!("00af\n")) && !fits(json!({"pattern": "^[0-9a-f]{4}$"}), json!("00aff")));
    assert!(fits(json!({"pattern": "^a:[a-z_]+$"}), json!("a:b_c")) && !fits(json!({"pattern": "^a:[a-z_]+$"}), json!("a:b-c")));
    let object = json!({"type": "object", "required": ["a"], "additionalProperties": false, "properties": {"a": {"type": "string"}}});
    assert!(fits(object.clone(), json!({"a": "x"})) && !fits(object.clone(), json!({})));
    assert!(!fits(object.clone(), json!({"a": 1})) && !fits(object, json!({"a": "x", "b": 1})));
    assert!(!fits(json!({"items": {"const": 1}}), json!([1, 2])) && !fits(json!({"maxItems": 1}), json!([1, 2])));
    assert!(!fits(json!({"contentEncoding": "base64"}), json!("AA")) && !fits(json!({"format": "date"}), json!("2026-02-30")));
    assert!(!fits(json!({"exotic": 1}), json!(1)) && !fits(json!({"anyOf": [{"const": 1}, {"const": 2}]}), json!(3)));
    assert!(
        schemas.check_octets(&json!({"minLength": 3, "maxLength": 3}), 3).is_ok()
            && schemas.check_octets(&json!({"maxLength": 3}), 4).is_err()
    );
}
