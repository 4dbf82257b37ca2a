/** The screen's words in the member's language. */
import all from "amparo:languages";
import { format, type Pattern, type Values } from "../report/fluent.ts";
import type { Answer, Questionnaire, Texts } from "./types.ts";

export const LANGUAGES = all.map(({ code }) => code);
let language = "es";
let table: Record<string, Pattern> = {};
let form: Questionnaire = { questions: [], countries: [], screens: [] };

async function json(path: string): Promise<unknown> {
  return (await fetch(path, { cache: "no-store" })).json();
}

export async function useLanguage(code: string): Promise<void> {
  table = (await json(`/text/${code}.json`)) as Record<string, Pattern>;
  if (form.questions.length === 0) form = (await json("/questionnaire.json")) as Questionnaire;
  language = code;
  document.documentElement.lang = code;
}

export function lang(): string {
  return language;
}

export function t(key: string, values: Values = {}): string {
  return format(table[key] ?? key, values, language);
}

/** A text that may be missing. */
export function maybe(key: string): string | undefined {
  const pattern = table[key];
  return pattern === undefined ? undefined : format(pattern, {}, language);
}

export function pick(texts: Texts | undefined, fallback = ""): string {
  return texts?.[language] ?? texts?.["es"] ?? fallback;
}

function choice(id: string, code: string): string {
  const question = form.questions.find((one) => one.id === id);
  const option = question?.options?.find((one) => one.code === code) ?? (id === "country" ? form.countries.find((one) => one.code === code) : undefined);
  return pick(option?.texts, code);
}

/** Question and answer as people read them, in the questionnaire's order. */
export function inWords(answers: Record<string, Answer>): { id: string; question: string; answer: string }[] {
  const order = form.screens.flat();
  const ids = Object.keys(answers).sort((a, b) => order.indexOf(a) - order.indexOf(b));
  return ids.map((id) => {
    const answer = answers[id] as Answer;
    const codes = typeof answer === "string" ? [answer] : Array.isArray(answer) ? answer : answer.codes ?? [];
    const text = typeof answer === "object" && !Array.isArray(answer) ? answer.text ?? "" : "";
    const question = form.questions.find((one) => one.id === id);
    return { id, question: pick(question?.texts, id), answer: [...codes.map((code) => choice(id, code)), text].filter(Boolean).join("\n") };
  });
}
