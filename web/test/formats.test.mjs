// The page's formats against the vectors of tests/formats: what it reads, and what it seals, byte for byte.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { load, web } from "./load.mjs";

const page = await load("bytes", "crypto", "envelope", "mailbox", "receipt", "reply", "slots", "work");
const { bytes, crypto, envelope } = page;
const { hex, refuse } = bytes;
const lists = ["es", "pt", "en"].map((code) => page.receipt.WordList.parse(code, readFileSync(join(web, `../src/words/bip39/${code}.txt`), "utf8")));

const raw = (text) => bytes.fromHex(text, text.length / 2);
const raws = (texts) => texts.map(raw);
const opened = (plain) => hex(plain ?? refuse("cannot_open"));

/** `bytes` of a case: base64, or another case's with changes. */
function bytesOf(told, all) {
  if (typeof told === "string") return bytes.fromBase64(told);
  const like = told.like === undefined ? new Uint8Array(0) : bytesOf(all.get(told.like).bytes, all);
  const made = new Uint8Array(told.length ?? like.length);
  made.set(like.subarray(0, made.length));
  for (const [at, put] of told.put ?? []) made.set(raw(put), at);
  return made;
}

/**
 * The page's code while the system's random source gives these pieces, each to the first who asks for its length. The page has no other way in.
 * noble blinds its scalars with 16 bytes; those stay random.
 */
function drawing(pieces, act) {
  const source = globalThis.crypto;
  const left = [...pieces];
  const getRandomValues = (into) => {
    const at = left.findIndex((piece) => piece.length === into.length);
    if (at < 0) return source.getRandomValues(into);
    into.set(left.splice(at, 1)[0]);
    return into;
  };
  Object.defineProperty(globalThis, "crypto", { value: { getRandomValues }, configurable: true });
  try {
    const made = act();
    assert.equal(left.length, 0, "seed and stream header were drawn");
    return made;
  } finally {
    Object.defineProperty(globalThis, "crypto", { value: source, configurable: true });
  }
}

function reporterOf({ sign, box }) {
  const key = crypto.signKey(raw(sign));
  return { sign: key, box: crypto.boxKey(raw(box ?? sign)), mailboxId: page.receipt.mailboxId(key.pk) };
}

const someone = reporterOf({ sign: "0b".repeat(32), box: "0c".repeat(32) });
const recipients = (body) => body.recipients.map((one) => raw(one.pk));

/** Sealed from the same seed and stream header: the very same bytes. */
function seal({ keys, seed, stream_header: header, body }, report, deployment) {
  return drawing([raw(seed), raw(header)], () => {
    if (report === undefined) return envelope.sealReport(reporterOf(keys), deployment, body, recipients(body));
    const head = envelope.readHead(bytes.fromBase64(report));
    return envelope.sealFollowUp(reporterOf(keys), deployment, head, head, head.header.caseBoxPk, body);
  });
}

function openEnvelope(one, whole) {
  const got = envelope.open(whole, crypto.boxKey(raw(one.own)), raw(one.deployment));
  if (one.sealed_from) assert.ok(bytes.same(seal(one.sealed_from, one.report, raw(one.deployment)), whole), "sealed anew");
  const { answers, text, recipients: named } = got.body;
  return { seed: hex(got.seed), says: text ?? answers.account, recipients: named?.length ?? 1, slots_differ: got.slotsDiffer };
}

const primitives = {
  hash: (one) => hex(crypto.hash(one.use, ...raws(one.parts))),
  derive: (one) => hex(crypto.derive(raw(one.key), one.use, ...raws(one.parts))),
  publics: (one) => ({ sign: hex(crypto.signKey(raw(one.key)).pk), box: hex(crypto.boxKey(raw(one.key)).pk) }),
  verify: (one) => crypto.verifies(raw(one.pk), one.use, raw(one.deployment), raw(one.signature), ...raws(one.parts)) || refuse("bad_signature"),
  strength: (one) => !crypto.isWeakSign(raw(one.pk)) || refuse("weak_key"),
  shared(one) {
    assert.equal(crypto.isWeakBox(raw(one.pk)), !one.ok);
    return hex(crypto.shared(crypto.boxKey(raw(one.key)), raw(one.pk)));
  },
  open_box(one) {
    const plain = opened(crypto.box0Open(raw(one.key), raw(one.sealed)));
    assert.equal(hex(crypto.box0Seal(raw(one.key), raw(plain))), one.sealed);
    return plain;
  },
  open_stream(one) {
    const plain = opened(crypto.streamOpen(raw(one.key), raw(one.header), raw(one.ad), raw(one.sealed)));
    assert.equal(hex(crypto.streamSeal(raw(one.key), raw(one.header), raw(one.ad), raw(plain))), one.sealed);
    return plain;
  },
  slots: (one) => hex(page.slots.buildSlots(raw(one.seed), raw(one.context), raws(one.recipients), one.count)),
  open_slots: (one) => opened(page.slots.openSlots(crypto.boxKey(raw(one.own)), one.use, raw(one.ephemeral_pk), raw(one.context), raw(one.slots))),
};

const READERS = {
  primitives,
  receipt: {
    type(one) {
      const typed = page.receipt.Receipt.parse(one.typed, one.language ? lists.filter((list) => list.language === one.language) : lists);
      if (!typed.ok) {
        const { ok, code, ...about } = typed;
        throw Object.assign(new Error(code), { code, about: Object.keys(about).length > 0 ? about : undefined });
      }
      const keys = typed.receipt.keys(raw(one.deployment));
      const { sign, box, mailboxId } = keys;
      return { language: typed.receipt.list.language, phrase: typed.receipt.words().join(" "), sign_pk: hex(sign.pk), box_pk: hex(box.pk), mailbox_id: hex(mailboxId) };
    },
  },
  envelope: {
    open_report: openEnvelope,
    open_follow_up: openEnvelope,
    head(one, whole) {
      const head = envelope.readHead(whole);
      return envelope.verifyHead(head, raw(one.deployment)) ? hex(envelope.link(head)) : refuse("bad_seal");
    },
    seal_report({ body, letters }) {
      if (letters) body.answers.account = "a".repeat(letters);
      envelope.sealReport(someone, someone.mailboxId, body, recipients(body));
    },
    seal_follow_up({ report, case_box_pk: to, body }) {
      const head = envelope.readHead(bytes.fromBase64(report));
      envelope.sealFollowUp(someone, someone.mailboxId, head, head, raw(to), body);
    },
  },
  vault: {},
  work: {
    subject: (one) => hex(page.work.workSubject(raw(one.rest))),
    solve: async (one) => hex((await page.work.solve(raw(one.nonce), raw(one.subject), one.bits)) ?? refuse("too_much_work")),
  },
  mailbox: {
    request: (one) => hex(page.mailbox.mailboxRequest(one.verb, one.page, reporterOf(one), raw(one.nonce), raw(one.deployment))),
    answer(one, whole) {
      const got = page.mailbox.readMailbox(whole, reporterOf(one), raw(one.deployment)) ?? refuse("no_mailbox");
      const { report, last, epochs, total, replies } = got;
      const link = (head) => hex(envelope.link(head));
      return { last_number: got.lastNumber, report: link(report), last: link(last), epochs: epochs.length, total, replies: replies.map((reply) => reply.number) };
    },
  },
  reply: {
    open(one, whole) {
      const reply = page.reply.readReply(whole);
      const got = page.reply.openReply(reply, crypto.boxKey(raw(one.own)), raw(one.deployment));
      if (!got.isVouchedFor(raw(one.gate_pk), raw(one.case_sign_pk))) refuse("bad_signature");
      return { what: reply.what, number: reply.number, epoch: reply.epoch, directory: got.directory, says: got.text ?? got.status };
    },
  },
  epochs: {
    walk({ first, records, deployment, mailbox_id: id }) {
      const keys = page.reply.walkEpochs({ signPk: raw(first.sign_pk), boxPk: raw(first.box_pk) }, raws(records), raw(deployment), raw(id));
      return keys.map(({ signPk, boxPk }) => ({ sign_pk: hex(signPk), box_pk: hex(boxPk) }));
    },
  },
};

async function read(act, one, all) {
  try {
    return { expect: await act(one, one.bytes === undefined ? undefined : bytesOf(one.bytes, all)) };
  } catch (error) {
    return { error: error.code ?? String(error), about: error.about };
  }
}

for (const [what, readers] of Object.entries(READERS)) {
  describe(`${what} vectors`, () => {
    const whole = JSON.parse(readFileSync(join(web, `../tests/vectors/${what}.json`), "utf8"));
    assert.deepEqual([whole.format, whole.what], ["amparo-vectors-1", what]);
    const all = new Map(whole.cases.map((one) => [one.name, one]));
    for (const one of whole.cases.filter(({ reader }) => reader !== "desk")) {
      const wanted = one.ok ? { expect: one.expect } : { error: one.error, about: one.about };
      test(one.name, async () => assert.deepEqual(await read(readers[one.do], one, all), wanted));
    }
  });
}
