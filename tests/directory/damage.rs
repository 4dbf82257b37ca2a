//! Whatever happens to the bytes on the way: refused, or the very same directory.

use crate::world::{authority, day, signed};
use amparo::directory::{Bundle, UnverifiedDirectory};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damage_never_makes_another_directory(at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<bool>()) {
        let three = authority(&[1, 2, 3], 2);
        let dsse = signed(&three, &[1, 2]);
        let good = amparo::directory::directory_hash(dsse.payload());
        let mut bytes = serde_json::to_vec(&Bundle::new(three.clone(), vec![], dsse, None, day(1))).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = to }
        let read = Bundle::from_json(&bytes).and_then(|bundle| bundle.verify(&three.fingerprint(), day(1), None));
        if let Ok(trusted) = read {
            prop_assert_eq!(trusted.directory.hash(), good);
        }
    }

    #[test]
    fn any_payload_that_the_authority_signs_is_read_or_refused(payload in prop::collection::vec(any::<u8>(), 0..300), tail in ".{0,40}") {
        let one = authority(&[1], 1);
        let like = signed(&one, &[1]);
        for payload in [payload, [like.payload(), tail.as_bytes()].concat(), format!("{{{tail}").into_bytes()] {
            let same = payload.trim_ascii_end() == like.payload();
            let dsse = crate::world::sign_payload(&like, payload);
            let read = UnverifiedDirectory::from(dsse).verify(&one.fingerprint(), &one);
            prop_assert_eq!(read.is_ok(), same);
        }
    }
}
