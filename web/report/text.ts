/** The page's words: each page is made in one language. */
import data from "amparo:language";
import type { Texts } from "./directory.ts";
import { format, type Values } from "./fluent.ts";

export function lang(): string {
  return data.code;
}

export function t(key: string, values: Values = {}): string {
  return format(data.texts[key] ?? key, values, data.code);
}

/** A text of the directory or the questionnaire. */
export function pick(texts: Texts | undefined): string {
  return texts?.[data.code] ?? texts?.["es"] ?? texts?.["en"] ?? "";
}
