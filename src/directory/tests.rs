//! A small directory, and all the ways to spoil it.

use super::*;
use crate::base::Day;
use crate::crypto::{BoxKey, BoxPublic, Deployment, Hash32, SignKey, random_secret};
use serde_json::{Value, json};

struct World {
    keys: Vec<SignKey>,
    authority: Authority,
    content: DirectoryContent,
    boxes: Vec<BoxKey>,
}

fn day(n: u32) -> Day {
    Day::from_number(20_781 + n).unwrap()
}

fn texts(text: &str) -> Value {
    json!({"es": text, "en": text})
}

fn member(n: usize, office: &str, key: &BoxKey) -> Value {
    let box_pks = json!([{"pk": key.public(), "from": day(0), "until": day(60)}]);
    let sign_pk = SignKey::from_seed(&random_secret()).public();
    json!({"id": format!("m-{n}"), "office": office, "role": "intake", "names": texts("m"), "sign_pk": sign_pk, "box_pks": box_pks})
}

fn world(keys: usize, threshold: u8) -> World {
    let keys: Vec<SignKey> = (0..keys).map(|_| SignKey::from_seed(&random_secret())).collect();
    let authority = Authority::new(keys.iter().map(SignKey::public).collect(), threshold).unwrap();
    let boxes: Vec<BoxKey> = (0..4).map(|_| BoxKey::from_secret(random_secret())).collect();
    let office = |id: &str| json!({"id": id, "kind": "prosecution", "names": texts(id), "level": "national"});
    let members: Vec<Value> = boxes.iter().enumerate().map(|(n, key)| member(n, if n < 2 { "a" } else { "b" }, key)).collect();
    let content = json!({
        "format": "amparo-directory-1", "deployment": authority.fingerprint(), "version": 1, "previous": Hash32::ZERO,
        "issued": day(0), "expires": day(30), "languages": ["es", "en"], "names": texts("x"),
        "questionnaire": {"version": 1, "hash": Hash32::ZERO}, "gate": {"pk": authority.keys()[0], "sealed": []},
        "offices": [office("a"), office("b")], "members": members, "conflict_fallback": ["b"],
        "duty": [{"office": "a", "address": "duty@example.org"}],
        "rules": [{"id": "r", "countries": ["GT"], "when": true, "offices": ["a", "b"], "why": texts("w")}],
        "helplines": [{"country": "GT", "names": texts("h"), "number": "1", "hours": texts("24"), "free": true, "police": false, "verified": day(0)}],
    });
    World { keys, authority, content: serde_json::from_value(content).unwrap(), boxes }
}

impl World {
    fn id(&self) -> Deployment {
        self.authority.fingerprint()
    }

    fn sign(&self, content: DirectoryContent) -> Result<Dsse, DirectoryError> {
        sign_new(content, None, (day(0), day(30)), &self.id(), &self.keys[0])
    }

    fn directory(&self) -> Directory {
        publishable(self.sign(self.content.clone()).unwrap(), &self.id(), &self.authority).unwrap()
    }

    /// Signs content as a careless authority would: no check before.
    fn sign_unchecked(&self, content: &DirectoryContent) -> Result<Directory, DirectoryError> {
        let mut dsse = Dsse::unsigned(verified::directory_type(&self.id()), serde_json::to_vec(content).unwrap());
        dsse.sign(&self.keys[0]);
        publishable(dsse, &self.id(), &self.authority)
    }
}

#[test]
fn a_signed_directory_is_read_back_and_its_gate_opens_for_members_alone() {
    let world = world(1, 1);
    let directory = world.directory();
    let again = UnverifiedDirectory::from_json(&directory.to_json().unwrap()).unwrap().verify(&world.id(), &world.authority).unwrap();
    assert_eq!(again.hash(), directory.hash());
    let id: MemberId = "m-1".parse().unwrap();
    assert_eq!(again.gate_key(&id, &[&world.boxes[1]]).unwrap().public(), again.content().gate.pk);
    assert_eq!(again.gate_key(&id, &[&world.boxes[0]]).err(), Some(DirectoryError::NotAMember));
    assert_eq!(again.gate_key(&"m-9".parse().unwrap(), &[&world.boxes[0]]).err(), Some(DirectoryError::NotAMember));
}

#[test]
fn a_threshold_wants_distinct_keys_of_the_authority() {
    let world = world(3, 2);
    let mut dsse = world.sign(world.content.clone()).unwrap();
    assert_eq!(publishable(dsse.clone(), &world.id(), &world.authority).err(), Some(DirectoryError::BadSignature));
    dsse.sign(&world.keys[0]);
    assert_eq!(publishable(dsse.clone(), &world.id(), &world.authority).err(), Some(DirectoryError::BadSignature));
    dsse.sign(&SignKey::from_seed(&random_secret()));
    assert_eq!(publishable(dsse.clone(), &world.id(), &world.authority).err(), Some(DirectoryError::BadSignature));
    add_signature(&mut dsse, &world.keys[2]);
    assert!(publishable(dsse, &world.id(), &world.authority).is_ok());
}

#[test]
fn one_key_twice_in_the_json_counts_once() {
    let world = world(3, 2);
    let mut json = serde_json::to_value(world.sign(world.content.clone()).unwrap()).unwrap();
    let first = json["signatures"][0].clone();
    json["signatures"].as_array_mut().unwrap().push(first);
    let dsse: Dsse = serde_json::from_value(json).unwrap();
    assert_eq!(dsse.signature_count(), 2);
    assert_eq!(publishable(dsse, &world.id(), &world.authority).err(), Some(DirectoryError::BadSignature));
}

#[test]
fn a_changed_payload_or_another_deployment_is_refused() {
    let world = world(1, 1);
    let other = self::world(1, 1);
    let dsse = world.sign(world.content.clone()).unwrap();
    assert_eq!(publishable(dsse.clone(), &other.id(), &other.authority).err(), Some(DirectoryError::BadSignature));
    assert_eq!(publishable(dsse.clone(), &other.id(), &world.authority).err(), Some(DirectoryError::BadSignature));
    let mut json = serde_json::to_value(dsse).unwrap();
    let payload = crate::base::encode::from_base64(json["payload"].as_str().unwrap()).unwrap();
    let changed = String::from_utf8(payload).unwrap().replace("duty@example.org", "duty@example.com");
    json["payload"] = crate::base::encode::base64(changed.as_bytes()).into();
    assert_eq!(publishable(serde_json::from_value(json).unwrap(), &world.id(), &world.authority).err(), Some(DirectoryError::BadSignature));
}

#[test]
fn expiry_and_roll_back_are_refused() {
    let world = world(1, 1);
    let directory = world.directory();
    assert!(directory.check_current(day(30), Some(1)).is_ok());
    assert_eq!(directory.check_current(day(31), None), Err(DirectoryError::Expired));
    assert_eq!(directory.check_current(day(1), Some(2)), Err(DirectoryError::RolledBack));
    assert!(directory.check_follows(None).is_ok());
    assert_eq!(directory.check_follows(Some(directory.reference())), Err(DirectoryError::WrongChain));
    let next = sign_new(world.content.clone(), Some(directory.reference()), (day(1), day(20)), &world.id(), &world.keys[0]).unwrap();
    let next = publishable(next, &world.id(), &world.authority).unwrap();
    assert!(next.check_follows(Some(directory.reference())).is_ok());
    assert_eq!(next.check_follows(None), Err(DirectoryError::WrongChain));
    assert_ne!(next.content().gate.pk, directory.content().gate.pk);
}

#[test]
fn spoiled_content_is_refused_even_if_signed() {
    let world = world(1, 1);
    let sealed = world.directory().content().clone();
    assert!(world.sign_unchecked(&sealed).is_ok());
    type Spoil = (&'static str, fn(&mut DirectoryContent));
    let spoils: [Spoil; 15] = [
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
}

#[test]
fn a_bundle_is_trusted_only_from_the_pinned_authority_and_while_fresh() {
    let world = world(1, 1);
    let directory = world.directory();
    let gate = directory.gate_key(&"m-0".parse().unwrap(), &[&world.boxes[0]]).unwrap();
    let note = FreshnessNote::make(&directory, day(9), &gate, &world.id()).to_bytes();
    let bundle = |note: Option<&[u8]>| {
        let whole = Bundle::new(world.authority.clone(), vec![], directory.dsse().clone(), note, day(9));
        Bundle::from_json(&serde_json::to_vec(&whole).unwrap()).unwrap()
    };
    let trusted = bundle(Some(&note)).verify(&world.id(), day(9), None).unwrap();
    assert!(trusted.check_for_reports(day(9)).is_ok());
    assert!(trusted.check_for_reports(day(16)).is_ok());
    assert_eq!(trusted.check_for_reports(day(17)), Err(DirectoryError::Stale));
    assert_eq!(trusted.check_for_reports(day(31)), Err(DirectoryError::Expired));
    let bare = bundle(None).verify(&world.id(), day(9), None).unwrap();
    assert!(bare.check_for_reports(day(7)).is_ok());
    assert_eq!(bare.check_for_reports(day(8)), Err(DirectoryError::Stale));
    assert_eq!(bundle(None).verify(&Deployment([1; 32]), day(9), None).err(), Some(DirectoryError::OtherAuthority));
    assert_eq!(bundle(None).verify(&world.id(), day(9), Some(2)).err(), Some(DirectoryError::RolledBack));
    let mut bent = note;
    bent[40] ^= 1;
    assert!(bundle(Some(&bent)).verify(&world.id(), day(9), None).unwrap().freshness.is_none());
    let ahead = FreshnessNote::make(&directory, day(20), &gate, &world.id());
    assert!(ahead.verify(&directory, &world.id(), day(9)).is_err());
}

#[test]
fn a_new_authority_needs_both_thresholds() {
    let (old, new) = (world(2, 2), world(1, 1));
    let (kind, payload) = root_record(&old.id(), 1, &old.authority, &new.authority).unwrap();
    let mut root = Dsse::unsigned(kind, payload);
    for key in old.keys.iter().chain(&new.keys) {
        let before = walk_roots(&old.id(), &old.authority, std::slice::from_ref(&root));
        assert_eq!(before.err(), Some(DirectoryError::BadSignature));
        root.sign(key);
    }
    assert_eq!(walk_roots(&old.id(), &old.authority, std::slice::from_ref(&root)).unwrap(), new.authority);
    assert_eq!(walk_roots(&old.id(), &old.authority, &[root.clone(), root]).err(), Some(DirectoryError::WrongChain));
    assert_eq!(walk_roots(&old.id(), &new.authority, &[]).err(), Some(DirectoryError::OtherAuthority));
}

#[test]
fn a_fingerprint_is_read_as_people_write_it() {
    let id = world(1, 1).id();
    let shown = show_fingerprint(&id);
    assert_eq!(shown.split(' ').count(), 16);
    assert_eq!(parse_fingerprint(&shown.to_uppercase().replace(' ', "-")), Some(id));
    assert_eq!(parse_fingerprint("abc"), None);
}
