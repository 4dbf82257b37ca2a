//! The mailbox request and its answer of one length.

use super::envelopes::{first, second};
use super::forge::{HERE, head, link, nonce, reporter, sign_key};
use super::{Case, Format, Given, Outcome, epochs, replies, wrong};
use amparo::base::{Clock, Day, Secret, encode::hex};
use amparo::client::{ClientError, MailboxAnswer};
use amparo::crypto::{Deployment, NonceMarks, SignKey, derive_long};
use amparo::envelope::Sealed;
use amparo::mailbox::{Mailbox, MailboxError};
use amparo::receipt::{ReporterKeys, mailbox_id};
use amparo::store::{SledStore, Store};
use serde_json::{Value, json};
use std::sync::Arc;

pub const FORMAT: Format = Format {
    what: "mailbox",
    make: || [requests(), answers(), bad_answers()].into_iter().flatten().collect(),
    read,
    codes: &["bad_seal", "malformed", "no_mailbox", "not_canonical", "not_ours", "unknown_kind", "unknown_version", "wrong_length"],
};

const DAY: u32 = 20_781;
const LENGTH: usize = 40_960;

/// A nonce of the server whose secret is 7, of its day.
fn server_nonce() -> Vec<u8> {
    let front = [&DAY.to_be_bytes()[..], &[5; 16]].concat();
    let mark: [u8; 16] = derive_long(&Secret::new([7; 32]), "nonce", &[&front]);
    [&front[..], &mark].concat()
}

pub fn request(verb: u8, page: u16, key: &SignKey, nonce: &[u8], (usage, deployment): (&str, &Deployment)) -> Vec<u8> {
    let front = [&[1, verb][..], &page.to_be_bytes(), key.public().bytes(), nonce].concat();
    let signature = key.sign(usage, deployment, &[&front]);
    [&front, signature.as_ref()].concat()
}

fn ask(name: &str, bytes: &[u8]) -> Case {
    Case::new(name, "answer_of_server", json!({"request": hex(bytes)})).desk()
}

fn requests() -> Vec<Case> {
    let (own, book) = (sign_key(11), ("mailbox request", &HERE));
    let make = |name: &str, verb: u8, page: u16| {
        let with = json!({"verb": if verb == 1 { "read" } else { "destroy" }, "page": page, "sign": hex(&[11; 32]), "nonce": hex(&nonce()), "deployment": HERE});
        Case::new(name, "request", with).good(hex(&request(verb, page, &own, &nonce(), book)))
    };
    let good = request(1, 0, &own, &server_nonce(), book);
    let bent = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let malformed = |name: &str, bytes: Vec<u8>| ask(name, &bytes).refused("malformed");
    let zeros = |name: &str, bytes: Vec<u8>| ask(name, &bytes).refused("no_mailbox");
    let mut version = good.clone();
    version[0] = 2;
    vec![
        make("a request to read", 1, 0),
        make("a request for page 258", 1, 258),
        make("a request to destroy", 2, 0),
        ask("a request that is answered", &good).good(json!({"answer": hex(&amparo::crypto::blake2b_256(&[&shown()]))})),
        malformed("no request", vec![]),
        malformed("a request of 135 bytes", good[..135].to_vec()),
        malformed("a request of 137 bytes", [&good[..], &[0]].concat()),
        malformed("request version 2", version),
        malformed("verb 0", request(0, 0, &own, &server_nonce(), book)),
        malformed("verb 3", request(3, 0, &own, &server_nonce(), book)),
        zeros("another's mailbox", request(1, 0, &sign_key(13), &server_nonce(), book)),
        zeros("a signature for another use", request(1, 0, &own, &server_nonce(), ("seal", &HERE))),
        zeros("a signature on another deployment", request(1, 0, &own, &server_nonce(), ("mailbox request", &Deployment([8; 32])))),
        zeros("a nonce that the server did not make", request(1, 0, &own, &nonce(), book)),
        zeros("a bent page", bent(3)),
        zeros("read made destroy", [&[1, 2], &good[2..]].concat()),
        zeros("a bent key", bent(4)),
        zeros("a bent nonce", bent(40)),
        zeros("a bent signature of a request", bent(100)),
    ]
}

/// What the server shows of the report alone.
fn shown() -> Vec<u8> {
    fill(&[(0, vec![1]), (8, head(&first()))])
}

fn fill(parts: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0; LENGTH];
    for (at, part) in parts {
        bytes[*at..at + part.len()].copy_from_slice(part);
    }
    bytes
}

fn answer(name: &str, parts: &[(usize, Vec<u8>)]) -> Case {
    let put: Vec<Value> = parts.iter().map(|(at, part)| json!([at, hex(part)])).collect();
    Case::new(name, "answer", json!({"sign": hex(&[11; 32]), "deployment": HERE, "bytes": {"length": LENGTH, "put": put}}))
}

fn numbers(n: u32) -> Vec<u8> {
    n.to_be_bytes().to_vec()
}

/// A report, a follow-up, two epochs, ten replies of which page 0 shows eight.
fn full() -> Vec<(usize, Vec<u8>)> {
    let mut parts = vec![(0, vec![1]), (4, numbers(1)), (8, head(&first())), (1128, head(&second("algo más").bytes())), (2248, numbers(2))];
    parts.extend([(2252, epochs::honest(1)), (2392, epochs::honest(2)), (4492, numbers(10))]);
    parts.extend((0_u32..8).map(|n| (4500 + 4096 * usize::try_from(n).unwrap(), replies::text(10 - n, "x"))));
    parts
}

fn told(last: u32, (report, newest): (&[u8], &[u8]), epochs: usize, (total, replies): (u32, &[u32])) -> Value {
    json!({"last_number": last, "report": link(report), "last": link(newest), "epochs": epochs, "total": total, "replies": replies})
}

fn answers() -> Vec<Case> {
    let (one, two) = (first(), second("algo más").bytes());
    let mut second_page = full();
    second_page.truncate(8);
    second_page.extend([(4496, numbers(1)), (4500, replies::text(2, "x")), (8596, replies::text(1, "x"))]);
    let mut beyond = full();
    beyond.truncate(8);
    beyond.push((4496, numbers(65_535)));
    vec![
        answer("the report alone", &[(0, vec![1]), (8, head(&one))]).good(told(0, (&one, &one), 0, (0, &[]))),
        answer("a mailbox with all in it", &full()).good(told(1, (&one, &two), 2, (10, &[10, 9, 8, 7, 6, 5, 4, 3]))),
        answer("the second page", &second_page).good(told(1, (&one, &two), 2, (10, &[2, 1]))),
        answer("a page beyond the last", &beyond).good(told(1, (&one, &two), 2, (10, &[]))),
    ]
}

fn bad_answers() -> Vec<Case> {
    let one = head(&first());
    let over = |name: &str, of: &str, code: &str, (at, part): (usize, Vec<u8>)| {
        answer(name, &[]).with("bytes", json!({"like": of, "put": [[at, hex(&part)]]})).refused(code)
    };
    let and = |name: &str, code: &str, part: (usize, Vec<u8>)| over(name, "the report alone", code, part);
    let all = |name: &str, code: &str, part: (usize, Vec<u8>)| over(name, "a mailbox with all in it", code, part);
    let of = |name: &str, n: usize| {
        let bytes = json!({"like": "the report alone", "length": n});
        answer(name, &[]).with("bytes", bytes).refused("wrong_length")
    };
    let canonical = |name: &str, at: usize, bytes: &[u8]| and(name, "not_canonical", (at, bytes.to_vec()));
    let mut twelve = second("algo más");
    twelve.number = 12;
    let twelve = head(&twelve.bytes());
    let mut bent = one.clone();
    bent[1060] ^= 1;
    // Read as a record, the numbers behind the sixteen are of epoch 17, day 3.
    let mut seventeen = vec![(0, vec![1]), (8, one.clone()), (2248, numbers(17)), (4492, numbers(17)), (4496, numbers(3))];
    seventeen.extend((1..=16_u8).map(|n| (2252 + 140 * (usize::from(n) - 1), epochs::honest(n))));
    vec![
        answer("nothing there", &[]).refused("no_mailbox"),
        of("an answer of no bytes", 0),
        of("an answer cut short", LENGTH - 1),
        of("an answer and a byte", LENGTH + 1),
        canonical("a first byte of 2", 0, &[2]),
        canonical("a first byte of 0 and a report", 0, &[0]),
        canonical("byte 1", 1, &[1]),
        canonical("byte 3", 3, &[1]),
        canonical("a byte where the last message would be", 1128, &[1]),
        canonical("a follow-up though the last number is 0", 1128, &head(&second("x").bytes())),
        canonical("the last byte of the last message's place", 2247, &[1]),
        canonical("a byte where epochs would be", 2252, &[1]),
        canonical("a byte where the sixteenth epoch would end", 4491, &[1]),
        canonical("seventeen epochs", 2248, &numbers(17)),
        answer("a seventeenth epoch out of the numbers behind", &seventeen).refused("not_canonical"),
        canonical("very many epochs", 2248, &[0xff; 4]),
        canonical("an epoch of zeros", 2248, &numbers(1)),
        canonical("a byte where replies would be", 4500, &[1]),
        canonical("the last byte of the replies' place", 37_267, &[1]),
        canonical("a byte behind all", 37_268, &[1]),
        canonical("the very last byte", LENGTH - 1, &[1]),
        and("a reply of zeros", "unknown_version", (4492, numbers(1))),
        and("a last message of zeros", "unknown_version", (4, numbers(1))),
        and("another's report", "not_ours", (8, head(&super::properties::of_another()))),
        and("a report with a bent seal", "not_ours", (8, bent)),
        and("a follow-up in the report's place", "not_ours", (8, head(&second("x").bytes()))),
        and("a report with a kind that nobody knows", "unknown_kind", (10, vec![3])),
        and("a report with a bent mailbox id", "bad_seal", (12, vec![one[4] ^ 1])),
        all("the last message has another number", "not_ours", (1128, twelve)),
        all("a follow-up in the report's place, and as the last", "not_ours", (8, head(&second("algo más").bytes()))),
        all("the report as last message 1", "not_ours", (1128, one.clone())),
        all("last message 2 is number 1", "not_ours", (4, numbers(2))),
        all("the last message's seal is bent", "not_ours", (2200, vec![0; 8])),
        all("an epoch with a byte behind it", "not_canonical", (2252 + 139, vec![1])),
        all("a third epoch that is not counted", "not_canonical", (2532, epochs::honest(3))),
        all("fewer epochs than are there", "not_canonical", (2248, numbers(1))),
        all("fewer replies than are there", "not_canonical", (4492, numbers(7))),
        all("a first page said to be the second", "not_canonical", (4496, numbers(1))),
        all("a reply of version 2", "unknown_version", (4500, vec![2])),
        all("a byte behind eight replies", "not_canonical", (37_268, vec![1])),
        all("on another deployment than asked", "not_ours", (0, vec![1])).with("deployment", Deployment([8; 32])).refused("not_ours"),
        all("for other words", "not_ours", (0, vec![1])).with("sign", hex(&[13; 32])).refused("not_ours"),
    ]
}

/// The clock of a server in these tests.
pub struct Noon;

impl Clock for Noon {
    fn unix_seconds(&self) -> u64 {
        u64::from(DAY) * 86_400 + 43_200
    }
}

/// A server that holds the first report.
fn answer_of_server(request: &[u8]) -> Result<Vec<u8>, MailboxError> {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(SledStore::open(folder.path()).unwrap());
    store.put_report(&Sealed::parse(&first()).unwrap(), Day::from_number(DAY).unwrap()).unwrap();
    let nonces = Arc::new(NonceMarks::new(Secret::new([7; 32])));
    Mailbox { store, deployment: HERE, nonces, clock: Arc::new(Noon) }.answer(request)
}

fn read(given: &Given<'_>) -> Outcome {
    match given.act() {
        // The client's own making of it: src/client/mailbox.rs, over the same file.
        "request" => Ok(given.case["expect"].clone()),
        "answer_of_server" => match answer_of_server(&given.hex("request")) {
            Err(_) => Err(wrong("malformed")),
            Ok(answer) if answer.iter().all(|byte| *byte == 0) && answer.len() == LENGTH => Err(wrong("no_mailbox")),
            Ok(answer) => Ok(json!({"answer": hex(&amparo::crypto::blake2b_256(&[&answer]))})),
        },
        _ => {
            let code = |error: ClientError| wrong(error.code());
            let sign = SignKey::from_seed(&Secret::new(given.array("sign")));
            let keys = ReporterKeys { mailbox_id: mailbox_id(&sign.public()), sign, reply_box: reporter().reply_box };
            let answer = MailboxAnswer::parse(&given.bytes()).map_err(code)?.ok_or_else(|| wrong("no_mailbox"))?;
            answer.check_ours(&keys, &Deployment(given.array("deployment"))).map_err(code)?;
            let replies: Vec<u32> = answer.replies.iter().map(|reply| reply.place().number).collect();
            Ok(json!({
                "last_number": answer.last_number, "report": answer.report.link(), "last": answer.newest().link(),
                "epochs": answer.epochs.len(), "total": answer.total, "replies": replies,
            }))
        }
    }
}
