//! GET /api/v1/challenge: anybody.

use crate::world::World;
use amparo::base::encode;

#[test]
fn every_challenge_is_another_and_says_how_much_work() {
    let world = World::empty();
    let (one, two) = (world.get("/api/v1/challenge"), world.get("/api/v1/challenge"));
    assert_eq!(one.json()["bits"], 6);
    assert_ne!(one.body, two.body);
    let nonce = encode::from_base64(one.json()["nonce"].as_str().unwrap()).unwrap();
    assert_eq!(nonce[..4], world.today().number().to_be_bytes());
}

#[test]
fn head_answers_as_get_without_a_body() {
    let world = World::new();
    for path in
        ["/", "/es/", "/es/main.js", "/authority", "/api/v1/openapi.json", "/api/v1/directory", "/api/v1/directory/1", "/api/v1/challenge"]
    {
        let (get, head) = (world.get(path), world.by_method("HEAD", path));
        assert!(head.body.is_empty() && !get.body.is_empty(), "{path}");
        let named = |answer: &crate::wire::Answer| answer.undated().1;
        assert_eq!((head.status, named(&head)), (200, named(&get)), "{path}");
    }
    let missing = world.by_method("HEAD", "/api/v1/directory/7");
    assert_eq!((missing.status, missing.body.len()), (404, 0));
}
