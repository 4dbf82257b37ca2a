//! The Unix socket.

use crate::document::DOCUMENT;
use crate::made::WORK_BITS;
use crate::wire::{Answer, Question, over};
use amparo::base::{DangerFlag, SystemClock};
use amparo::crypto::{SignKey, random_secret};
use amparo::directory::Authority;
use amparo::http::{HttpError, Listen, Origin, Running, start};
use amparo::store::SledStore;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

struct House {
    folder: tempfile::TempDir,
    origin: Arc<Origin>,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SledStore::open(&folder.path().join("data")).unwrap());
        let authority = Authority::new(vec![SignKey::from_seed(&random_secret()).public()], 1).unwrap();
        let origin = Origin::new(store, (authority, vec![]), Arc::new(SystemClock), Arc::new(DangerFlag::default()), WORK_BITS);
        Self { folder, origin: Arc::new(origin.unwrap()) }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("amparo.sock")
    }

    fn start(&self) -> Result<Running, HttpError> {
        start(Arc::clone(&self.origin), &Listen { unix: Some(self.path()), workers: 1, ..Listen::default() })
    }
}

fn ask(path: &Path, method: &str, address: &str) -> Answer {
    let question = Question { method, path: address, headers: vec![], body: &[], length: None };
    let answer = over(UnixStream::connect(path).unwrap(), &question.bytes());
    DOCUMENT.check(method, address, &answer).unwrap();
    answer
}

#[test]
fn the_same_api_is_served_to_owner_and_group() {
    let house = House::new();
    let running = house.start().unwrap();
    assert!(running.tcp.is_none());
    assert_eq!(std::fs::metadata(house.path()).unwrap().permissions().mode() & 0o777, 0o660);
    for (method, address, status) in
        [("GET", "/", 200), ("GET", "/authority", 200), ("GET", "/api/v1/challenge", 200), ("GET", "/api/v1/directory", 404)]
    {
        assert_eq!(ask(&house.path(), method, address).status, status, "{address}");
    }
    assert_eq!(ask(&house.path(), "POST", "/api/v1/reports").told(), (415, "wrong_type".into()));
    assert_eq!(ask(&house.path(), "PUT", "/api/v1/reports").told(), (405, "method_not_allowed".into()));
    running.stop();
}

#[test]
fn a_socket_left_by_a_killed_process_is_replaced() {
    let house = House::new();
    drop(UnixListener::bind(house.path()).unwrap());
    assert!(house.path().exists() && UnixStream::connect(house.path()).is_err());
    let running = house.start().unwrap();
    assert_eq!(ask(&house.path(), "GET", "/authority").status, 200);
    running.stop();
}

#[test]
fn what_is_no_socket_is_not_deleted() {
    let house = House::new();
    let kept = house.folder.path().join("kept");
    std::fs::write(house.path(), "a letter").unwrap();
    assert!(matches!(house.start(), Err(HttpError::Bind)));
    assert_eq!(std::fs::read_to_string(house.path()).unwrap(), "a letter");
    std::fs::rename(house.path(), &kept).unwrap();
    // Nor through a link, nor the link itself, wherever it leads.
    for to in [kept, house.folder.path().join("nowhere")] {
        std::os::unix::fs::symlink(&to, house.path()).unwrap();
        assert!(matches!(house.start(), Err(HttpError::Bind)));
        assert_eq!(std::fs::read_link(house.path()).unwrap(), to);
        std::fs::remove_file(house.path()).unwrap();
    }
    std::fs::create_dir(house.path()).unwrap();
    assert!(matches!(house.start(), Err(HttpError::Bind)));
    assert!(house.path().is_dir());
    std::fs::remove_dir(house.path()).unwrap();
    house.start().unwrap().stop();
}

#[test]
fn a_socket_that_is_served_is_not_taken_away() {
    let house = House::new();
    let running = house.start().unwrap();
    assert!(matches!(house.start(), Err(HttpError::Bind)));
    assert_eq!(ask(&house.path(), "GET", "/authority").status, 200);
    running.stop();
}
