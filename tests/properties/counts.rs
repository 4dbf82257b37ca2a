//! Properties 1 and 2: who can read stands nowhere in the server. Names are counted after a run, and after one with other recipients.

use crate::place::{COUNTRIES, MEMBERS, OFFICES, answers, place, published};
use crate::search::{Found, Needles, files};
use std::fs;

const REPORTS: usize = 4;

/// What a member does to every case of hers, and what the server then holds: folder and log, memory.
fn names_after(name: &str, country: &str, reader: &str, to: &str) -> Option<Found> {
    let server = place().serve(name);
    let here = place().at(&server.url);
    for _ in 0..REPORTS {
        here.report(&answers(country, "x"));
    }
    published();
    let inbox = here.desk(reader, &["inbox"]);
    let cases = inbox.as_array().unwrap();
    assert_eq!(cases.len(), REPORTS);
    for case in cases {
        here.desk(reader, &["refer", case["id"].as_str().unwrap(), "--office", to, "--why", "x"]);
    }
    let mut names = Needles::default();
    MEMBERS.iter().for_each(|(member, _)| names.text(member, member));
    OFFICES.iter().for_each(|office| names.text(office, office));
    let signed = here.http().get("/api/v1/directory/1").unwrap();
    let payload = here.trusted().directory.dsse().payload().to_vec();
    let known = [&signed[..], &payload];
    let mut beside = Found::new();
    for file in files(&server.data).into_iter().chain([server.log.clone()]) {
        names.count_beside(&fs::read(file).unwrap(), &known, &mut beside);
    }
    assert!(!names.in_folder(&server.data).is_empty(), "the directory is there");
    assert_eq!(beside, Found::new(), "no name stands in folder or log but as a part of the directory");
    names.in_memory_beside(&server, &known)
}

/// A freed copy of the directory that was half overwritten may still show a name: such remains come and go, what is kept stands in every
/// run. So the least of several runs is compared, further runs being made only while the two differ.
const RUNS_MAX: usize = 6;

fn least(one: Found, other: Option<Found>) -> Found {
    let Some(other) = other else { return one };
    let in_other = |name: &str| other.get(name).copied().unwrap_or_default();
    one.into_iter()
        .map(|(name, count)| (count.min(in_other(&name)), name))
        .filter(|(least, _)| *least > 0)
        .map(|(n, name)| (name, n))
        .collect()
}

#[test]
fn names_of_readers_stand_in_the_directory_alone_and_as_often_in_memory_whoever_they_are() {
    let (mut memory, mut control) = (None, None);
    for run in 0..RUNS_MAX {
        let one = names_after(&format!("to-alfa-{run}"), COUNTRIES[0], MEMBERS[0].0, OFFICES[2]);
        let other = names_after(&format!("to-gama-{run}"), COUNTRIES[1], MEMBERS[2].0, OFFICES[0]);
        let (Some(one), Some(other)) = (one, other) else { return };
        (memory, control) = (Some(least(one, memory)), Some(least(other, control)));
        if memory == control {
            return;
        }
    }
    assert_eq!(memory, control, "as read out of the directory, and no more");
}
