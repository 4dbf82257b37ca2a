//! Who may sign, what follows what, and what a client trusts.

use super::*;

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
    dsse.sign(&world.keys[2]);
    assert!(publishable(dsse, &world.id(), &world.authority).is_ok());
}

#[test]
fn a_further_person_signs_only_what_she_could_have_made() {
    let world = world(3, 2);
    let good = world.sign(world.content.clone()).unwrap();
    let id = world.id();
    let at = |today: u32| Standing { deployment: &id, authority: &world.authority, former: None, today: day(today) };
    let mut dsse = good.clone();
    assert_eq!(countersign(&mut dsse, &at(0), &SignKey::from_seed(&random_secret())), Err(DirectoryError::NotAnAuthorityKey));
    assert_eq!(countersign(&mut dsse, &at(31), &world.keys[1]), Err(DirectoryError::Expired));
    let other = DirectoryRef { version: 4, hash: Hash32::ZERO };
    assert_eq!(countersign(&mut dsse, &Standing { former: Some(other), ..at(0) }, &world.keys[1]), Err(DirectoryError::WrongChain));
    // A root record in the place of a directory.
    let mut root = Roots::start(&id, &world.authority).unwrap().draft(&world.authority).unwrap();
    assert_eq!(countersign(&mut root, &at(0), &world.keys[1]), Err(DirectoryError::BadSignature));
    let mut content: DirectoryContent = serde_json::from_slice(good.payload()).unwrap();
    content.helplines[0].verified = day(0).minus(91);
    let mut old = Dsse::unsigned(verified::directory_type(&id), serde_json::to_vec(&content).unwrap());
    assert!(matches!(countersign(&mut old, &at(0), &world.keys[1]), Err(DirectoryError::Invalid(_))));
    assert_eq!((old.signature_count(), root.signature_count(), dsse.signature_count()), (0, 0, 1));
    countersign(&mut dsse, &at(0), &world.keys[1]).unwrap();
    assert!(publishable(dsse, &id, &world.authority).is_ok());
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
fn a_flood_of_signatures_is_not_read() {
    let world = world(1, 1);
    let mut json = serde_json::to_value(world.sign(world.content.clone()).unwrap()).unwrap();
    let first = json["signatures"][0].clone();
    json["signatures"] = vec![first.clone(); SIGNATURES_MAX].into();
    assert!(serde_json::from_value::<Dsse>(json.clone()).is_ok());
    json["signatures"].as_array_mut().unwrap().push(first);
    assert!(serde_json::from_value::<Dsse>(json).is_err());
}

#[test]
fn an_authority_names_no_key_twice() {
    let world = world(1, 1);
    let key = world.authority.keys()[0];
    assert!(matches!(Authority::new(vec![key, key], 1), Err(DirectoryError::Invalid(_))));
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
    let start = Roots::start(&old.id(), &old.authority).unwrap();
    let mut root = start.draft(&new.authority).unwrap();
    assert_eq!(start.sign(&mut root, &SignKey::from_seed(&random_secret())).err(), Some(DirectoryError::NotAnAuthorityKey));
    for key in old.keys.iter().chain(&new.keys) {
        let before = walk_roots(&old.id(), &old.authority, std::slice::from_ref(&root));
        assert_eq!(before.err(), Some(DirectoryError::BadSignature));
        assert_eq!(start.sign(&mut root, key).unwrap(), new.authority);
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
