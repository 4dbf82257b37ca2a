/** Questions as the questionnaire has them: one look for each type of answer. */
import type { Session } from "./session.ts";
import type { Choice, Question, Questionnaire } from "./questionnaire.ts";
import { codes, type Answer, type Answers } from "./routing.ts";
import { pick, t } from "./text.ts";
import { el } from "./ui.ts";

/** A question on the page; `read` gives its answer, or undefined where it was skipped. */
export interface Asked {
  node: HTMLElement;
  read: () => Answer | undefined;
}

/** Names that tell a browser's memory nothing. */
const names: string[] = [];

function neutral(question: Question): string {
  if (!names.includes(question.id)) names.push(question.id);
  return `q${names.indexOf(question.id) + 1}`;
}

function choice(question: Question, option: Choice, kind: "radio" | "checkbox", given: string[]): HTMLLabelElement {
  const input = el("input", { type: kind, name: neutral(question), autocomplete: "off", value: option.code, checked: given.includes(option.code), "data-test": `${question.id}-${option.code}` });
  return el("label", { class: "choice" }, input, el("span", {}, pick(option.texts)));
}

function chosen(node: HTMLElement): string[] {
  return Array.from(node.querySelectorAll<HTMLInputElement>("input:checked"), (input) => input.value);
}

/** "I don't know" and the like go with no other answer. */
function keepAlone(node: HTMLElement, options: Choice[]): void {
  const alone = new Set(options.filter((option) => option.alone).map((option) => option.code));
  node.addEventListener("change", (event) => {
    const changed = event.target as HTMLInputElement;
    if (changed.type !== "checkbox" || !changed.checked) return;
    for (const input of node.querySelectorAll<HTMLInputElement>("input[type=checkbox]:checked")) {
      const clash = alone.has(changed.value) ? input !== changed : alone.has(input.value);
      if (clash) input.checked = false;
    }
  });
}

function selectOf(question: Question, options: Choice[], given: string): HTMLSelectElement {
  const rows = options.map((option) => el("option", { value: option.code, selected: option.code === given }, pick(option.texts)));
    return el("select", { id: neutral(question), "aria-labelledby": `${neutral(question)}-label`, autocomplete: "off", "data-test": question.id }, el("option", { value: "" }, t("choose")), ...rows);
}

function textBox(question: Question, long: boolean, given: string): HTMLTextAreaElement | HTMLInputElement {
  const props = { id: `${neutral(question)}-text`, autocomplete: "off", spellcheck: "false", autocapitalize: "off", "aria-labelledby": `${neutral(question)}-label`, "data-test": `${question.id}-text` };
  const node = long ? el("textarea", { ...props, rows: 6 }) : el("input", { ...props, type: "text" });
  node.value = given;
  return node;
}

function frame(question: Question, ...inner: (Node | null)[]): HTMLElement {
  const parts = inner.filter((node): node is Node => node !== null);
  const hint = question.hint ? el("p", { class: "hint" }, pick(question.hint)) : null;
  return el("fieldset", {}, el("legend", { id: `${neutral(question)}-label` }, pick(question.texts)), hint, ...parts);
}

export function ask(question: Question, questionnaire: Questionnaire, session: Session, answers: Answers): Asked {
  const given = codes(answers, question.id);
  const options = question.options ?? [];
  if (question.type === "single:iso3166-1" || question.type === "single:iso3166-2") return askPlace(question, questionnaire, session, answers, given[0] ?? "");
  if (question.type === "text" || question.type === "longtext") {
    const box = textBox(question, question.type === "longtext", given[0] ?? "");
    return { node: frame(question, box), read: () => box.value.trim() || undefined };
  }
  const kind = question.type === "single" ? "radio" : "checkbox";
  const list = el("div", { class: "stack" }, ...options.map((option) => choice(question, option, kind, given)));
  keepAlone(list, options);
  if (question.type === "single") return { node: frame(question, list), read: () => chosen(list)[0] };
  if (question.type === "multi") return { node: frame(question, list), read: () => (chosen(list).length > 0 ? chosen(list) : undefined) };
  const former = answers[question.id];
  const text = typeof former === "object" && !Array.isArray(former) ? former.text ?? "" : "";
  const box = textBox(question, false, text);
  const read = (): Answer | undefined => {
    const all = { codes: chosen(list), text: box.value.trim() };
    return all.codes.length > 0 || all.text !== "" ? all : undefined;
  };
  return { node: frame(question, list, box), read };
}

function askPlace(question: Question, questionnaire: Questionnaire, session: Session, answers: Answers, given: string): Asked {
  const country = codes(answers, "country")[0];
  const areas = (session.content.jurisdictions ?? []).find((one) => one.country === country)?.areas ?? [];
  const plain = (code: string, name: string): Choice => ({ code, texts: { es: name, pt: name, en: name } });
  const places = question.type === "single:iso3166-1" ? questionnaire.countries : areas.map((area) => plain(area.code, area.name));
  const select = selectOf(question, [...places, ...(question.options ?? [])], given);
  return { node: frame(question, select), read: () => select.value || undefined };
}
