//! The OpenAPI document, and what it says of an answer.

use crate::schema::Schemas;
use crate::wire::Answer;
use serde_json::Value;
use std::sync::LazyLock;

/// The committed document; that the server serves these very bytes is a test of its own.
pub static DOCUMENT: LazyLock<Document> =
    LazyLock::new(|| Document(serde_json::from_str(include_str!("../../src/http/openapi.json")).unwrap()));

pub struct Document(pub Value);

/// What the document has for a method and path.
pub enum Found<'a> {
    Operation(&'a str, &'a Value),
    OtherMethod(&'a str, Vec<&'a str>),
    Nothing,
}

impl Document {
    /// Path templates and their methods in capitals.
    pub fn operations(&self) -> Vec<(String, String, &Value)> {
        let of = |(path, methods): (&String, &'_ Value)| {
            let methods: Vec<String> = methods.as_object().unwrap().keys().cloned().collect();
            methods.into_iter().map(|m| (m, path.clone())).collect::<Vec<_>>()
        };
        let all = self.0["paths"].as_object().unwrap().iter().flat_map(of);
        all.map(|(method, path)| (method.to_uppercase(), path.clone(), &self.0["paths"][&path][&method])).collect()
    }

    fn template(&self, path: &str) -> Option<(&str, &Value)> {
        let path = path.split('?').next().unwrap();
        let paths = self.0["paths"].as_object().unwrap();
        let fits = |template: &str| {
            let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
            wanted.len() == given.len() && wanted.iter().zip(&given).all(|(w, g)| w == g || w.starts_with('{') && !g.is_empty())
        };
        let exact = paths.get_key_value(path);
        exact.or_else(|| paths.iter().find(|(template, _)| fits(template))).map(|(template, methods)| (template.as_str(), methods))
    }

    pub fn find(&self, method: &str, path: &str) -> Found<'_> {
        let Some((template, methods)) = self.template(path) else { return Found::Nothing };
        let asked = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
        match methods.get(&asked) {
            Some(operation) => Found::Operation(template, operation),
            None => Found::OtherMethod(template, methods.as_object().unwrap().keys().map(String::as_str).collect()),
        }
    }

    /// Whether an answer is one of those documented.
    pub fn check(&self, method: &str, path: &str, answer: &Answer) -> Result<(), String> {
        self.check_headers(answer)?;
        match self.find(method, path) {
            Found::Operation(_, operation) => self.check_answer(operation, method, answer),
            Found::Nothing if answer.status == 404 && method == "HEAD" && answer.body.is_empty() => Ok(()),
            Found::Nothing if answer.status == 404 => self.check_problem(answer, "not_found"),
            // A file that there is not takes no method at all.
            Found::OtherMethod(template, _)
                if (template.ends_with("{file}") || template.ends_with("{language}/")) && answer.status == 404 =>
            {
                self.check_problem(answer, "not_found")
            }
            Found::OtherMethod(_, methods) => {
                let mut allow: Vec<String> = methods.iter().map(|m| m.to_uppercase()).collect();
                if allow.contains(&"GET".to_owned()) {
                    allow.push("HEAD".into());
                }
                let mut told: Vec<&str> = answer.header("allow").unwrap_or_default().split(", ").collect();
                allow.sort();
                told.sort_unstable();
                if answer.status != 405 || allow != told {
                    return Err(format!("405 with Allow wanted: {answer:?}"));
                }
                if method == "HEAD" && answer.body.is_empty() { Ok(()) } else { self.check_problem(answer, "method_not_allowed") }
            }
            Found::Nothing => Err(format!("{method} {path} is not documented and gives {}", answer.status)),
        }
    }

    fn check_problem(&self, answer: &Answer, code: &str) -> Result<(), String> {
        Schemas(&self.0).check(&self.0["components"]["schemas"]["Problem"], &answer.json())?;
        if answer.code() == code { Ok(()) } else { Err(format!("{code} wanted")) }
    }

    fn check_answer(&self, operation: &Value, method: &str, answer: &Answer) -> Result<(), String> {
        let documented =
            operation["responses"].get(answer.status.to_string()).ok_or(format!("status {} is not documented", answer.status))?;
        let schemas = Schemas(&self.0);
        for (name, header) in documented["headers"].as_object().into_iter().flatten() {
            let value = answer.header(&name.to_lowercase()).ok_or(format!("no {name}"))?;
            schemas.check(&header["schema"], &Value::String(value.into()))?;
        }
        let Some(content) = documented["content"].as_object() else {
            return if answer.body.is_empty() && answer.header("content-type").is_none() { Ok(()) } else { Err("a body".into()) };
        };
        let media_type = answer.header("content-type").ok_or("no content type")?;
        let described = content.get(media_type).ok_or(format!("{media_type} is not documented"))?;
        match (described.get("schema"), media_type) {
            (None, _) => Ok(()),
            (Some(_), _) if method == "HEAD" => {
                if answer.body.is_empty() {
                    Ok(())
                } else {
                    Err("HEAD with a body".into())
                }
            }
            (Some(schema), "application/octet-stream") => schemas.check_octets(schema, answer.body.len()),
            (Some(schema), "text/plain; charset=utf-8") => schemas.check(schema, &String::from_utf8_lossy(&answer.body).into()),
            (Some(schema), _) => schemas.check(schema, &serde_json::from_slice(&answer.unpacked()).map_err(|_| "no JSON")?),
        }
    }

    /// The strict headers, and none that tells more.
    fn check_headers(&self, answer: &Answer) -> Result<(), String> {
        const OTHERS: [&str; 9] = [
            "content-length",
            "content-type",
            "content-encoding",
            "vary",
            "date",
            "connection",
            "allow",
            "retry-after",
            "www-authenticate",
        ];
        let strict = self.0["x-headers-of-every-answer"].as_object().unwrap();
        for (name, value) in strict {
            if answer.header(name) != value.as_str() {
                return Err(format!("{name} is {:?}", answer.header(name)));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for (name, _) in &answer.headers {
            if !seen.insert(name) || !strict.contains_key(name) && !OTHERS.contains(&name.as_str()) {
                return Err(format!("the header {name}"));
            }
        }
        let is_page = answer.header("vary") == Some("accept-encoding");
        if !is_page && (answer.header("content-encoding").is_some() || answer.header("vary").is_some()) {
            return Err("compressed".into());
        }
        let dated = answer.header("date").is_some_and(|date| date.len() == 29 && date.ends_with(" GMT"));
        if dated { Ok(()) } else { Err("HTTP wants a date".into()) }
    }

    /// Every documented (method, path, status, code); the code of what is no problem is empty.
    pub fn answers(&self) -> std::collections::BTreeSet<String> {
        let mut all = std::collections::BTreeSet::new();
        for (method, path, operation) in self.operations() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let codes = answer.pointer("/content/application~1problem+json/schema/allOf/1/properties/code/enum");
                let codes = codes.map_or(vec![""], |codes| codes.as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect());
                all.extend(codes.iter().map(|code| format!("{method} {path} {status} {code}")));
            }
        }
        all
    }
}
