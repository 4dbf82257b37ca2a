/** What makes a directory's content refused (docs/protocol/directory.md, "A directory is refused"). */
import { fromBase64, fromHex, ProtocolError, refuse } from "./bytes.ts";
import { isWeakBox, isWeakSign } from "./crypto.ts";
import { readDay } from "./day.ts";
import type { Content, Jurisdiction, Period, Texts } from "./directory.ts";

const LIFETIME_DAYS = 35;
const PERIOD_DAYS = 28;
const INTAKE_MAX = 4;
const RULE_OFFICES_MAX = 4;
const CUSTODIANS_MAX = 16;
const GATE_BOX_BYTES = 80;
const DEPTH_MAX = 8;
const U32_MAX = 0xffffffff;
const KINDS = ["prosecution", "care", "civil", "oversight"];
const LEVELS = ["local", "region", "national", "network", "independent"];
const MODES = ["allowed", "allowed_with_threshold", "confidential_only", "unknown"];
const CODES = ["institutions", "jurisdictions", "areas", "recused_from"] as const;

function want(good: boolean): void {
  if (!good) refuse("directory_invalid");
}

/** Refuses with `weak_key` or `directory_invalid`: a member that is missing, or of another type, breaks one of the checks. */
export function checkContent(content: Content): void {
  try {
    checkAll(content);
  } catch (error) {
    if (error instanceof ProtocolError && error.code === "weak_key") throw error;
    refuse("directory_invalid");
  }
}

function checkAll(content: Content): void {
  const version = content.version;
  want(content.format === "amparo-directory-1" && Number.isInteger(version) && version > 0 && version <= U32_MAX);
  fromHex(content.previous, 32);
  fromHex(content.questionnaire.hash, 32);
  want(Number.isInteger(content.questionnaire.version));
  const [issued, expires] = [readDay(content.issued), readDay(content.expires)];
  want(issued <= expires && expires - issued <= LIFETIME_DAYS);
  checkWords(content);
  checkIds(content);
  checkKeys(content, issued, expires);
  checkReferences(content);
  checkNumbers(content);
  checkTexts(content);
}

/** Words that are not of the protocol, and conditions that are not of its language: what is not understood is not guessed at. */
function checkWords(content: Content): void {
  want(content.offices.every((office) => KINDS.includes(office.kind) && LEVELS.includes(office.level)));
  want(content.members.every((member) => member.role === "intake" || member.role === "desk"));
  want((content.custodians ?? []).every((custodian) => LEVELS.includes(custodian.level)));
  want((content.jurisdictions ?? []).every((law) => MODES.includes(law.anonymous_mode)));
  want(content.rules.every((rule) => isCondition(rule.when, 0)));
  const codes: Partial<Record<(typeof CODES)[number], unknown>>[] = [...content.offices, ...content.members, ...(content.custodians ?? [])];
  want(codes.every((one) => CODES.every((name) => one[name] === undefined || isTexts(one[name]))));
  want(content.rules.every((rule) => rule.countries === undefined || isTexts(rule.countries)));
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isCondition(value: unknown, depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  if (value === true) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const [first, ...others] = Object.entries(value) as [string, unknown][];
  if (first === undefined || others.length > 0) return false;
  const [word, inner] = first;
  if (word === "has") return typeof inner === "object" && inner !== null && !Array.isArray(inner) && Object.values(inner).every(isTexts);
  if (word === "opened") return typeof inner === "string";
  if (word === "all" || word === "any") return Array.isArray(inner) && inner.every((one) => isCondition(one, depth + 1));
  return word === "not" && isCondition(inner, depth + 1);
}

function unique(ids: string[]): void {
  want(new Set(ids).size === ids.length && ids.every((id) => /^[a-z0-9-]{1,40}$/.test(id)));
}

function people(content: Content): { id: string; sign_pk: string; box_pks: Period[] }[] {
  return [...content.members, ...(content.custodians ?? [])];
}

function checkIds(content: Content): void {
  unique(content.offices.map((office) => office.id));
  unique(people(content).map((one) => one.id));
  unique(content.rules.map((rule) => rule.id));
}

function checkKeys(content: Content, issued: number, expires: number): void {
  const seen = new Set<string>();
  const strong = (key: string, isWeak: (bytes: Uint8Array) => boolean): void => {
    if (isWeak(fromHex(key, 32))) refuse("weak_key");
    want(!seen.has(key));
    seen.add(key);
  };
  strong(content.gate.pk, isWeakSign);
  for (const one of people(content)) {
    strong(one.sign_pk, isWeakSign);
    for (const period of one.box_pks) strong(period.pk, isWeakBox);
    want(covers(one.box_pks, issued, expires));
  }
}

/** Exactly one period counts on each day, and each is at least 28 days long. */
function covers(periods: Period[], first: number, last: number): boolean {
  const days = periods.map((period) => ({ from: readDay(period.from), until: readDay(period.until) })).sort((a, b) => a.from - b.from);
  const long = days.every(({ from, until }) => until - from + 1 >= PERIOD_DAYS);
  const apart = days.every(({ from }, i) => i === 0 || (days[i - 1]?.until ?? from) < from);
  for (let day = first; day <= last; day++) {
    if (!days.some(({ from, until }) => from <= day && day <= until)) return false;
  }
  return long && apart;
}

function checkReferences(content: Content): void {
  const known = new Map(content.offices.map((office) => [office.id, office]));
  want(content.members.every((member) => known.has(member.office)));
  want(content.rules.every((rule) => rule.offices.every((id) => known.has(id))));
  want(content.conflict_fallback.length > 0 && content.conflict_fallback.every((id) => known.has(id)));
  want((content.duty ?? []).every((duty) => known.has(duty.office) && known.get(duty.office)?.level !== "local"));
  want(content.gate.sealed.every((box) => fromBase64(box.box).length === GATE_BOX_BYTES));
  const sealed = content.gate.sealed.map((box) => box.member).sort();
  want(JSON.stringify(sealed) === JSON.stringify(content.members.map((member) => member.id).sort()));
}

/** Whether conditions exclude each other is not asked: what could hold together is every rule that names a country, with every rule for any. */
function checkNumbers(content: Content): void {
  want((content.custodians ?? []).length <= CUSTODIANS_MAX);
  for (const office of content.offices) {
    want(content.members.filter((member) => member.office === office.id && member.role === "intake").length <= INTAKE_MAX);
  }
  const countries = new Set([...content.rules.flatMap((rule) => rule.countries ?? []), ""]);
  for (const country of countries) {
    const rules = content.rules.filter(({ countries: named = [] }) => named.length === 0 || named.includes(country));
    want(new Set(rules.flatMap((rule) => rule.offices)).size <= RULE_OFFICES_MAX);
  }
}

function checkTexts(content: Content): void {
  const whole = (texts: Texts): boolean => content.languages.every((language) => typeof texts[language] === "string" && texts[language] !== "");
  const all: Texts[] = [
    content.names, ...Object.values(content.texts ?? {}), ...content.offices.map((o) => o.names), ...content.members.map((m) => m.names),
    ...(content.custodians ?? []).map((c) => c.names), ...content.rules.map((r) => r.why), ...(content.helplines ?? []).flatMap((h) => [h.names, h.hours]),
    ...(content.institutions ?? []).map((i) => i.names), ...(content.jurisdictions ?? []).flatMap(noticesOf),
  ];
  want(isTexts(content.languages) && content.languages.length > 0 && all.every(whole));
}

function noticesOf(law: Jurisdiction): Texts[] {
  const { names, notice_before_typing: notice = {}, threshold_hint: hint, non_punishment_notice: unpunished } = law;
  return [names, notice, ...(hint ? [hint] : []), ...(unpunished ? [unpunished] : [])];
}
