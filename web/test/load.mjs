// The page's own modules, bundled as the page bundles them, for tests.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

export const web = new URL("..", import.meta.url).pathname;

/** An object with each module of `web/report` under its name. */
export async function load(...rooms) {
  const cache = join(web, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "modules-"));
  try {
    const contents = rooms.map((room) => `export * as ${room} from "./${room}.ts";`).join("\n");
    const outfile = join(folder, "bundle.mjs");
    await build({ stdin: { contents, resolveDir: join(web, "report") }, outfile, bundle: true, format: "esm", platform: "node", target: "node20", logLevel: "error" });
    return await import(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
