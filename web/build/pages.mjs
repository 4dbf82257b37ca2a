// What is made per language: the static page, the texts, the questionnaire in that language, the words.
import { blake2b } from "@noble/hashes/blake2.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LocaleError } from "./fluent.mjs";

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

/** Fills `{{key}}`; a key that is missing, or that nothing on the page names, fails the build. `raw` are pieces that are HTML already. */
export function fill(template, texts, raw, optional = []) {
  const used = new Set(optional);
  const page = template.replace(/\{\{(\w+)\}\}/g, (_, key) => {
    used.add(key);
    if (key in raw) return raw[key];
    if (typeof texts[key] !== "string") throw new LocaleError(`the static page names ${key}, which no language has`);
    return escape(texts[key]);
  });
  const idle = Object.keys(texts).filter((key) => !used.has(key));
  if (idle.length > 0) throw new LocaleError(`the static page does not use: ${idle.join(", ")}`);
  return page.replace(/>\s*\n\s*/g, ">\n");
}

export function languageLinks(all, current) {
  return all.map(({ code, name }) => `<a href="/${code}/" lang="${code}" hreflang="${code}" data-test="lang-${code}"${code === current ? ' aria-current="page"' : ""}>${escape(name)}</a>`).join("");
}

/** Keeps one language of every `{language: text}`; what lacks it is named. */
function inLanguage(value, language, lacking, id = "") {
  if (Array.isArray(value)) return value.map((one) => inLanguage(one, language, lacking, id));
  if (value === null || typeof value !== "object") return value;
  const here = value.id ?? value.code ?? "";
  const name = here && id ? `${id}.${here}` : here || id;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => {
    if (key !== "texts" && key !== "hint") return [key, inLanguage(inner, language, lacking, name)];
    if (typeof inner[language] !== "string" || inner[language] === "") lacking.push(name);
    return [key, { [language]: inner[language] }];
  }));
}

/** The questionnaire as the page of a language needs it, under the hash of the whole file. */
export function questionnaire(path, language) {
  const bytes = readFileSync(path);
  const lacking = [];
  const { version, screens, countries, questions } = inLanguage(JSON.parse(bytes.toString("utf8")), language, lacking);
  if (lacking.length > 0) throw new LocaleError(`the questionnaire lacks ${language} for: ${lacking.join(", ")}`);
  return { version, screens, countries, questions, hash: Buffer.from(blake2b(bytes, { dkLen: 32 })).toString("hex") };
}

const prefix = (word) => Array.from(word.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()).slice(0, 4).join("");

/** A word as how many letters it shares with the one before, and the rest: a sorted list is a fifth shorter like this. */
function front(list) {
  let former = "";
  return list.map((word) => {
    let same = 0;
    while (same < 9 && same < former.length && word[same] === former[same]) same++;
    former = word;
    return `${same}${word.slice(same)}`;
  }).join("");
}

/** The list of a language, and for each other list which of these words its prefixes would take for its own: one bit a word, base64. */
export function words(folder, language, lists) {
  const read = (code) => readFileSync(join(folder, `${code}.txt`), "utf8").trimEnd().split("\n");
  const mine = read(language);
  const shared = {};
  for (const other of lists.filter((code) => code !== language)) {
    const theirs = new Set(read(other).map(prefix));
    const bits = new Uint8Array(mine.length / 8);
    mine.forEach((word, at) => { if (theirs.has(prefix(word))) bits[at >> 3] |= 1 << (at & 7); });
    shared[other] = Buffer.from(bits).toString("base64");
  }
  return { language, words: front(mine), shared };
}
