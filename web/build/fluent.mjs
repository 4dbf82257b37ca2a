// Fluent files to compact data: `locales/<language>/*.ftl`. What the pages cannot show, or a language lacks, fails the build.
//
// The part of Fluent that is used: messages of text, `{ $name }`, `{ "text" }`, and a choice by `$name` whose variants are exact numbers or
// plural categories of the language. A text without placeables is a string; else a list of strings, `[name]` and `[name, {variant: text}]`.
import { parse } from "@fluent/syntax";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const COUNTED_TO = 1000;

export class LocaleError extends Error {}

/** Folders of `locales/`, in the order that each gives itself. */
export function languages(folder) {
  const codes = readdirSync(folder).filter((code) => existsSync(join(folder, code, "report.ftl")));
  const order = (code) => Number(readMessages(folder, code, ["static"]).language_order);
  return codes.sort((a, b) => order(a) - order(b) || a.localeCompare(b));
}

function variantsOf(expression, where, language) {
  const name = expression.selector.type === "VariableReference" ? expression.selector.id.name : fail(where, "a choice by something else than a variable");
  const variants = {};
  for (const variant of expression.variants) {
    const key = variant.key.type === "NumberLiteral" ? variant.key.value : variant.key.name;
    variants[key] = patternOf(variant.value, where, language);
    if (variant.default && key !== "other") fail(where, "the default of a choice is [other]");
  }
  const rules = new Intl.PluralRules(language);
  const known = rules.resolvedOptions().pluralCategories;
  for (const key of Object.keys(variants)) {
    if (!known.includes(key) && !/^\d+$/.test(key)) fail(where, `[${key}] is no plural form of ${language}`);
  }
  const needed = new Set(Array.from({ length: COUNTED_TO }, (_, n) => (variants[n] === undefined ? rules.select(n) : "other")));
  for (const key of needed) if (variants[key] === undefined) fail(where, `the plural form [${key}] of ${language} is missing`);
  return [name, variants];
}

function partOf(element, where, language) {
  if (element.type === "TextElement") return element.value;
  const { expression } = element;
  if (expression.type === "StringLiteral") return expression.parse().value;
  if (expression.type === "VariableReference") return [expression.id.name];
  if (expression.type === "SelectExpression") return variantsOf(expression, where, language);
  return fail(where, `${expression.type} is not used here`);
}

function patternOf(pattern, where, language) {
  const parts = [];
  for (const part of pattern.elements.map((element) => partOf(element, where, language))) {
    if (typeof part === "string" && typeof parts.at(-1) === "string") parts.push(parts.pop() + part);
    else parts.push(part);
  }
  return parts.every((part) => typeof part === "string") ? parts.join("") : parts;
}

function fail(where, what) {
  throw new LocaleError(`${where}: ${what}`);
}

/** The messages of one Fluent text. */
export function messagesOf(text, file, language) {
  const messages = {};
  for (const entry of parse(text, {}).body) {
    if (/Comment$/.test(entry.type)) continue;
    if (entry.type === "Junk") fail(file, `cannot be read: ${entry.content.trim().split("\n")[0]}`);
    if (entry.type !== "Message" || !entry.value || entry.attributes.length > 0) fail(file, `a ${entry.type.toLowerCase()} of a kind that is not used`);
    const key = entry.id.name;
    if (key in messages) fail(file, `${key} stands twice`);
    messages[key] = patternOf(entry.value, `${file}: ${key}`, language);
  }
  return messages;
}

export function readMessages(folder, language, names) {
  const all = {};
  for (const name of names) {
    const file = join(language, `${name}.ftl`);
    const messages = messagesOf(readFileSync(join(folder, file), "utf8"), file, language);
    for (const key of Object.keys(messages)) if (key in all) fail(file, `${key} stands in another file too`);
    Object.assign(all, messages);
  }
  return all;
}

function variables(pattern) {
  if (typeof pattern === "string") return [];
  return pattern.flatMap((part) => (typeof part === "string" ? [] : [part[0], ...Object.values(part[1] ?? {}).flatMap(variables)]));
}

/** Every language has the keys of the first and no other, with the same variables. */
export function checkAlike(tables) {
  const [[first, model], ...others] = Object.entries(tables);
  for (const [language, table] of others) {
    const missing = Object.keys(model).filter((key) => !(key in table));
    const unknown = Object.keys(table).filter((key) => !(key in model));
    if (missing.length > 0) throw new LocaleError(`${language} lacks: ${missing.join(", ")}`);
    if (unknown.length > 0) throw new LocaleError(`${language} has what ${first} lacks: ${unknown.join(", ")}`);
    for (const key of Object.keys(model)) {
      const [mine, theirs] = [model, table].map((one) => [...new Set(variables(one[key]))].sort().join());
      if (mine !== theirs) throw new LocaleError(`${language}: ${key} names {${theirs}}, ${first} names {${mine}}`);
    }
  }
}

/** Every key that the code names is there, and every key that is there is named by the code; `elsewhere`: those that others use. */
export function checkUsed(table, sources, where, elsewhere) {
  const text = sources.join("\n");
  const named = new Set([...text.matchAll(/\b(?:t|maybe)\(\s*"(\w+)"/g), ...text.matchAll(/\b(?:t|maybe)\([^()"`]*\?\s*"(\w+)"\s*:\s*"(\w+)"/g)].flatMap((found) => found.slice(1)));
  const begun = [...text.matchAll(/\b(?:t|maybe)\(`(\w+_)\$\{/g)].map((found) => found[1]);
  // A key may travel through a variable: then it stands in the code as a string of its own.
  const written = new Set([...text.matchAll(/"(\w+)"/g)].map((found) => found[1]));
  const missing = [...named].filter((key) => !(key in table));
  const idle = Object.keys(table).filter((key) => !elsewhere(key) && !named.has(key) && !written.has(key) && !begun.some((start) => key.startsWith(start)));
  if (missing.length > 0) throw new LocaleError(`${where} names texts that no language has: ${missing.join(", ")}`);
  if (idle.length > 0) throw new LocaleError(`${where} uses no such texts: ${idle.join(", ")}`);
}
