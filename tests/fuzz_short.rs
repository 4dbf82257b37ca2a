//! Every fuzz target on mutated valid samples: a bounded, seeded run with each `cargo test`, many more with `AMPARO_LONG=1`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::cast_possible_truncation, missing_docs)]

#[path = "fuzz/mutate.rs"]
mod mutate;
#[path = "fuzz/targets/mod.rs"]
mod targets;

use mutate::Mutator;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use targets::{TARGETS, Target};

const ROUNDS: u64 = 250;
const LONG_ROUNDS: u64 = 60_000;
/// What a target may take of a short run: some open Argon2id or a signature each time.
const SHORT: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(60);

fn is_long() -> bool {
    std::env::var("AMPARO_LONG").is_ok_and(|long| long == "1")
}

/// The first input that makes the target panic, and how many were tried.
fn hunt(target: &Target, rounds: u64, time: Duration) -> (Option<Vec<u8>>, u64) {
    let samples = (target.samples)();
    let begun = Instant::now();
    let mut tried = 0;
    for round in 0..rounds {
        let input = if round < samples.len() as u64 { samples[round as usize].clone() } else { Mutator::new(round).mutated(&samples) };
        tried += 1;
        if catch_unwind(AssertUnwindSafe(|| (target.run)(&input))).is_err() {
            return (Some(input), tried);
        }
        if begun.elapsed() > time {
            break;
        }
    }
    (None, tried)
}

#[test]
fn no_mutated_input_makes_a_parser_panic() {
    let (rounds, time) = if is_long() { (LONG_ROUNDS, LONG) } else { (ROUNDS, SHORT) };
    for target in TARGETS {
        let (found, tried) = hunt(target, rounds, time);
        assert!(found.is_none(), "{}: {}", target.name, amparo::base::encode::base64(&found.unwrap()));
        assert!(tried >= 20, "{}: only {tried} inputs", target.name);
    }
}

#[test]
fn what_cargo_fuzz_found_stays_mended() {
    for target in TARGETS {
        let folder = format!("{}/tests/fuzz/corpus/{}", env!("CARGO_MANIFEST_DIR"), target.name);
        for file in std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{folder} is missing")) {
            (target.run)(&std::fs::read(file.unwrap().path()).unwrap());
        }
    }
}

#[test]
fn each_target_has_its_file_for_cargo_fuzz() {
    let manifest = include_str!("fuzz/Cargo.toml");
    for target in TARGETS {
        assert!(manifest.contains(&format!("name = \"{}\"\n", target.name)), "{}", target.name);
        let path = format!("{}/tests/fuzz/fuzz_targets/{}.rs", env!("CARGO_MANIFEST_DIR"), target.name);
        assert!(std::fs::read_to_string(&path).unwrap().contains(&format!("run(\"{}\", data)", target.name)));
    }
}

#[test]
fn the_hunt_finds_a_planted_panic() {
    let planted = Target {
        name: "planted",
        run: |data| assert!(data.len() < 40 || data[36..40] != [255; 4], "planted"),
        samples: || vec![vec![0; 64]],
    };
    assert!(hunt(&planted, 20_000, Duration::from_secs(20)).0.is_some());
}

/// Writes the first corpora: `cargo test --test fuzz_short write_corpora -- --ignored`.
#[test]
#[ignore = "writes the corpora's first files anew"]
fn write_corpora() {
    for target in TARGETS {
        let folder = format!("{}/tests/fuzz/corpus/{}", env!("CARGO_MANIFEST_DIR"), target.name);
        std::fs::create_dir_all(&folder).unwrap();
        for (n, sample) in (target.samples)().iter().enumerate() {
            std::fs::write(format!("{folder}/sample-{n}"), sample).unwrap();
        }
    }
}
