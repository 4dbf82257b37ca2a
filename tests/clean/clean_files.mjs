// Cleans every file of a folder with the page's own code: `node clean_files.mjs FROM TO`. TO/results.json says what was found.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const web = new URL("../../web/", import.meta.url).pathname;
const { build } = createRequire(join(web, "package.json"))("esbuild");
const [from, to] = process.argv.slice(2);
const cache = join(web, "node_modules/.cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "clean-"));
try {
  const outfile = join(folder, "clean.mjs");
  await build({ entryPoints: [join(web, "report/clean/index.ts")], outfile, bundle: true, format: "esm", target: "es2020", logLevel: "error" });
  const { clean } = await import(outfile);
  const results = {};
  for (const file of readdirSync(from).sort()) {
    const begun = performance.now();
    const { cleaned, ...rest } = clean(new Uint8Array(readFileSync(join(from, file))), file);
    results[file] = { ...rest, milliseconds: Math.round(performance.now() - begun) };
    if (cleaned) writeFileSync(join(to, file), cleaned);
  }
  writeFileSync(join(to, "results.json"), JSON.stringify(results, null, 1));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
