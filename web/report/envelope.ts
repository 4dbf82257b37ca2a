/** Reports and follow-ups (docs/protocol/envelope.md). The page only seals; opening is here for the tests that hold both sides together. */
import { concat, fromHex, fromUtf8, isZero, readU32, refuse, same, u32, utf8, type Bytes } from "./bytes.ts";
import { boxKey, derive, hash, isWeakBox, random, sign, signKey, streamOpen, streamSeal, STREAM_OVERHEAD, verifies, type BoxKey, type SignKey } from "./crypto.ts";
import { mailboxId, type ReporterKeys } from "./receipt.ts";
import { buildSlots, ephemeral, openSlots } from "./slots.ts";

export const HEADER = 1024;
const FIXED = 232;
const SLOTS = 16;
const SLOTS_END = 1000;
export const SEAL = 64;
export const HEAD = HEADER + 32 + SEAL;
const SIZES = [16 << 10, 64 << 10, 256 << 10];
const REPORT = 1;
const FOLLOW_UP = 2;

export interface Header {
  bytes: Bytes;
  kind: number;
  size: number;
  mailboxId: Bytes;
  number: number;
  previous: Bytes;
  reporterSignPk: Bytes;
  reporterBoxPk: Bytes;
  caseSignPk: Bytes;
  caseBoxPk: Bytes;
  ephemeralPk: Bytes;
  slots: Bytes;
  streamHeader: Bytes;
}

export function readHeader(bytes: Bytes): Header {
  if (bytes.length !== HEADER) refuse("wrong_length");
  if (bytes[0] !== 1) refuse("unknown_version");
  if (bytes[1] !== 1) refuse("unknown_suite");
  const [, , kind = 0, size = 0] = bytes;
  if (kind !== REPORT && kind !== FOLLOW_UP) refuse("unknown_kind");
  if (size < 1 || size > SIZES.length) refuse("not_canonical");
  const key = (at: number): Bytes => bytes.slice(at, at + 32);
  const header: Header = {
    bytes, kind, size, mailboxId: key(4), number: readU32(bytes, 36), previous: key(40), reporterSignPk: key(72), reporterBoxPk: key(104),
    caseSignPk: key(136), caseBoxPk: key(168), ephemeralPk: key(200), slots: bytes.slice(FIXED, SLOTS_END), streamHeader: bytes.slice(SLOTS_END),
  };
  const first = kind === REPORT;
  if (first !== (header.number === 0) || (first && !isZero(header.previous))) refuse("not_canonical");
  if (!same(header.mailboxId, mailboxId(header.reporterSignPk))) refuse("bad_seal");
  return header;
}

/** `header ‖ body hash ‖ seal`: enough to check the seal. */
export interface Head {
  header: Header;
  bodyHash: Bytes;
  seal: Bytes;
}

export function readHead(bytes: Bytes): Head {
  if (bytes.length !== HEAD) refuse("wrong_length");
  return { header: readHeader(bytes.slice(0, HEADER)), bodyHash: bytes.slice(HEADER, HEADER + 32), seal: bytes.slice(HEADER + 32) };
}

export function verifyHead(head: Head, deployment: Bytes): boolean {
  return verifies(head.header.reporterSignPk, "seal", deployment, head.seal, head.header.bytes, head.bodyHash);
}

/** What the next message's `previous` must be. */
export function link(head: Head): Bytes {
  return hash("envelope", head.header.bytes, head.seal);
}

function slotContext(deployment: Bytes, header: Bytes): Bytes {
  return hash("slot context", deployment, header.slice(0, FIXED), header.slice(SLOTS_END));
}

/** JSON in the smallest frame that holds it. */
function pad(body: unknown): { size: number; plain: Bytes } {
  const json = utf8(JSON.stringify(body));
  const size = SIZES.findIndex((length) => json.length + 4 <= length - STREAM_OVERHEAD);
  if (size < 0) refuse("too_large");
  const plain = new Uint8Array((SIZES[size] as number) - STREAM_OVERHEAD);
  plain.set(u32(json.length));
  plain.set(json, 4);
  return { size: size + 1, plain };
}

function unpad(size: number, plain: Bytes): unknown {
  const length = readU32(plain, 0);
  if (length > plain.length - 4 || !isZero(plain.subarray(4 + length))) refuse("not_canonical");
  const smaller = SIZES[size - 2];
  if (smaller !== undefined && length + 4 <= smaller - STREAM_OVERHEAD) refuse("not_canonical");
  return readJson(plain.slice(4, 4 + length));
}

const KNOWN = [
  "format", "must_understand", "lang", "directory", "questionnaire", "key_day", "answers", "recipients", "removed", "attachments", "vault", "text", "seen",
];

/** A sealed object; what it says must be understood, is. */
export function readJson(json: Bytes, known: string[] = KNOWN): Record<string, unknown> {
  if (json[0] !== 0x7b) refuse("bad_json");
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(fromUtf8(json)) as Record<string, unknown>;
  } catch {
    return refuse("bad_json");
  }
  const wanted = value["must_understand"] ?? [];
  if (!Array.isArray(wanted) || !wanted.every((name) => typeof name === "string")) refuse("bad_json");
  if (!(wanted as unknown[]).every((name) => known.includes(name as string))) refuse("must_understand");
  return value;
}

interface Place {
  kind: number;
  number: number;
  previous: Bytes;
  caseSignPk: Bytes;
  caseBoxPk: Bytes;
}

function seal(keys: ReporterKeys, deployment: Bytes, seed: Bytes, place: Place, body: unknown, recipients: Bytes[]): Bytes {
  if (recipients.length === 0 || recipients.length > SLOTS) refuse("too_large");
  const { size, plain } = pad(body);
  const streamHeader = random(24);
  const fixed = concat(
    Uint8Array.of(1, 1, place.kind, size), keys.mailboxId, u32(place.number), place.previous, keys.sign.pk, keys.box.pk, place.caseSignPk, place.caseBoxPk,
    ephemeral(seed).pk,
  );
  const context = hash("slot context", deployment, fixed, streamHeader);
  const header = concat(fixed, buildSlots(seed, context, recipients, SLOTS), streamHeader);
  const sealed = streamSeal(derive(seed, "content"), streamHeader, header, plain);
  return concat(header, sign(keys.sign, "seal", deployment, header, hash("body", sealed)), sealed);
}

export function caseKeys(seed: Bytes): { sign: SignKey; box: BoxKey } {
  return { sign: signKey(derive(seed, "case sign")), box: boxKey(derive(seed, "case box")) };
}

export function sealReport(keys: ReporterKeys, deployment: Bytes, body: unknown, recipients: Bytes[]): Bytes {
  const seed = random(32);
  const own = caseKeys(seed);
  const place = { kind: REPORT, number: 0, previous: new Uint8Array(32), caseSignPk: own.sign.pk, caseBoxPk: own.box.pk };
  return seal(keys, deployment, seed, place, body, recipients);
}

/** Sealed to the case's key alone; the heads' seals were checked before. */
export function sealFollowUp(keys: ReporterKeys, deployment: Bytes, report: Head, last: Head, caseBoxPk: Bytes, body: unknown): Bytes {
  if (last.header.number === 0xffffffff) refuse("too_large");
  const place = { kind: FOLLOW_UP, number: last.header.number + 1, previous: link(last), caseSignPk: report.header.caseSignPk, caseBoxPk };
  return seal(keys, deployment, random(32), place, body, [caseBoxPk]);
}

export interface Opened {
  seed: Bytes;
  body: Record<string, unknown>;
  slotsDiffer: boolean;
}

/** Opens an envelope with a member's key, or a follow-up with the case's. */
export function open(bytes: Bytes, own: BoxKey, deployment: Bytes): Opened {
  if (bytes.length < HEADER + SEAL) refuse("wrong_length");
  const header = readHeader(bytes.slice(0, HEADER));
  const sealed = bytes.slice(HEADER + SEAL);
  if (sealed.length !== SIZES[header.size - 1]) refuse("wrong_length");
  const context = slotContext(deployment, header.bytes);
  const seed = openSlots(own, "slot", header.ephemeralPk, context, header.slots) ?? refuse("cannot_open");
  const keys = caseKeys(seed);
  const ours = same(keys.sign.pk, header.caseSignPk) && same(keys.box.pk, header.caseBoxPk);
  if (header.kind === REPORT && !ours) refuse("cannot_open");
  const head = { header, bodyHash: hash("body", sealed), seal: bytes.slice(HEADER, HEADER + SEAL) };
  if (!verifyHead(head, deployment)) refuse("bad_seal");
  const plain = streamOpen(derive(seed, "content"), header.streamHeader, header.bytes, sealed) ?? refuse("cannot_open");
  const body = unpad(header.size, plain) as Record<string, unknown>;
  const format = header.kind === REPORT ? "amparo-report-1" : "amparo-follow-up-1";
  if (body["format"] !== format) refuse("bad_json");
  return { seed, body, slotsDiffer: !slotsMatch(seed, context, recipientsOf(header, body), header.slots) };
}

/** A recipient with a weak key cannot have had a slot. */
function slotsMatch(seed: Bytes, context: Bytes, recipients: Bytes[], slots: Bytes): boolean {
  return !recipients.some(isWeakBox) && same(buildSlots(seed, context, recipients, SLOTS), slots);
}

function recipientsOf(header: Header, body: Record<string, unknown>): Bytes[] {
  if (header.kind === FOLLOW_UP) return [header.caseBoxPk];
  const list = body["recipients"];
  if (!Array.isArray(list)) return refuse("bad_json");
  const keys = list.map((one: { pk?: unknown } | null) => (typeof one?.pk === "string" ? fromHex(one.pk, 32) : refuse("bad_json")));
  return keys.length === 0 || keys.length > SLOTS ? refuse("not_canonical") : keys;
}
