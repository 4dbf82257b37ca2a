/** Authority, directory, freshness: what a client takes, and what it refuses (docs/protocol/directory.md). */
import { ascii, base64, concat, fromBase64, fromHex, hex, readU32, refuse, same, u32, type Bytes } from "./bytes.ts";
import { hash, isWeakSign, verifies, verifiesRaw } from "./crypto.ts";
import { checkContent } from "./directory_check.ts";
import { readDay } from "./day.ts";
import { readJson } from "./envelope.ts";

export type Texts = Record<string, string>;
export type Condition = true | { has: Record<string, string[]> } | { opened: string } | { all: Condition[] } | { any: Condition[] } | { not: Condition };
export interface Period { pk: string; from: string; until: string }
export interface Office {
  id: string; kind: string; names: Texts; institutions?: string[]; level: string; jurisdictions?: string[]; areas?: string[]; recused_from?: string[];
}
export interface Member { id: string; office: string; role: string; names: Texts; sign_pk: string; box_pks: Period[]; recused_from?: string[] }
export interface Custodian { id: string; names: Texts; level: string; institutions?: string[]; jurisdictions?: string[]; areas?: string[]; sign_pk: string; box_pks: Period[] }
export interface Rule { id: string; countries?: string[]; when: Condition; offices: string[]; why: Texts }
export interface Helpline { country: string; names: Texts; number: string; hours: Texts; free: boolean; on_bill?: boolean | null; police: boolean; verified: string; example?: boolean }
export interface Jurisdiction { country: string; names: Texts; anonymous_mode: string; notice_before_typing?: Texts; threshold_hint?: Texts; non_punishment_notice?: Texts; areas?: { code: string; name: string }[] }
export interface Content {
  format: string; deployment: string; version: number; previous: string; issued: string; expires: string; languages: string[]; names: Texts;
  texts?: Record<string, Texts>; questionnaire: { version: number; hash: string }; gate: { pk: string; sealed: { member: string; box: string }[] };
  offices: Office[]; members: Member[]; custodians?: Custodian[]; conflict_fallback: string[]; duty?: { office: string; address: string }[];
  exit_page?: Record<string, string>; helplines?: Helpline[]; emergency?: { country: string; number: string; example?: boolean }[]; rules: Rule[]; jurisdictions?: Jurisdiction[];
  institutions?: { code: string; names: Texts }[];
}

const KNOWN = [
  "format", "deployment", "version", "previous", "issued", "expires", "must_understand", "languages", "names", "texts", "questionnaire", "gate", "offices",
  "members", "custodians", "conflict_fallback", "duty", "exit_page", "helplines", "emergency", "institutions", "rules", "jurisdictions",
];
const KNOWN_OF_ROOT = ["format", "deployment", "number", "former", "next", "must_understand"];
const FRESH_DAYS = 7;
const SIGNATURES_MAX = 16;
const SIGNATURE_BYTES = 64;
const KEYS_MAX = 5;

export interface Authority {
  keys: Bytes[];
  threshold: number;
}

interface AuthorityJson { format: string; keys: string[]; threshold: number }
interface DsseJson { payloadType: string; payload: string; signatures: { keyid: string; sig: string }[] }
interface Bundle { authority: AuthorityJson; roots?: DsseJson[]; directory: DsseJson; freshness?: string | null }

export function readAuthority(json: AuthorityJson): Authority {
  const { format, keys: texts, threshold } = json;
  const good = format === "amparo-authority-1" && Array.isArray(texts) && texts.length >= 1 && texts.length <= KEYS_MAX;
  if (!good || !Number.isInteger(threshold) || threshold < 1 || threshold > texts.length) refuse("directory_invalid");
  const ascending = texts.every((text, i) => i === 0 || (texts[i - 1] as string) < text);
  if (!ascending) refuse("directory_invalid");
  const keys = texts.map((text) => fromHex(text, 32));
  if (keys.some(isWeakSign)) refuse("weak_key");
  return { keys, threshold };
}

export function fingerprint(authority: Authority): Bytes {
  return hash("authority", Uint8Array.of(authority.threshold, authority.keys.length), ...authority.keys);
}

/** As people write it: any case, spaces and hyphens. */
export function readFingerprint(text: string): Bytes | null {
  const digits = text.replace(/[\s-]/g, "").toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? fromHex(digits, 32) : null;
}

/** The fingerprint of the authority that a server shows: for a page that was opened without one. */
export function shownAuthority(json: unknown): Bytes | null {
  const { authority } = (json ?? {}) as Partial<Bundle>;
  return authority ? fingerprint(readAuthority(authority)) : null;
}

/** The payload, if enough distinct keys of the authority signed it as this type. */
function verifyDsse(dsse: DsseJson, type: string, authority: Authority): Bytes {
  if (!Array.isArray(dsse.signatures) || dsse.signatures.length > SIGNATURES_MAX) refuse("bad_json");
  const payload = fromBase64(dsse.payload);
  const message = concat(ascii(`DSSEv1 ${dsse.payloadType.length} ${dsse.payloadType} ${payload.length} `), payload);
  const signers = new Set<string>();
  for (const { keyid, sig } of dsse.signatures) {
    const [signer, signature] = [fromHex(keyid, 32), fromBase64(sig)];
    if (signature.length !== SIGNATURE_BYTES) refuse("bad_json");
    const known = authority.keys.some((one) => same(one, signer));
    if (known && verifiesRaw(signer, message, signature)) signers.add(keyid);
  }
  if (dsse.payloadType !== type || signers.size < authority.threshold) refuse("bad_signature");
  return payload;
}

/** From the pinned authority, whose fingerprint is the deployment, through the root records to the present one. */
function walkRoots(pinned: Bytes, first: Authority, roots: DsseJson[]): Authority {
  if (!same(fingerprint(first), pinned)) refuse("other_authority");
  const type = `application/vnd.amparo.root+json; v=1; deployment=${hex(pinned)}`;
  let current = first;
  roots.forEach((root, i) => {
    const record = readJson(verifyDsse(root, type, current), KNOWN_OF_ROOT) as unknown as { format: string; deployment: string; number: number; former: AuthorityJson; next: AuthorityJson };
    const follows = record.format === "amparo-root-1" && record.deployment === hex(pinned) && record.number === i + 1;
    if (!follows || !same(fingerprint(readAuthority(record.former)), fingerprint(current))) refuse("wrong_chain");
    const next = readAuthority(record.next);
    verifyDsse(root, type, next);
    current = next;
  });
  return current;
}

export interface Directory {
  content: Content;
  hash: Bytes;
}

function verifyDirectory(dsse: DsseJson, pinned: Bytes, authority: Authority): Directory {
  const payload = verifyDsse(dsse, `application/vnd.amparo.directory+json; v=1; deployment=${hex(pinned)}`, authority);
  const content = readJson(payload, KNOWN) as unknown as Content;
  if (content.deployment !== hex(pinned)) refuse("other_authority");
  checkContent(content);
  return { content, hash: hash("directory", payload) };
}

export interface Trusted {
  directory: Directory;
  /** Why no report may be sealed by it: `directory_expired`, `directory_stale`; else null. */
  problem: string | null;
  /** The directory of another version, from its signed JSON. */
  other: (dsse: unknown, version: number) => Directory;
}

/** What the server shows, verified from the pinned fingerprint on. */
export function verifyBundle(json: unknown, pinned: Bytes, day: number): Trusted {
  const bundle = json as Bundle;
  const authority = walkRoots(pinned, readAuthority(bundle.authority), bundle.roots ?? []);
  const directory = verifyDirectory(bundle.directory, pinned, authority);
  const other = (dsse: unknown, version: number): Directory => {
    const found = verifyDirectory(dsse as DsseJson, pinned, authority);
    return found.content.version === version ? found : refuse("wrong_chain");
  };
  return { directory, problem: problemOf(directory, bundle.freshness ?? null, pinned, day), other };
}

function problemOf(directory: Directory, note: string | null, pinned: Bytes, day: number): string | null {
  const { content } = directory;
  if (day > readDay(content.expires)) return "directory_expired";
  if (day - readDay(content.issued) <= FRESH_DAYS) return null;
  return note !== null && isFresh(fromBase64(note), directory, pinned, day) ? null : "directory_stale";
}

/** 104 bytes: a member of this very directory vouched for it in the last days. */
function isFresh(note: Bytes, directory: Directory, pinned: Bytes, day: number): boolean {
  if (note.length !== 104) return false;
  const { content } = directory;
  const about = same(note.slice(0, 36), concat(u32(content.version), directory.hash));
  const signed = readU32(note, 36);
  const good = verifies(fromHex(content.gate.pk, 32), "freshness", pinned, note.slice(40), note.slice(0, 40));
  return about && good && signed <= day + 1 && day - signed <= FRESH_DAYS;
}

/** The one key of a member that counts on a day. */
export function boxPk(member: { box_pks: Period[] }, day: number): string | undefined {
  return member.box_pks.find((period) => readDay(period.from) <= day && day <= readDay(period.until))?.pk;
}

export { base64 };
