//! The shared vectors, and what must not happen.

use super::*;
use crate::base::Day;
use crate::crypto::SignKey;
use crate::directory::{Authority, Directory, DirectoryContent, publishable, sign_new};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const FILE: &[u8] = include_bytes!("../../config/questionnaire.json");

fn vectors(name: &str) -> Value {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn answers(value: Value) -> Answers {
    value.as_object().unwrap().clone()
}

fn signed(content: &Value, day: Day) -> Directory {
    let key = SignKey::from_seed(&crate::crypto::random_secret());
    let authority = Authority::new(vec![key.public()], 1).unwrap();
    let content: DirectoryContent = serde_json::from_value(content.clone()).unwrap();
    let dsse = sign_new(content, None, (day, day.plus(30)), &authority.fingerprint(), &key).unwrap();
    publishable(dsse, &authority.fingerprint(), &authority).unwrap()
}

#[test]
fn routing_follows_the_vectors() {
    let vectors = vectors("routing");
    let day: Day = vectors["day"].as_str().unwrap().parse().unwrap();
    let directory = signed(&vectors["directory"], day);
    for case in vectors["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let removed: Vec<_> = case["removed"].as_array().unwrap().iter().map(|o| o.as_str().unwrap().parse().unwrap()).collect();
        let routed = route(&directory, &answers(case["answers"].clone()), &removed, day);
        let expect = &case["expect"];
        if expect["nobody"] == true {
            assert_eq!(routed, Err(QuestionsError::Nobody), "{name}");
            continue;
        }
        let routed = routed.unwrap_or_else(|e| panic!("{name}: {e}"));
        let offices: Vec<&str> = routed.offices.iter().map(|c| c.office.as_str()).collect();
        assert_eq!(json!(offices), expect["offices"], "{name}");
        let recipients: Vec<&str> = routed.recipients.iter().map(|r| r.member.as_str()).collect();
        assert_eq!(json!(recipients), expect["recipients"], "{name}");
        assert_eq!(json!(routed.fallback), expect["fallback"], "{name}");
        let custodians: Vec<&str> = routed.custodians.iter().map(|c| c.as_str()).collect();
        assert_eq!(json!(custodians), expect["custodians"], "{name}");
        if let Some(wanted) = expect["excluded"].as_object() {
            let excluded: BTreeMap<&str, &str> = routed.excluded.iter().map(|e| (e.office.as_str(), e.reason.code())).collect();
            for (office, reason) in wanted {
                assert_eq!(excluded.get(office.as_str()), reason.as_str().as_ref(), "{name}: {office}");
            }
        }
        // An excluded office never holds a key, whatever else is so.
        assert!(routed.recipients.iter().all(|r| routed.excluded.iter().all(|e| e.office != r.office)), "{name}");
    }
}

#[test]
fn the_score_is_that_of_the_reference() {
    for case in vectors("score")["cases"].as_array().unwrap() {
        let c = &case["context"];
        let context = ScoreContext {
            linked: c["linked"].as_u64().unwrap().try_into().unwrap(),
            linked_confirmed: c["linked_confirmed"].as_bool().unwrap(),
            days_unread: c["days_unread"].as_u64().unwrap().try_into().unwrap(),
            manual_urgent: c["manual_urgent"].as_bool().unwrap(),
        };
        let got = score(&answers(case["answers"].clone()), &context);
        let expect = &case["expect"];
        let factors: BTreeMap<&str, u32> = got.factors.iter().map(|f| (f.id, f.points)).collect();
        assert_eq!(json!({"total": got.total, "lane": got.lane, "flags": got.flags, "factors": factors}), *expect, "{}", case["name"]);
    }
}

#[test]
fn protected_attributes_never_change_the_score() {
    for case in vectors("score")["cases"].as_array().unwrap() {
        let mut given = answers(case["answers"].clone());
        let before = score(&given, &ScoreContext::default()).total;
        let adults = ["women", "men", "lgbti", "migrant", "indigenous", "afro", "disability", "older", "pregnant"];
        if let Some(list) = given.get_mut("affected").and_then(Value::as_array_mut) {
            list.retain(|code| !adults.contains(&code.as_str().unwrap()));
        }
        for gone in ["how_know", "country", "access", "contact", "name"] {
            given.remove(gone);
        }
        assert_eq!(score(&given, &ScoreContext::default()).total, before);
    }
}

#[test]
fn three_answers_suffice_and_a_missing_one_is_named() {
    let questionnaire = Questionnaire::parse(FILE).unwrap();
    let three = json!({"country":"HN","what":["dk"],"institution":["dk"]});
    assert_eq!(check(&questionnaire, &answers(three.clone()), &[]).unwrap(), answers(three));
    let error = check(&questionnaire, &answers(json!({"country":"GT"})), &[]).unwrap_err();
    assert_eq!(error, QuestionsError::Missing(vec!["what".into(), "institution".into()]));
}

#[test]
fn wrong_answers_are_named() {
    let questionnaire = Questionnaire::parse(FILE).unwrap();
    let with = |id: &str, value: Value| {
        let mut all = answers(json!({"country":"GT","what":["m_s"],"institution":["police"]}));
        all.insert(id.into(), value);
        check(&questionnaire, &all, &[])
    };
    assert_eq!(with("colour", json!("x")), Err(QuestionsError::UnknownQuestion("colour".into())));
    assert_eq!(
        with("country", json!("Guatemala")),
        Err(QuestionsError::UnknownCode { question: "country".into(), code: "Guatemala".into() })
    );
    assert_eq!(with("what", json!("m_s")), Err(QuestionsError::WrongShape("what".into())));
    assert_eq!(with("what", json!(["m_s", "m_s"])), Err(QuestionsError::WrongShape("what".into())));
    assert_eq!(
        with("institution", json!(["police", "dk"])),
        Err(QuestionsError::NotAlone { question: "institution".into(), code: "dk".into() })
    );
    assert_eq!(with("account", json!("a".repeat(200_001))), Err(QuestionsError::TooLong("account".into())));
    assert_eq!(with("exclude", json!({"codes":["local"],"x":1})), Err(QuestionsError::WrongShape("exclude".into())));
    assert!(with("exclude", json!({"codes":["local","office-7"],"text":"x"})).is_ok());
    assert!(with("admin1", json!("GT-01")).is_ok());
}

#[test]
fn a_hidden_value_is_dropped_and_opens_no_other() {
    let questionnaire = Questionnaire::parse(FILE).unwrap();
    let given = answers(json!({"country":"multi","what":["m_a"],"institution":["private"],"admin1":"GT-01","official_part":["sex"],
        "se_kind":"me","se_route":"care","money":["cash"]}));
    let kept = check(&questionnaire, &given, &[]).unwrap();
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["country", "institution", "what"]);
}

#[test]
fn a_questionnaire_with_a_hole_is_refused_and_the_hole_is_named() {
    let whole: Value = serde_json::from_slice(FILE).unwrap();
    let refused = |spoil: &dyn Fn(&mut Value)| {
        let mut bent = whole.clone();
        spoil(&mut bent);
        Questionnaire::parse(&serde_json::to_vec(&bent).unwrap()).unwrap_err().to_string()
    };
    let error = refused(&|q| drop(q["questions"][2]["options"][3]["texts"].as_object_mut().unwrap().remove("pt")));
    assert!(error.contains("what.m_d"), "{error}");
    let error = refused(&|q| drop(q["questions"][0]["texts"].as_object_mut().unwrap().remove("en")));
    assert!(error.contains("danger_now"), "{error}");
    let error = refused(&|q| q["questions"][5]["show_if"] = json!({"has":{"what":["m_z"]}}));
    assert!(error.contains("what.m_z"), "{error}");
    let error = refused(&|q| q["questions"][1]["id"] = json!("what"));
    assert!(error.contains("what"), "{error}");
    assert!(refused(&|q| q["questions"][0]["required"] = json!(true)).contains("nothing else"));
}

#[test]
fn more_evidence_more_manifestations_and_more_part_never_lower_the_score() {
    for case in vectors("score")["cases"].as_array().unwrap() {
        let before = answers(case["answers"].clone());
        let at_first = score(&before, &ScoreContext::default());
        assert_eq!(at_first.total, at_first.factors.iter().map(|f| f.points).sum::<u32>().min(100));
        for (question, code) in [("evidence", "doc"), ("what", "m_b"), ("official_part", "runs")] {
            let mut more = before.clone();
            let list = more.entry(question).or_insert_with(|| json!([])).as_array_mut().unwrap();
            if !list.contains(&json!(code)) {
                list.push(json!(code));
            }
            let then = score(&more, &ScoreContext::default());
            assert!(then.total >= at_first.total && then.lane >= at_first.lane, "{}: {question}", case["name"]);
        }
    }
}
