// Bundles the pages: `node build.mjs FOLDER`. The same bytes wherever it is built; no source maps, no addresses from outside.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const web = dirname(fileURLToPath(import.meta.url));
const root = join(web, "..");
const out = process.argv[2] ?? join(web, "dist");
const LANGUAGES = ["es", "pt", "en"];

async function bundle(room) {
  const to = join(out, room);
  mkdirSync(to, { recursive: true });
  await build({
    absWorkingDir: web,
    // The cleaners are a script of their own: a page without attachments does not load them.
    entryPoints: [`${room}/main.ts`, `${room}/style.css`, ...(room === "report" ? ["report/clean/worker.ts"] : [])],
    outdir: to,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2020"],
    legalComments: "none",
    charset: "utf8",
    loader: { ".json": "json" },
    logLevel: "warning",
  });
  cpSync(join(web, room, "index.html"), join(to, "index.html"));
  cpSync(join(web, "icon.svg"), join(to, "icon.svg"));
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

/** JSON without the white space that is for people who edit it. */
function squeeze(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, JSON.stringify(JSON.parse(readFileSync(from, "utf8"))));
}

function files(folder) {
  return readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

function compress(path) {
  const bytes = readFileSync(path);
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  const brotli = brotliCompressSync(bytes, options);
  if (brotli.length < bytes.length) writeFileSync(`${path}.br`, brotli);
}

rmSync(out, { recursive: true, force: true });
await bundle("report");
await bundle("desk");
for (const language of LANGUAGES) {
  copy(join(root, `src/words/bip39/${language}.txt`), join(out, `report/words/${language}.txt`));
  squeeze(join(web, `locales/report.${language}.json`), join(out, `report/text/${language}.json`));
  squeeze(join(web, `locales/desk.${language}.json`), join(out, `desk/text/${language}.json`));
}
// The hash of the questionnaire stands in the directory: its bytes are not touched.
copy(join(root, "config/questionnaire.json"), join(out, "report/questionnaire.json"));
copy(join(root, "config/questionnaire.json"), join(out, "desk/questionnaire.json"));
const all = files(out);
const manifest = Object.fromEntries(all.map((path) => [path.slice(out.length + 1), createHash("sha256").update(readFileSync(path)).digest("hex")]));
writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
for (const path of all) compress(path);
