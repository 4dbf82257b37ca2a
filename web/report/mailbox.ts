/** The mailbox request and its answer of one length (docs/protocol/api.md). */
import { concat, isZero, readU32, refuse, same, u16, type Bytes } from "./bytes.ts";
import { sign } from "./crypto.ts";
import { HEAD, readHead, verifyHead, type Head } from "./envelope.ts";
import type { ReporterKeys } from "./receipt.ts";
import { checkRecord, EPOCH, EPOCHS_MAX, readReply, REPLY, type Reply } from "./reply.ts";

export const ANSWER = 40960;
export const REPLIES_A_PAGE = 8;
const LAST_AT = 8 + HEAD;
const EPOCHS_AT = 2252;
const REPLIES_AT = 4500;
const REPLIES_END = REPLIES_AT + REPLIES_A_PAGE * REPLY;

export type MailboxVerb = "read" | "destroy";

export function mailboxRequest(verb: MailboxVerb, page: number, keys: ReporterKeys, nonce: Bytes, deployment: Bytes): Bytes {
  const front = concat(Uint8Array.of(1, verb === "read" ? 1 : 2), u16(page), keys.sign.pk, nonce);
  return concat(front, sign(keys.sign, "mailbox request", deployment, front));
}

export interface MailboxAnswer {
  lastNumber: number;
  report: Head;
  last: Head;
  epochs: Bytes[];
  total: number;
  replies: Reply[];
}

/** The first `count` records of a fixed field; what is behind them must be zeros. */
function someOf(bytes: Bytes, from: number, to: number, each: number, count: number): Bytes[] {
  const end = from + each * count;
  if (end > to || !isZero(bytes.subarray(end, to))) refuse("not_canonical");
  return Array.from({ length: count }, (_, n) => bytes.slice(from + n * each, from + (n + 1) * each));
}

/** `null`: nothing for these words. What the server shows must be sealed by these very words. */
export function readMailbox(bytes: Bytes, keys: ReporterKeys, deployment: Bytes): MailboxAnswer | null {
  if (bytes.length !== ANSWER) refuse("wrong_length");
  if (isZero(bytes)) return null;
  if (bytes[0] !== 1 || !isZero(bytes.subarray(1, 4))) refuse("not_canonical");
  const lastNumber = readU32(bytes, 4);
  const report = readHead(bytes.slice(8, LAST_AT));
  const [last = report] = someOf(bytes, LAST_AT, EPOCHS_AT - 4, HEAD, Math.min(lastNumber, 1)).map(readHead);
  const epochs = someOf(bytes, EPOCHS_AT, REPLIES_AT - 8, EPOCH, Math.min(readU32(bytes, EPOCHS_AT - 4), EPOCHS_MAX + 1));
  epochs.forEach(checkRecord);
  const total = readU32(bytes, REPLIES_AT - 8);
  const here = Math.max(0, Math.min(REPLIES_A_PAGE, total - readU32(bytes, REPLIES_AT - 4) * REPLIES_A_PAGE));
  const replies = someOf(bytes, REPLIES_AT, REPLIES_END, REPLY, here).map(readReply);
  if (!isZero(bytes.subarray(REPLIES_END))) refuse("not_canonical");
  for (const head of [report, last]) {
    if (!same(head.header.reporterSignPk, keys.sign.pk) || !verifyHead(head, deployment)) refuse("not_ours");
  }
  if (report.header.number !== 0 || last.header.number !== lastNumber) refuse("not_ours");
  return { lastNumber, report, last, total, epochs, replies };
}
