//! GET /api/v1/feed: a member, a former session, strangers.

use crate::made::{MEDIUM, SMALL};
use crate::wire::Question;
use crate::world::World;
use amparo::base::encode;
use amparo::caselog::{Batch, ItemKind};
use amparo::feed::TOKEN_SECONDS;

fn numbers(answer: &crate::wire::Answer) -> (u32, Vec<u32>) {
    let (newest, batches) = Batch::read_page(&answer.body).unwrap();
    (newest, batches.iter().map(|batch| batch.number).collect())
}

#[test]
fn a_member_reads_batches_from_a_number_on() {
    let world = World::new();
    let token = world.token();
    assert_eq!(numbers(&world.feed(&token, "from=1")), (0, vec![]));
    let cases = [world.reported(SMALL), world.reported(MEDIUM)];
    world.store.publish(world.today()).unwrap();
    assert_eq!(world.append(&cases[0], 0).status, 204);
    world.store.publish(world.today()).unwrap();
    for (from, wanted) in [(0, vec![1, 2]), (1, vec![1, 2]), (2, vec![2]), (3, vec![]), (u32::MAX, vec![])] {
        assert_eq!(numbers(&world.feed(&token, &format!("from={from}"))), (2, wanted), "from {from}");
    }
    let (_, batches) = Batch::read_page(&world.feed(&token, "from=1").body).unwrap();
    let mut ids = cases.map(|case| case.id());
    ids.sort();
    assert_eq!(batches[0].items.iter().map(|item| item.mailbox_id).collect::<Vec<_>>(), ids);
    assert_eq!(batches[1].items[0].kind, ItemKind::Entry);
}

#[test]
fn without_a_good_token_there_is_no_feed() {
    let world = World::new();
    world.reported(SMALL);
    world.store.publish(world.today()).unwrap();
    let token = world.token();
    let refused = (401, "token_expired".to_owned());
    let mut other = encode::from_base64(&token).unwrap();
    other[31] ^= 1;
    for wrong in [&encode::base64(&other), &encode::base64(&other[..31]), "", "?", &token[1..], &token.to_lowercase()] {
        let answer = world.feed(wrong, "from=1");
        assert_eq!(answer.told(), refused, "{wrong}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let ask = |headers| world.ask(&Question { method: "GET", path: "/api/v1/feed?from=1", headers, body: &[], length: None });
    assert_eq!(ask(vec![]).told(), refused);
    assert_eq!(ask(vec![("authorization", format!("Basic {token}"))]).told(), refused);
    assert_eq!(ask(vec![("cookie", format!("token={token}"))]).told(), refused);
    assert_eq!(world.get(&format!("/api/v1/feed?from=1&token={}", token.replace('+', "%2B"))).told(), refused);
    assert_eq!(world.feed(&token, "from=1").status, 200);
}

#[test]
fn a_token_runs_out() {
    let world = World::new();
    let token = world.token();
    world.pass_seconds(TOKEN_SECONDS - 1);
    assert_eq!(world.feed(&token, "from=1").status, 200);
    world.pass_seconds(1);
    assert_eq!(world.feed(&token, "from=1").told(), (401, "token_expired".into()));
    assert_eq!(world.feed(&world.token(), "from=1").status, 200);
}

#[test]
fn from_is_one_number() {
    let world = World::new();
    let token = world.token();
    for query in ["", "from=", "from=x", "from=-1", "from=4294967296", "from=1&from=2", "From=1", "to=1"] {
        assert_eq!(world.feed(&token, query).told(), (400, "malformed".into()), "{query}");
    }
    assert_eq!(world.feed("", "from=x").told(), (401, "token_expired".into()), "a stranger learns nothing of the form");
    assert_eq!(world.feed(&token, "from=1").status, 200);
}
