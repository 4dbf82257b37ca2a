//! What is refused although it is signed.

use super::*;

#[test]
fn spoiled_content_is_refused_even_if_signed() {
    let world = world(1, 1);
    let sealed = world.directory().content().clone();
    assert!(world.sign_unchecked(&sealed).is_ok());
    type Spoil = (&'static str, fn(&mut DirectoryContent));
    let spoils: [Spoil; 20] = [
        ("36 days", |c| c.expires = day(36)),
        ("expires before issue", |c| c.issued = day(31)),
        ("the same key twice", |c| c.members[0].box_pks = c.members[1].box_pks.clone()),
        ("the same id twice", |c| c.members[0].id = c.members[1].id.clone()),
        ("a day without a key", |c| c.members[0].box_pks[0].until = day(29)),
        ("a short period", |c| c.members[0].box_pks[0].until = day(10)),
        ("an office that is not there", |c| c.members[0].office = "z".parse().unwrap()),
        ("a rule for nobody", |c| c.rules[0].offices = vec!["z".parse().unwrap()]),
        ("no fallback", |c| c.conflict_fallback.clear()),
        ("a local duty office", |c| c.offices[0].level = Level::Local),
        ("a gate for a stranger", |c| c.gate.sealed[0].member = "m-7".parse().unwrap()),
        ("a gate twice", |c| c.gate.sealed.push(c.gate.sealed[0].clone())),
        ("a language missing", |c| drop(c.offices[1].names.remove("en"))),
        ("no language", |c| c.languages.clear()),
        ("version 0", |c| c.version = 0),
        ("a rule's id in capitals", |c| c.rules[0].id = "R".into()),
        ("two rules of one id", |c| c.rules.push(c.rules[0].clone())),
        ("a gate box cut short", |c| drop(c.gate.sealed[0].sealed.drain(..4))),
        ("a gate box not in base64", |c| c.gate.sealed[0].sealed.insert(0, '*')),
        ("a rule without its why", |c| c.rules[0].why.clear()),
    ];
    for (name, spoil) in spoils {
        let mut content = sealed.clone();
        spoil(&mut content);
        let error = world.sign_unchecked(&content).err();
        assert!(matches!(error, Some(DirectoryError::Invalid(_))), "{name}: {error:?}");
    }
}

#[test]
fn too_many_offices_or_members_are_refused() {
    let world = world(1, 1);
    let mut content = world.directory().content().clone();
    for n in 10..13 {
        let key = BoxKey::from_secret(random_secret());
        content.members.push(serde_json::from_value(member(n, "a", &key)).unwrap());
    }
    assert!(matches!(world.sign(content), Err(DirectoryError::Invalid(why)) if why.contains("intake")));
    let mut content = world.directory().content().clone();
    for n in 0..3 {
        let mut office = content.offices[0].clone();
        office.id = format!("more-{n}").parse().unwrap();
        content.rules[0].offices.push(office.id.clone());
        content.offices.push(office);
    }
    assert!(matches!(world.sign(content), Err(DirectoryError::Invalid(why)) if why.contains("more than 4 offices")));
}

#[test]
fn weak_keys_are_refused_when_read() {
    let world = world(1, 1);
    let mut content = world.directory().content().clone();
    content.members[0].box_pks[0].pk = BoxPublic([0; 32]);
    assert_eq!(world.sign_unchecked(&content).err(), Some(DirectoryError::WeakKey));
}

#[test]
fn what_must_be_understood_and_is_not_is_refused() {
    let world = world(1, 1);
    let mut content = world.directory().content().clone();
    content.must_understand = vec!["helplines".into()];
    assert!(world.sign_unchecked(&content).is_ok());
    content.must_understand = vec!["lanes".into()];
    assert_eq!(world.sign_unchecked(&content).err(), Some(DirectoryError::MustUnderstand));
}

#[test]
fn an_old_helpline_is_refused_when_the_directory_is_made() {
    let world = world(1, 1);
    let mut content = world.content.clone();
    content.helplines[0].verified = day(0).minus(91);
    assert!(matches!(world.sign(content), Err(DirectoryError::Invalid(why)) if why.contains("helpline")));
    let mut content = world.content.clone();
    content.emergency = serde_json::from_value(json!([{"country": "GT", "number": "110", "verified": day(0).minus(91)}])).unwrap();
    assert!(matches!(world.sign(content), Err(DirectoryError::Invalid(why)) if why.contains("110")));
}

#[test]
fn an_overdue_review_is_refused_when_the_directory_is_made_and_not_when_it_is_read() {
    let world = world(1, 1);
    let mut content = world.directory().content().clone();
    let law = |reviewed: Day| {
        json!([{"country": "GT", "names": texts("g"), "anonymous_mode": "unknown", "notice_before_typing": texts("n"), "ack_days": 7, "feedback_days": 90,
            "feedback_max_days": 180, "child_age": 18, "retention_days": 3650, "last_reviewed": reviewed, "reviewed_by": "r"}])
    };
    content.jurisdictions = serde_json::from_value(law(day(0).minus(365))).unwrap();
    assert!(world.sign(content.clone()).is_ok());
    content.jurisdictions = serde_json::from_value(law(day(0).minus(366))).unwrap();
    assert!(matches!(world.sign(content.clone()), Err(DirectoryError::Invalid(why)) if why.contains("12 months")));
    assert!(world.sign_unchecked(&content).is_ok());
    content.jurisdictions[0].notice_before_typing.remove("en");
    assert!(matches!(world.sign_unchecked(&content), Err(DirectoryError::Invalid(why)) if why.contains("language")));
}
