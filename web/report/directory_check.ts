/** What makes a directory's content refused (docs/protocol/directory.md, "A directory is refused"). */
import { fromHex, refuse } from "./bytes.ts";
import { isWeakBox, isWeakSign } from "./crypto.ts";
import { readDay } from "./day.ts";
import type { Content, Period, Texts } from "./directory.ts";

const LIFETIME_DAYS = 35;
const PERIOD_DAYS = 28;
const INTAKE_MAX = 4;
const RULE_OFFICES_MAX = 4;

function want(good: boolean): void {
  if (!good) refuse("directory_invalid");
}

export function checkContent(content: Content): void {
  want(content.format === "amparo-directory-1" && Number.isInteger(content.version) && content.version > 0);
  const [issued, expires] = [readDay(content.issued), readDay(content.expires)];
  want(issued <= expires && expires - issued <= LIFETIME_DAYS);
  checkIds(content);
  checkKeys(content, issued, expires);
  checkReferences(content);
  checkNumbers(content);
  checkTexts(content);
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
  const sealed = content.gate.sealed.map((box) => box.member).sort();
  want(JSON.stringify(sealed) === JSON.stringify(content.members.map((member) => member.id).sort()));
}

function checkNumbers(content: Content): void {
  for (const office of content.offices) {
    want(content.members.filter((member) => member.office === office.id && member.role === "intake").length <= INTAKE_MAX);
  }
  const countries = new Set([...content.rules.flatMap((rule) => rule.countries), ""]);
  for (const country of countries) {
    const rules = content.rules.filter((rule) => rule.countries.length === 0 || rule.countries.includes(country));
    want(new Set(rules.flatMap((rule) => rule.offices)).size <= RULE_OFFICES_MAX);
  }
}

function checkTexts(content: Content): void {
  const whole = (texts: Texts): boolean => content.languages.every((language) => Boolean(texts[language]));
  const all: Texts[] = [
    content.names, ...Object.values(content.texts ?? {}), ...content.offices.map((o) => o.names), ...content.members.map((m) => m.names),
    ...(content.custodians ?? []).map((c) => c.names), ...content.rules.map((r) => r.why), ...(content.helplines ?? []).flatMap((h) => [h.names, h.hours]),
    ...(content.institutions ?? []).map((i) => i.names), ...(content.jurisdictions ?? []).map((j) => j.names),
  ];
  want(content.languages.length > 0 && all.every(whole));
}
