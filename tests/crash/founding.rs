//! What a deployment is founded on: an authority, two offices of two members, a signed directory; and its reporters.

use amparo::base::{Clock, Day, SystemClock};
use amparo::client::{Http, compose_report, embedded_questionnaire};
use amparo::crypto::{Deployment, Hash32, SignKey, random, random_secret, work};
use amparo::directory::{Authority, Directory, DirectoryContent, UnverifiedDirectory, sign_new};
use amparo::envelope::{ReportBody, Sealed, seal_report};
use amparo::keys::MemberKeys;
use amparo::questions::Questionnaire;
use amparo::receipt::{Receipt, ReporterKeys};
use amparo::words::Language;
use serde_json::{Value, json};

const MEMBERS: [(&str, &str); 4] = [("ac-1", "ac"), ("ac-2", "ac"), ("conflict-1", "conflict"), ("conflict-2", "conflict")];
const DAYS: u32 = 30;

pub struct Founding {
    pub authority: Authority,
    pub members: Vec<MemberKeys>,
    pub directory: Directory,
    pub today: Day,
    form: Questionnaire,
}

/// A reporter, what she says and what she sends.
pub struct Reporter {
    pub keys: ReporterKeys,
    pub sealed: Sealed,
    #[allow(dead_code, reason = "the letters' tests open nothing")]
    pub account: String,
}

fn texts(text: &str) -> Value {
    json!({"es": text, "pt": text, "en": text})
}

impl Founding {
    /// `duty`: addresses, each of an office.
    pub fn new(today: Day, duty: &[(&str, &str)]) -> Self {
        let form = embedded_questionnaire().unwrap();
        let key = SignKey::from_seed(&random_secret());
        let authority = Authority::new(vec![key.public()], 1).unwrap();
        let members: Vec<MemberKeys> = MEMBERS.iter().map(|(id, _)| MemberKeys::generate(id.parse().unwrap(), today)).collect();
        let person = |(keys, (id, office)): (&MemberKeys, &(&str, &str))| {
            let part = keys.public_part();
            json!({"id": id, "office": office, "role": "intake", "names": texts(id), "sign_pk": part.sign_pk, "box_pks": part.box_pks})
        };
        let office = |id: &str, kind: &str| json!({"id": id, "kind": kind, "names": texts(id), "level": "national", "institutions": []});
        let content: DirectoryContent = serde_json::from_value(json!({
            "format": "amparo-directory-1", "deployment": authority.fingerprint(), "version": 0, "previous": Hash32::ZERO,
            "issued": today, "expires": today, "languages": ["es", "pt", "en"], "names": texts("x"),
            "questionnaire": form.reference, "gate": {"pk": authority.keys()[0], "sealed": []},
            "offices": [office("ac", "prosecution"), office("conflict", "oversight")],
            "members": members.iter().zip(&MEMBERS).map(person).collect::<Vec<_>>(), "conflict_fallback": ["conflict"],
            "duty": duty.iter().map(|(office, address)| json!({"office": office, "address": address})).collect::<Vec<_>>(),
            "rules": [{"id": "all", "countries": ["GT"], "when": true, "offices": ["ac", "conflict"], "why": texts("x")}],
        }))
        .unwrap();
        let signed = sign_new(content, None, (today, today.plus(DAYS)), &authority.fingerprint(), &key).unwrap();
        let directory = UnverifiedDirectory::from(signed).verify(&authority.fingerprint(), &authority).unwrap();
        Self { authority, members, directory, today, form }
    }

    #[allow(dead_code, reason = "the tests that have a clock of their own do without")]
    pub fn now(duty: &[(&str, &str)]) -> Self {
        Self::new(SystemClock.today(), duty)
    }

    pub fn deployment(&self) -> Deployment {
        self.authority.fingerprint()
    }

    /// The signed directory, as it is handed to a server.
    pub fn directory_json(&self) -> Vec<u8> {
        self.directory.to_json().unwrap()
    }

    #[allow(dead_code, reason = "the letters' tests have no desk")]
    pub fn gate(&self) -> SignKey {
        let one = &self.members[0];
        self.directory.gate_key(one.id(), &one.box_keys()).unwrap()
    }

    /// A sealed report of at least `length` bytes of text, never twice the same.
    pub fn reporter(&self, length: usize) -> Reporter {
        let keys = Receipt::generate(Language::Es).keys(&self.deployment()).unwrap();
        let account = format!("{:032x}{}", u128::from_be_bytes(random()), "x".repeat(length));
        let sealed = seal_report(&keys, &self.deployment(), &self.body(&account)).unwrap();
        Reporter { keys, sealed, account }
    }

    fn body(&self, account: &str) -> ReportBody {
        let answers = json!({"country": "GT", "what": ["m_c"], "institution": ["police"]});
        let answers = answers.as_object().unwrap().clone();
        let mut body = compose_report(&self.directory, &self.form, &answers, (Language::Es, self.today, &[])).unwrap().0;
        body.answers.insert("account".into(), json!(account));
        body
    }

    /// The bytes of a POST to `/api/v1/reports`, work included: to be sent again as they are.
    pub fn request(&self, http: &Http, sealed: &Sealed, is_danger: bool) -> Option<Vec<u8>> {
        let challenge: Value = serde_json::from_slice(&http.get("/api/v1/challenge").ok()?).unwrap();
        let nonce = amparo::base::encode::from_base64(challenge["nonce"].as_str().unwrap()).unwrap();
        let nonce: [u8; work::NONCE_BYTES] = nonce.try_into().unwrap();
        let bits = u8::try_from(challenge["bits"].as_u64().unwrap()).unwrap();
        let rest = [&self.directory.version().to_be_bytes()[..], &[u8::from(is_danger)], &sealed.to_bytes()].concat();
        let solutions = work::solve(&nonce, &work::subject(&rest), bits).unwrap();
        let solutions: Vec<u8> = solutions.iter().flat_map(|solution| solution.to_be_bytes()).collect();
        Some([&nonce[..], &solutions, &rest].concat())
    }
}
