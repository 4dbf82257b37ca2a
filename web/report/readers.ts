/** Who will be able to read it: shown with the reason of each, and a switch, before anything is sealed. */
import { helplines } from "./help.ts";
import { codes, route, type Answers, type Routing } from "./routing.ts";
import type { Session } from "./session.ts";
import { pick, t } from "./text.ts";
import { button, el, note, show } from "./ui.ts";

export interface Readers {
  session: Session;
  answers: Answers;
  /** Offices that she took out; changed here. */
  removed: string[];
  agree: (routing: Routing, danger: boolean) => void;
  back: () => void;
}

export function showReaders(readers: Readers): void {
  const { session, answers, removed } = readers;
  const routing = route(session.content, answers, removed, session.day);
  const byRule = excludedOf(session, route(session.content, answers, [], session.day) ?? routing);
  const rows = switches(readers, routing, byRule);
  const out = [...byRule].map(([id, reason]) => shut(session, id, reason));
  const gone = out.length > 0 ? [el("h2", {}, t("readers_out")), ...out] : [];
  const back = button(t("back"), readers.back, "link", "back");
  if (!routing) {
    return show(t("nobody_title"), note(t("nobody_text"), "warm"), el("div", { class: "stack" }, ...rows), ...gone, helplines(session, codes(answers, "country")[0]), back);
  }
  const danger = { agreed: false };
  show(
    t("readers_title"),
    el("p", {}, routing.careFirst ? t("readers_care") : t("readers_text")),
    routing.fallback ? note(t("readers_fallback"), "warm") : null,
    el("div", { class: "stack" }, ...rows),
    el("p", { class: "small", role: "status" }, t("readers_people", { count: routing.recipients.length })),
    ...gone,
    dangerChoice(session, answers, routing, danger),
    el("div", { class: "row" }, button(t("readers_ok"), () => readers.agree(routing, danger.agreed), "main", "readers-ok")),
    back,
  );
}

/** Out by the rules, among those that would have come into question. */
function excludedOf(session: Session, routing: Routing | null): Map<string, string> {
  const { rules, conflict_fallback } = session.content;
  const candidates = new Set(rules.flatMap((rule) => rule.offices).concat(conflict_fallback));
  return new Map([...(routing?.excluded ?? [])].filter(([id]) => candidates.has(id)));
}

function nameOf(session: Session, id: string): string {
  return pick(session.content.offices.find((one) => one.id === id)?.names) || id;
}

/** On: it gets a key. Off: she took it out, and can put it back. */
function switches(readers: Readers, routing: Routing | null, byRule: Map<string, string>): HTMLElement[] {
  const { session, removed } = readers;
  const one = (id: string, why: string, isOn: boolean): HTMLElement => {
    const input = el("input", { type: "checkbox", role: "switch", checked: isOn, autocomplete: "off", "data-test": `${isOn ? "remove" : "restore"}-${id}`, "aria-labelledby": `name-${id}`, "aria-describedby": `why-${id}` });
    input.addEventListener("change", () => {
      const at = removed.indexOf(id);
      if (at >= 0) removed.splice(at, 1);
      else removed.push(id);
      showReaders(readers);
      document.querySelector<HTMLElement>(`[data-office="${id}"] input`)?.focus();
    });
    const words = el("span", {}, el("strong", { id: `name-${id}` }, nameOf(session, id)), el("span", { class: "small", id: `why-${id}` }, why));
    return el("label", { class: isOn ? "office" : "office off", "data-office": id, "data-test": `${isOn ? "office" : "off"}-${id}` }, words, input);
  };
  const chosen = routing?.offices ?? [];
  const on = chosen.map(({ office, why }) => one(office.id, routing?.fallback ? t("why_fallback") : pick(why), true));
  const isChosen = (id: string): boolean => chosen.some(({ office }) => office.id === id);
  return [...on, ...removed.filter((id) => !byRule.has(id) && !isChosen(id)).map((id) => one(id, t("out_by_you"), false))];
}

function shut(session: Session, id: string, reason: string): HTMLElement {
  return el("div", { class: "office out", "data-test": `out-${id}` }, el("span", {}, el("strong", {}, nameOf(session, id)), el("span", { class: "small" }, t(`out_${reason}`))));
}

/** One unstored bit, only if she agrees, and only if no duty office is excluded. */
function dangerChoice(session: Session, answers: Answers, routing: Routing, choice: { agreed: boolean }): HTMLElement | null {
  const isDanger = codes(answers, "danger_now").some((code) => code === "me" || code === "other");
  const duty = session.content.duty ?? [];
  if (!isDanger || duty.length === 0) return null;
  if (duty.some(({ office }) => routing.excluded.has(office))) return note(t("danger_no_letter"), "warm");
  const input = el("input", { type: "checkbox", autocomplete: "off", "data-test": "danger-letter" });
  input.addEventListener("change", () => { choice.agreed = input.checked; });
  return el("div", { class: "note warm" }, el("p", {}, t("danger_letter_text")), el("label", { class: "choice" }, input, el("span", {}, t("danger_letter"))));
}
