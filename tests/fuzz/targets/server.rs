//! What reaches the server from anyone. Each is run as it came, and again with what a stranger can get right: nonce, work, own signatures.

use super::hollow::Hollow;
use super::world::{WORLD, clock, nonces, small};
use amparo::base::{Clock, DangerFlag};
use amparo::caselog::CaseRequest;
use amparo::directory::{HeldDirectory, UnverifiedDirectory};
use amparo::feed::Feed;
use amparo::intake::{AttachmentLimits, Intake};
use amparo::mailbox::{ANSWER_BYTES, Mailbox};
use std::sync::Arc;

fn held() -> Arc<HeldDirectory> {
    let held = HeldDirectory::default();
    let directory = UnverifiedDirectory::from(WORLD.dsse.clone()).verify(&WORLD.deployment(), &WORLD.authority).unwrap();
    held.replace(directory, small::day(1));
    Arc::new(held)
}

std::thread_local! {
    static HELD: Arc<HeldDirectory> = held();
}

fn feed() -> Feed {
    Feed::new(Arc::new(Hollow), WORLD.deployment(), Arc::new(nonces()), HELD.with(Arc::clone), Arc::new(clock()))
}

pub fn intake_request(data: &[u8]) {
    let intake = Intake {
        store: Arc::new(Hollow),
        deployment: WORLD.deployment(),
        nonces: Arc::new(nonces()),
        held: HELD.with(Arc::clone),
        danger: Arc::new(DangerFlag::default()),
        clock: Arc::new(clock()),
        work_bits: 0,
        attachments: AttachmentLimits::default(),
    };
    let _ = intake.admit(data);
    let _ = (intake.held_parts(data), intake.begin_part(data, 65_577));
    let mut fresh = data.to_vec();
    if let Some(front) = fresh.first_chunk_mut::<36>() {
        *front = nonces().issue(clock().today());
        let _ = (intake.admit(&fresh), intake.begin_part(&fresh, 65_577));
    }
}

pub fn mailbox_request(data: &[u8]) {
    let mailbox = Mailbox { store: Arc::new(Hollow), deployment: WORLD.deployment(), nonces: Arc::new(nonces()), clock: Arc::new(clock()) };
    let answered = |data: &[u8]| assert!(mailbox.answer(data).map_or(true, |answer| answer.len() == ANSWER_BYTES));
    answered(data);
    if let Some((front, _)) = data.split_first_chunk::<4>() {
        answered(&super::samples::mailbox_request_of(*front));
    }
}

pub fn case_request(data: &[u8]) {
    for replies in [false, true] {
        let _ = feed().case_request(data, replies);
    }
    let Ok(asked) = CaseRequest::parse(data) else { return };
    assert_eq!(asked.to_bytes(), data);
    let nonce = nonces().issue(clock().today());
    let (gate, case) = (&WORLD.gate, &WORLD.case.sign);
    let signed = CaseRequest::make((asked.verb, WORLD.id(), asked.epoch), nonce, asked.payload, (gate, case), &WORLD.deployment());
    for replies in [false, true] {
        let _ = feed().case_request(&signed.to_bytes(), replies);
    }
}

pub fn gate_login(data: &[u8]) {
    let _ = feed().login(data);
}
