//! Two members at once before the real server over the real store.

use crate::world::{World, plain};
use amparo::base::DangerFlag;
use amparo::crypto::Hash32;
use amparo::desk::{Desk, DeskError};
use amparo::http::{Listen, Origin, Running, start};
use amparo::store::{SledStore, Store};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const NOTES: usize = 6;

struct Real {
    url: String,
    store: Arc<dyn Store>,
    running: Option<Running>,
}

impl Real {
    fn start(world: &World) -> Self {
        let store: Arc<dyn Store> = Arc::new(SledStore::open(&world.folder.path().join("store")).unwrap());
        let authority = (world.authority.clone(), vec![]);
        let origin = Origin::new(Arc::clone(&store), authority, world.clock(), Arc::new(DangerFlag::default()), 0).unwrap();
        let dsse = world.server.shown().directories[0].clone();
        origin.take_directory(&serde_json::to_vec(&dsse).unwrap()).unwrap();
        let listen = Listen { tcp: Some("127.0.0.1:0".parse().unwrap()), workers: 2, ..Listen::default() };
        let running = start(Arc::new(origin), &listen).unwrap();
        Self { url: format!("http://{}", running.tcp.unwrap()), store, running: Some(running) }
    }

    /// Runs `act` while batches are published, many a second.
    fn publishing<T>(&self, world: &World, act: impl FnOnce() -> T) -> T {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    self.store.publish(world.today()).unwrap();
                    std::thread::sleep(Duration::from_millis(40));
                }
            });
            let done = act();
            stop.store(true, Ordering::SeqCst);
            done
        })
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        self.running.take().unwrap().stop();
    }
}

/// Does it until no colleague is in the way: a race that is lost leaves nothing behind.
fn until_done(mut act: impl FnMut() -> Result<(), DeskError>) {
    for _ in 0..20 {
        match act() {
            Err(DeskError::Race) => continue,
            done => return done.unwrap(),
        }
    }
    panic!("always a race");
}

fn write(desk: &mut Desk, id: &str, who: &str) {
    for n in 0..NOTES {
        until_done(|| desk.note(id, &format!("{who} {n}")));
    }
    until_done(|| desk.reply(id, Some(&format!("de {who}")), None));
}

#[test]
fn two_members_who_write_at_once_lose_nothing_and_agree_on_the_order() {
    let world = World::new();
    let real = Real::start(&world);
    let reporter = world.seal(&world.body(plain("x")));
    real.store.put_report(&reporter.sealed, world.today()).unwrap();
    real.store.publish(world.today()).unwrap();
    let id = reporter.hex();
    let members = ["ac-1", "tip-1"];
    real.publishing(&world, || {
        std::thread::scope(|scope| {
            for who in members {
                let (mut desk, id) = (world.desk_at(who, &real.url, who).unwrap(), &id);
                scope.spawn(move || {
                    desk.sync().unwrap();
                    write(&mut desk, id, who);
                });
            }
        });
    });
    real.store.publish(world.today()).unwrap();
    let said = |folder: &str| {
        let member = folder.trim_end_matches(" again");
        let mut desk = world.desk_at(member, &real.url, folder).unwrap();
        desk.sync().unwrap();
        let view = desk.open_case(&id).unwrap();
        assert_eq!(view.warnings, [], "{folder}");
        view.messages.into_iter().map(|m| (m.kind, m.number, m.author, m.text)).collect::<Vec<_>>()
    };
    let all = said("ac-1");
    for other in ["tip-1", "ac-2", "tip-2", "ac-1 again"] {
        assert_eq!(said(other), all, "{other} sees another order");
    }
    let notes: Vec<&str> = all.iter().filter(|m| m.0 == "note").map(|m| m.3.as_str()).collect();
    let wanted: BTreeSet<String> = members.iter().flat_map(|who| (0..NOTES).map(move |n| format!("{who} {n}"))).collect();
    assert_eq!(notes.len(), wanted.len(), "none twice: {notes:?}");
    assert_eq!(notes.iter().map(|note| (*note).to_owned()).collect::<BTreeSet<_>>(), wanted);
    // Each kept her own order.
    for who in members {
        let own: Vec<&&str> = notes.iter().filter(|note| note.starts_with(who)).collect();
        assert!(own.is_sorted(), "{own:?}");
    }
    let replies: BTreeSet<(u32, &str)> = all.iter().filter(|m| m.0 == "reply").map(|m| (m.1, m.3.as_str())).collect();
    assert_eq!(replies.iter().map(|r| r.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(replies.iter().map(|r| r.1).collect::<BTreeSet<_>>(), BTreeSet::from(["de ac-1", "de tip-1"]));
    let (newest, batches) = real.store.feed(1, 1 << 30).unwrap();
    let ends = batches.iter().try_fold((0, Hash32::ZERO), |at, batch| batch.follows(at.0, &at.1).then_some((batch.number, batch.head)));
    assert_eq!(ends.unwrap().0, newest);
}
