//! Property 6: a client seals to a directory that the pinned authority signed, or not at all.

use crate::place::{COUNTRIES, Here, MEMBERS, answers, place, published, today};
use crate::relay::Relay;
use crate::server::Server;
use amparo::base::encode;
use amparo::crypto::{SignKey, random_secret};
use amparo::directory::{Authority, DirectoryContent, Dsse, UnverifiedDirectory, sign_new};
use serde_json::{Value, json};

/// The same offices under an authority whose key the test has, so that it can sign for other days.
struct Other {
    key: SignKey,
    authority: Authority,
    content: DirectoryContent,
    server: Server,
    first: Dsse,
}

impl Other {
    /// Version 1 of five days ago, version 2 of two days ago.
    fn new(name: &str) -> Self {
        let key = SignKey::from_seed(&random_secret());
        let authority = Authority::new(vec![key.public()], 1).unwrap();
        std::fs::write(place().folder.join(format!("{name}.json")), serde_json::to_vec(&authority).unwrap()).unwrap();
        let content = place().at(&place().shared().url).trusted().directory.content().clone();
        let server = Server::start(&place().folder, (name, &format!("{name}.json")), 0, "");
        let deployment = authority.fingerprint();
        let days = |ago: u32| (today().minus(ago), today().plus(20));
        let helplines = |mut content: DirectoryContent, ago| {
            content.helplines.iter_mut().for_each(|line| line.verified = today().minus(ago));
            content
        };
        let content = helplines(content, 50);
        let first = sign_new(content.clone(), None, days(5), &deployment, &key).unwrap();
        let former = UnverifiedDirectory::from(first.clone()).verify(&deployment, &authority).unwrap().reference();
        let second = sign_new(content.clone(), Some(former), days(2), &deployment, &key).unwrap();
        let http = amparo::client::Http::new(&server.url, None).unwrap();
        for signed in [&first, &second] {
            http.post_json("/api/v1/directory", &serde_json::to_vec(signed).unwrap()).unwrap();
        }
        Self { key, authority, content, server, first }
    }

    fn signed_for(&self, from: u32, until: u32) -> Value {
        let days = (today().minus(from), today().minus(until));
        json!(sign_new(self.content.clone(), None, days, &self.authority.fingerprint(), &self.key).unwrap())
    }
}

/// The payload changed, the signatures left.
fn changed(directory: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut directory = directory.clone();
    let payload = encode::from_base64(directory["payload"].as_str().unwrap()).unwrap();
    let mut content: Value = serde_json::from_slice(&payload).unwrap();
    change(&mut content);
    directory["payload"] = json!(encode::base64(content.to_string().as_bytes()));
    directory
}

fn lie(relay: &Relay, change: impl Fn(&mut Value) + Send + 'static) {
    relay.lie(move |path, answer| {
        if path != "/api/v1/directory" {
            return answer;
        }
        let mut bundle: Value = serde_json::from_slice(&answer).unwrap();
        change(&mut bundle);
        bundle.to_string().into_bytes()
    });
}

/// Neither command line sends anything but the question for the directory.
fn is_refused(here: &Here<'_>, relay: &Relay, what: &str, why: &str) {
    let report = here.file(&answers(COUNTRIES[0], "x").to_string());
    relay.take();
    let said = here.run(&["report"], &["--answers", &report], "");
    assert!(said.code == 1 && said.err.contains(why), "{what}: {} {}", said.code, said.err);
    assert_eq!(said.out, "", "{what}: words for a report that was not sent");
    assert!(relay.take().iter().all(|e| e.head.starts_with("GET /api/v1/directory")), "{what}: something was sent");
}

#[test]
fn a_directory_that_the_authority_did_not_sign_or_that_is_over_gets_no_report() {
    let other = Other::new("signed");
    let relay = Relay::to(other.server.port);
    let here = place().under(&relay.url, other.authority.fingerprint());
    here.report(&answers(COUNTRIES[0], "the honest server"));
    assert!(relay.take().iter().any(crate::relay::Exchange::is_send));

    let added = amparo::crypto::BoxKey::from_secret(random_secret()).public();
    lie(&relay, move |bundle| {
        bundle["directory"] = changed(&bundle["directory"], |content| {
            let mut one = content["members"][0].clone();
            (one["id"], one["box_pks"][0]["pk"]) = (json!("persona-alfa-9"), json!(added));
            content["members"].as_array_mut().unwrap().push(one);
        });
    });
    is_refused(&here, &relay, "an added recipient", "signatures");
    assert_eq!(here.run_desk(MEMBERS[0].0, &["inbox"]).code, 1);
    lie(&relay, |bundle| bundle["directory"] = changed(&bundle["directory"], |content| content["helplines"][0]["number"] = json!("666")));
    is_refused(&here, &relay, "a changed helpline", "signatures");

    // Signed, but by the server's own key, and with its own authority.
    let own = SignKey::from_seed(&random_secret());
    let theirs = Authority::new(vec![own.public()], 1).unwrap();
    let days = (today().minus(1), today().plus(20));
    let signed = |deployment| json!(sign_new(other.content.clone(), None, days, &deployment, &own).unwrap());
    let (here_signed, there_signed) = (signed(other.authority.fingerprint()), signed(theirs.fingerprint()));
    let for_ours = here_signed.clone();
    lie(&relay, move |bundle| bundle["directory"] = for_ours.clone());
    is_refused(&here, &relay, "another key", "signatures");
    let theirs_too = json!(theirs);
    lie(&relay, move |bundle| (bundle["authority"], bundle["directory"]) = (theirs_too.clone(), here_signed.clone()));
    is_refused(&here, &relay, "another authority for this deployment", "another authority");
    lie(&relay, move |bundle| (bundle["authority"], bundle["directory"]) = (json!(theirs), there_signed.clone()));
    is_refused(&here, &relay, "another authority's own", "another authority");

    let (expired, stale) = (other.signed_for(39, 5), other.signed_for(9, 0));
    lie(&relay, move |bundle| (bundle["directory"], bundle["today"]) = (expired.clone(), json!(today().minus(6))));
    is_refused(&here, &relay, "an expired one, and a calendar to go with it", "expired");
    lie(&relay, move |bundle| (bundle["directory"], bundle["freshness"]) = (stale.clone(), Value::Null));
    is_refused(&here, &relay, "an old one that nobody vouches for", "vouched");
    relay.be_honest();
    here.report(&answers(COUNTRIES[0], "the honest server again"));
}

#[test]
fn an_older_directory_is_noticed_by_whoever_saw_a_newer_and_by_the_first_reader() {
    let other = Other::new("older");
    let relay = Relay::to(other.server.port);
    let here = place().under(&relay.url, other.authority.fingerprint());
    let (alfa, first) = (MEMBERS[0].0, json!(other.first));
    assert_eq!(here.desk(alfa, &["inbox"]), json!([]));
    lie(&relay, move |bundle| bundle["directory"] = first.clone());
    let said = here.run_desk(alfa, &["inbox"]);
    assert!(said.code == 1 && said.err.contains("older"), "{}", said.err);
    // A reporter who never saw the newer one seals by the older.
    let words = here.report(&answers(COUNTRIES[0], "sealed by version 1"));
    relay.be_honest();
    published();
    let keys = amparo::receipt::Receipt::parse(&words, None).unwrap().keys(&here.deployment).unwrap();
    let seen = here.desk(alfa, &["open", &keys.mailbox_id.to_string()]);
    assert_eq!(seen["warnings"][0]["code"], "directory_old");
}
