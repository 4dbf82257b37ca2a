/** Who will be able to read: rules, exclusion, fail closed (docs/protocol/directory.md, "Routing"). The same vectors hold Rust and this. */
import { boxPk, type Condition, type Content, type Member, type Office, type Rule, type Texts } from "./directory.ts";

export type Answer = string | string[] | { codes?: string[]; text?: string };
export type Answers = Record<string, Answer>;

const RECIPIENTS_MAX = 16;
const CUSTODIANS_MAX = 4;
const MEMBERS_MIN = 2;
const JUSTICE = ["prosecutor", "court"];

export interface Recipient { member: string; office: string; pk: string }
export interface Routing {
  offices: { office: Office; why: Texts }[];
  excluded: Map<string, string>;
  fallback: boolean;
  careFirst: boolean;
  recipients: Recipient[];
  custodians: string[];
}

export function codes(answers: Answers, question: string): string[] {
  const answer = answers[question];
  if (typeof answer === "string") return [answer];
  return Array.isArray(answer) ? answer : answer?.codes ?? [];
}

export function holds(condition: Condition, answers: Answers, opened: string[] = []): boolean {
  if (condition === true) return true;
  if ("has" in condition) return Object.entries(condition.has).every(([question, any]) => any.some((code) => codes(answers, question).includes(code)));
  if ("opened" in condition) return opened.includes(condition.opened);
  if ("all" in condition) return condition.all.every((one) => holds(one, answers, opened));
  if ("any" in condition) return condition.any.some((one) => holds(one, answers, opened));
  return !holds(condition.not, answers, opened);
}

interface Reach { id: string; institutions?: string[]; level: string; areas?: string[]; jurisdictions?: string[] }

class View {
  readonly named: string[];
  readonly country: string;
  private readonly admin1: string | undefined;

  constructor(readonly answers: Answers) {
    this.named = codes(answers, "institution").filter((code) => code !== "dk" && code !== "private");
    this.country = codes(answers, "country")[0] ?? "na";
    this.admin1 = codes(answers, "admin1").find((code) => code !== "dk");
  }

  has(question: string, code: string): boolean {
    return codes(this.answers, question).includes(code);
  }

  private shares(areas: string[]): boolean {
    return this.admin1 === undefined || areas.length === 0 || areas.includes(this.admin1);
  }

  exclusion(office: Office): string | null {
    return this.exclusionOf(office) ?? ((office.recused_from ?? []).some((one) => this.named.includes(one)) ? "recused" : null);
  }

  exclusionOf({ id, institutions = [], level, areas = [], jurisdictions = [] }: Reach): string | null {
    const isOneOf = (list: string[]): boolean => institutions.some((one) => list.includes(one));
    const isLocal = level === "local" || level === "region";
    const shares = this.shares(areas);
    const excluded = codes(this.answers, "exclude");
    const told = this.has("before", "nothing") || this.has("before", "worse");
    const here = jurisdictions.length === 0 || jurisdictions.includes(this.country);
    if (isOneOf(this.named) && (!isLocal || shares)) return "named_institution";
    if (excluded.includes(id) || isOneOf(excluded) || (excluded.includes("local") && isLocal)) return "by_reporter";
    if (told && isOneOf(codes(this.answers, "before_who"))) return "told_before";
    if (this.has("what", "m_c") && (isOneOf(["police"]) || level === "local") && shares) return "tip_off";
    if (this.named.some((one) => JUSTICE.includes(one)) && isOneOf(JUSTICE) && shares && here) return "justice_line";
    return this.has("institution", "dk") && isLocal ? "unknown_institution" : null;
  }

  isEligible(member: Member): boolean {
    return member.role === "intake" && !(member.recused_from ?? []).some((one) => this.named.includes(one));
  }

  inCountry(rule: Rule): boolean {
    const { countries = [] } = rule;
    return countries.length === 0 || countries.includes(this.country);
  }
}

/** `null`: nobody is left who may receive it. */
export function route(content: Content, answers: Answers, removed: string[], day: number): Routing | null {
  const view = new View(answers);
  const excluded = new Map<string, string>();
  for (const office of content.offices) {
    const reason = view.exclusion(office);
    if (reason) excluded.set(office.id, reason);
  }
  const isIn = (id: string): boolean => !removed.includes(id) && !excluded.has(id);
  const recipientsOf = (office: string): Recipient[] =>
    content.members
      .filter((member) => member.office === office && view.isEligible(member))
      .map((member) => ({ member: member.id, office, pk: boxPk(member, day) ?? "" }))
      .filter((recipient) => recipient.pk !== "");
  const careFirst = view.has("se_route", "care");
  let offices = candidates(view, content, careFirst).filter(({ office }) => isIn(office.id) && recipientsOf(office.id).length > 0);
  const enoughCare = offices.some(({ office }) => recipientsOf(office.id).length >= MEMBERS_MIN);
  const fallback = !careFirst && offices.length < MEMBERS_MIN;
  if (fallback) {
    const id = content.conflict_fallback.find((one) => isIn(one) && recipientsOf(one).length >= MEMBERS_MIN);
    offices = content.offices.filter((office) => office.id === id).map((office) => ({ office, why: {} }));
  }
  if (offices.length === 0 || (careFirst && !enoughCare)) return null;
  return {
    offices, excluded, fallback, careFirst,
    recipients: offices.flatMap(({ office }) => recipientsOf(office.id)).slice(0, RECIPIENTS_MAX),
    custodians: (content.custodians ?? []).filter((one) => view.exclusionOf(one) === null).slice(0, CUSTODIANS_MAX).map((one) => one.id),
  };
}

/** The offices that rules name, in the directory's order, each with the words of the first rule that names it. */
function candidates(view: View, content: Content, careFirst: boolean): { office: Office; why: Texts }[] {
  const inCountry = content.rules.filter((rule) => view.inCountry(rule));
  const ruleFor = (office: Office): Rule | undefined => {
    const names = (rule: Rule): boolean => rule.offices.includes(office.id);
    if (careFirst) return office.kind === "care" ? inCountry.find(names) : undefined;
    if (view.has("institution", "dk")) return undefined;
    return inCountry.filter((rule) => holds(rule.when, view.answers)).find(names);
  };
  return content.offices.flatMap((office) => {
    const rule = ruleFor(office);
    return rule ? [{ office, why: rule.why }] : [];
  });
}
