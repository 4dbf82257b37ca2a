/** The page's words in the chosen language. */
import type { Texts } from "./directory.ts";
import { getJson } from "./api.ts";

export const LANGUAGES = ["es", "pt", "en"];
let language = "es";
let table: Record<string, string> = {};

export async function useLanguage(code: string): Promise<void> {
  table = (await getJson(`/text/${code}.json`)) as Record<string, string>;
  language = code;
  document.documentElement.lang = code;
  document.title = t("title");
  const exit = document.getElementById("exit");
  if (exit) exit.textContent = t("exit");
}

export function lang(): string {
  return language;
}

export function t(key: string, values: Record<string, string | number> = {}): string {
  const text = table[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** A text of the directory or the questionnaire. */
export function pick(texts: Texts | undefined): string {
  return texts?.[language] ?? texts?.["es"] ?? texts?.["en"] ?? "";
}
