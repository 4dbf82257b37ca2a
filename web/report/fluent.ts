/** Shows the compact form of a Fluent text (`web/build/fluent.mjs`): variables, and choices by exact number or plural form. */
export type Part = string | [string] | [string, Record<string, Pattern>];
export type Pattern = string | Part[];
export type Values = Record<string, string | number>;

export function format(pattern: Pattern, values: Values, language: string): string {
  if (typeof pattern === "string") return pattern;
  return pattern.map((part) => (typeof part === "string" ? part : fill(part, values, language))).join("");
}

function fill([name, variants]: Exclude<Part, string>, values: Values, language: string): string {
  const value = values[name] ?? "";
  if (!variants) return String(value);
  const chosen = variants[value] ?? variants[new Intl.PluralRules(language).select(Number(value))] ?? variants["other"];
  return chosen === undefined ? "" : format(chosen, values, language);
}
