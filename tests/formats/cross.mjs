// The page's half of the cross test: reads a job from standard input, seals and opens with the page's own modules, answers on standard output.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load, web } from "../../web/test/load.mjs";

const page = await load("bytes", "crypto", "envelope", "mailbox", "receipt", "reply");
const { hex, fromBase64, base64 } = page.bytes;
const raw = (text) => page.bytes.fromHex(text, text.length / 2);

const job = JSON.parse(readFileSync(0, "utf8"));
const deployment = raw(job.deployment);
const lists = ["es", "pt", "en"].map((code) => page.receipt.WordList.parse(code, readFileSync(join(web, `../src/words/bip39/${code}.txt`), "utf8")));
const typed = page.receipt.Receipt.parse(job.phrase, lists);
const keys = typed.receipt.keys(deployment);

const reports = job.reports.map((body) => page.envelope.sealReport(keys, deployment, body, body.recipients.map((one) => raw(one.pk))));
const headOf = (whole) =>
  page.envelope.readHead(page.bytes.concat(whole.slice(0, 1024), page.crypto.hash("body", whole.slice(1088)), whole.slice(1024, 1088)));

const opened = job.open.map(({ own, sealed }) => {
  const { body, slotsDiffer } = page.envelope.open(fromBase64(sealed), page.crypto.boxKey(raw(own)), deployment);
  return { body, slots_differ: slotsDiffer };
});

const answer = page.mailbox.readMailbox(fromBase64(job.answer), keys, deployment);
const { header } = answer.report;
const epochs = page.reply.walkEpochs({ signPk: header.caseSignPk, boxPk: header.caseBoxPk }, answer.epochs, deployment, keys.mailboxId);
const replies = answer.replies.map((reply) => {
  const got = page.reply.openReply(reply, keys.box, deployment);
  const stands = got.isVouchedFor(raw(job.gate_pk), epochs[reply.epoch].signPk);
  return { number: reply.number, says: got.text ?? got.status, stands };
});

const last = epochs[epochs.length - 1].boxPk;
const followUps = job.follow_ups.map((body) => page.envelope.sealFollowUp(keys, deployment, answer.report, answer.last, last, body));
const chained = reports.map((whole, n) => {
  const head = headOf(whole);
  return page.envelope.sealFollowUp(keys, deployment, head, head, head.header.caseBoxPk, job.follow_ups[n % job.follow_ups.length]);
});

// A new receipt is one that the other side reads.
const drawn = lists.map((list) => page.receipt.Receipt.generate(list, lists)).map((receipt) => {
  const { mailboxId } = receipt.keys(deployment);
  return { phrase: receipt.words().join(" "), mailbox_id: hex(mailboxId) };
});

process.stdout.write(JSON.stringify({
  mailbox_id: hex(keys.mailboxId), reports: reports.map(base64), chained: chained.map(base64), opened, epochs: epochs.length, replies,
  follow_ups: followUps.map(base64), drawn,
  request: hex(page.mailbox.mailboxRequest("read", 0, keys, raw(job.nonce), deployment)),
}));
