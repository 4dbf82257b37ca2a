/** The mailbox request and its answer of one length (docs/protocol/api.md). */
import { concat, isZero, readU32, refuse, u16, type Bytes } from "./bytes.ts";
import { sign } from "./crypto.ts";
import { HEAD, readHead, verifyHead, type Head } from "./envelope.ts";
import type { ReporterKeys } from "./receipt.ts";
import { EPOCH, readReply, REPLY, type Reply } from "./reply.ts";
import { same } from "./bytes.ts";

export const ANSWER = 40960;
export const REPLIES_A_PAGE = 8;
const EPOCHS_MAX = 16;
const EPOCHS_AT = 2252;
const REPLIES_AT = 4500;

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

/** `null`: nothing for these words. What the server shows must be sealed by these very words. */
export function readMailbox(bytes: Bytes, keys: ReporterKeys, deployment: Bytes): MailboxAnswer | null {
  if (bytes.length !== ANSWER) refuse("wrong_length");
  if (isZero(bytes)) return null;
  if (bytes[0] !== 1 || !isZero(bytes.subarray(1, 4))) refuse("not_canonical");
  const lastNumber = readU32(bytes, 4);
  const report = readHead(bytes.slice(8, 8 + HEAD));
  const last = lastNumber === 0 ? report : readHead(bytes.slice(8 + HEAD, 8 + 2 * HEAD));
  for (const head of [report, last]) {
    if (!same(head.header.reporterSignPk, keys.sign.pk) || !verifyHead(head, deployment)) refuse("not_ours");
  }
  if (report.header.number !== 0 || last.header.number !== lastNumber) refuse("not_ours");
  const epochs = readU32(bytes, 2248);
  const total = readU32(bytes, 4492);
  const page = readU32(bytes, 4496);
  if (epochs > EPOCHS_MAX) refuse("not_canonical");
  const here = Math.max(0, Math.min(REPLIES_A_PAGE, total - page * REPLIES_A_PAGE));
  const piece = (at: number, length: number, n: number): Bytes => bytes.slice(at + n * length, at + (n + 1) * length);
  return {
    lastNumber, report, last, total,
    epochs: Array.from({ length: epochs }, (_, n) => piece(EPOCHS_AT, EPOCH, n)),
    replies: Array.from({ length: here }, (_, n) => readReply(piece(REPLIES_AT, REPLY, n))),
  };
}
