/** Replies, as the reporter opens them (docs/protocol/case.md). */
import { concat, isZero, readU32, refuse, u32, type Bytes } from "./bytes.ts";
import { box0Open, derive, hash, isWeakBox, isWeakSign, verifies, type BoxKey } from "./crypto.ts";
import { LAST_DAY } from "./day.ts";
import { readJson } from "./envelope.ts";
import { openSlots } from "./slots.ts";

export const REPLY = 4096;
export const EPOCH = 140;
export const EPOCHS_MAX = 16;
const KNOWN = ["format", "must_understand", "directory", "seen", "text", "status"];
const STATUSES = ["received", "read", "question", "team", "paused", "ended", "care"];
const TEXT = 1;
const STATUS = 2;

export interface Reply {
  what: "text" | "status";
  number: number;
  epoch: number;
  mailboxId: Bytes;
  bytes: Bytes;
}

export function readReply(bytes: Bytes): Reply {
  if (bytes.length !== REPLY) refuse("wrong_length");
  const [version, suite, kind, what] = bytes;
  if (version !== 1) refuse("unknown_version");
  if (suite !== 1) refuse("unknown_suite");
  if (kind !== 4) refuse("unknown_kind");
  if (what !== TEXT && what !== STATUS) refuse("not_canonical");
  const number = readU32(bytes, 36);
  if (number === 0 || readU32(bytes, 44) > LAST_DAY) refuse("not_canonical");
  return { what: what === TEXT ? "text" : "status", number, epoch: readU32(bytes, 40), mailboxId: bytes.slice(4, 36), bytes };
}

export interface OpenedReply {
  directory: number;
  text?: string;
  status?: string;
  /** Whether the gate key of that directory and the epoch's key vouch for it. */
  isVouchedFor: (gatePk: Bytes, caseSignPk: Bytes) => boolean;
}

export function openReply(reply: Reply, own: BoxKey, deployment: Bytes): OpenedReply {
  const { bytes } = reply;
  const context = hash("reply context", deployment, bytes.slice(0, 80));
  const seed = openSlots(own, "reply slot", bytes.slice(48, 80), context, bytes.slice(80, 128)) ?? refuse("cannot_open");
  const plain = box0Open(derive(seed, "reply content", context), bytes.slice(176)) ?? refuse("cannot_open");
  const length = readU32(plain, 0);
  if (4 + length + 128 > plain.length || !isZero(plain.subarray(4 + length + 128))) refuse("not_canonical");
  const json = plain.slice(4, 4 + length);
  const gate = plain.slice(4 + length, 4 + length + 64);
  const caseSign = plain.slice(4 + length + 64, 4 + length + 128);
  const body = readJson(json, KNOWN) as { format?: unknown; directory?: unknown; seen?: unknown; text?: string | null; status?: string | null };
  const [text, status] = [body.text ?? undefined, body.status ?? undefined];
  const fits = reply.what === "text" ? typeof text === "string" && status === undefined : STATUSES.includes(status ?? "") && text === undefined;
  if (body.format !== "amparo-reply-1" || !isU32(body.directory) || !isU32(body.seen) || !fits) refuse("bad_json");
  const directory = body.directory as number;
  const what = Uint8Array.of(reply.what === "text" ? TEXT : STATUS);
  const subject = concat(what, reply.mailboxId, u32(reply.epoch), u32(reply.number), u32(directory), hash("reply", json));
  const isVouchedFor = (gatePk: Bytes, caseSignPk: Bytes): boolean =>
    verifies(gatePk, "reply gate", deployment, gate, subject) && verifies(caseSignPk, "reply case", deployment, caseSign, subject);
  return { directory, ...(text !== undefined ? { text } : {}), ...(status !== undefined ? { status } : {}), isVouchedFor };
}

function isU32(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

export interface EpochKeys {
  signPk: Bytes;
  boxPk: Bytes;
}

/** The form of a record, before anything in it is believed. */
export function checkRecord(record: Bytes): void {
  if (record.length !== EPOCH) refuse("wrong_length");
  if (readU32(record, 0) === 0 || readU32(record, 4) > LAST_DAY || !isZero(record.subarray(136))) refuse("not_canonical");
}

/** Walks the epoch records from the report's keys; each is signed by the keys before. */
export function walkEpochs(first: EpochKeys, records: Bytes[], deployment: Bytes, mailboxId: Bytes): EpochKeys[] {
  if (records.length > EPOCHS_MAX) refuse("too_large");
  const keys = [first];
  records.forEach((record, n) => {
    checkRecord(record);
    if (readU32(record, 0) !== n + 1) refuse("wrong_chain");
    const former = keys[n] as EpochKeys;
    if (!verifies(former.signPk, "epoch", deployment, record.slice(72, 136), mailboxId, record.slice(0, 72))) refuse("bad_signature");
    const next = { signPk: record.slice(8, 40), boxPk: record.slice(40, 72) };
    if (isWeakSign(next.signPk) || isWeakBox(next.boxPk)) refuse("weak_key");
    keys.push(next);
  });
  return keys;
}
