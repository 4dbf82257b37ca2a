// Bundles the pages: `node build.mjs FOLDER`. The same bytes wherever it is built; no source maps, no addresses from outside.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { checkAlike, checkUsed, languages, readMessages } from "./build/fluent.mjs";
import { given, keepOut, shareWith } from "./build/lazy.mjs";
import { fill, languageLinks, questionnaire, words } from "./build/pages.mjs";

const web = dirname(fileURLToPath(import.meta.url));
const root = join(web, "..");
const out = process.argv[2] ?? join(web, "dist");
const locales = join(web, "locales");
const bip39 = join(root, "src/words/bip39");
const form = join(root, "config/questionnaire.json");
/** Parts of the report page that come only when they are wanted. */
const LAZY = ["comeback"];
const OPTIONS = { absWorkingDir: web, bundle: true, minify: true, target: ["es2020"], legalComments: "none", charset: "utf8", logLevel: "warning" };

function write(path, text) {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), text);
}

function files(folder) {
  return readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

function sources(room) {
  return files(join(web, room)).filter((path) => path.endsWith(".ts")).map((path) => readFileSync(path, "utf8"));
}

/** The texts of a room by language, checked. */
function texts(codes, names, room) {
  const tables = Object.fromEntries(codes.map((code) => [code, readMessages(locales, code, names)]));
  checkAlike(tables);
  // The program names the factors of priority itself; the words of status.ftl are shared with the command line.
  const shared = readMessages(locales, codes[0], ["status"]);
  if (room) checkUsed(tables[codes[0]], sources(room), `web/${room}`, (key) => key in shared || (room === "desk" && /^P\d+_/.test(key)));
  return tables;
}

const svg = readFileSync(join(web, "icon.svg"), "utf8").trim();
const icon = `data:image/svg+xml,${encodeURIComponent(svg).replace(/%20/g, "+").replace(/\+/g, "%20")}`;
const codes = languages(locales);
const statics = texts(codes, ["static"]);
const all = codes.map((code) => ({ code, name: statics[code].language_name }));
const UNSHOWN = ["language_order", "language_name", "language_words"];

async function reportIn(code, table, lists) {
  const page = fill(readFileSync(join(web, "report/index.html"), "utf8"), statics[code], { code, icon, links: languageLinks(all, code) }, UNSHOWN);
  write(`report/${code}/index.html`, page);
  const data = { code, texts: table, questionnaire: questionnaire(form, code), list: words(bip39, statics[code].language_words, lists), lists };
  const plugins = [given("amparo:language", data)];
  const outdir = join(out, "report", code);
  const names = await shareWith(web, LAZY);
  const entry = { contents: `${names}\nimport "./main.ts";`, resolveDir: join(web, "report"), sourcefile: "entry.ts", loader: "ts" };
  await build({ ...OPTIONS, stdin: entry, outfile: join(outdir, "main.js"), format: "esm", plugins: [...plugins, keepOut(LAZY, `/${code}/`)] });
  await build({ ...OPTIONS, entryPoints: LAZY.map((name) => `report/${name}.ts`), outdir, format: "esm", plugins: [...plugins, keepOut([], `/${code}/`)] });
}

async function report() {
  const tables = texts(codes, ["report", "status"], "report");
  const lists = [...new Set(codes.map((code) => statics[code].language_words))];
  for (const code of codes) await reportIn(code, tables[code], lists);
  // The cleaners are a script of their own: a page without attachments does not load them.
  await build({ ...OPTIONS, entryPoints: ["report/clean/worker.ts", "report/choice.ts", "report/style.css"], outbase: "report", outdir: join(out, "report"), format: "iife" });
  const names = all.map(({ name }) => name).join(" · ");
  const exits = codes.map((code) => statics[code].exit).join(" · ");
  const raw = { code: codes[0], icon, names, exits, title: statics[codes[0]].title, links: languageLinks(all, "") };
  write("report/index.html", fill(readFileSync(join(web, "report/choice.html"), "utf8"), {}, raw));
  for (const list of lists) write(`report/words/${list}.txt`, readFileSync(join(bip39, `${list}.txt`)));
  // The hash of the questionnaire stands in the directory: its bytes are not touched.
  write("report/questionnaire.json", readFileSync(form));
}

async function desk() {
  const tables = texts(codes, ["desk", "status"], "desk");
  await build({ ...OPTIONS, entryPoints: ["desk/main.ts", "desk/style.css"], outdir: join(out, "desk"), format: "iife", plugins: [given("amparo:languages", all)] });
  write("desk/index.html", readFileSync(join(web, "desk/index.html")));
  write("desk/icon.svg", readFileSync(join(web, "icon.svg")));
  write("desk/questionnaire.json", readFileSync(form));
  for (const code of codes) write(`desk/text/${code}.json`, JSON.stringify(tables[code]));
}

function compress(path) {
  const bytes = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const forms = { br: brotliCompressSync(bytes, { params }), gz: gzipSync(bytes, { level: 9 }) };
  for (const [ending, form] of Object.entries(forms)) if (form.length < bytes.length) writeFileSync(`${path}.${ending}`, form);
}

rmSync(out, { recursive: true, force: true });
await report();
await desk();
// What the command line says to a reporter comes from the same files.
for (const [code, table] of Object.entries(texts(codes, ["status"]))) write(`cli/${code}.json`, JSON.stringify(table));
const made = files(out);
const manifest = Object.fromEntries(made.map((path) => [path.slice(out.length + 1), createHash("sha256").update(readFileSync(path)).digest("hex")]));
write("manifest.json", `${JSON.stringify(manifest, null, 1)}\n`);
for (const path of made) compress(path);
