// Parts of a page that are loaded when they are wanted take what the page has already from the page's own script, instead of a second copy.
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

const IMPORT = /^import\s+(type\s+)?\{([^}]*)\}\s+from\s+"\.\/(\w+)\.ts"/gm;

/** A module whose value is known when the page is built. */
export function given(name, value) {
  return {
    name,
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: "given" }));
      onLoad({ filter: new RegExp(`^${name}$`), namespace: "given" }, () => ({ contents: JSON.stringify(value), loader: "json" }));
    },
  };
}

async function inputs(web, entry, without) {
  const leave = { name: "leave", setup({ onResolve }) { onResolve({ filter: /./ }, ({ path, kind }) => (kind === "dynamic-import" || path.startsWith("amparo:") ? { path, external: true } : undefined)); } };
  const { metafile } = await build({ absWorkingDir: web, entryPoints: [`report/${entry}.ts`], bundle: true, write: false, metafile: true, format: "esm", plugins: [leave] });
  return Object.keys(metafile.inputs).filter((path) => path.startsWith("report/") && !without.has(path));
}

let shared = new Set();

/** The lines that make the page's script give what its later parts need. */
export async function shareWith(web, parts) {
  shared = new Set(await inputs(web, "main", new Set()));
  const names = new Map();
  for (const part of parts) {
    for (const path of await inputs(web, part, shared)) {
      for (const [, type, list, from] of readFileSync(join(web, path), "utf8").matchAll(IMPORT)) {
        if (type || !shared.has(`report/${from}.ts`)) continue;
        const values = list.split(",").map((one) => one.trim()).filter((one) => one && !one.startsWith("type "));
        names.set(from, new Set([...(names.get(from) ?? []), ...values]));
      }
    }
  }
  return [...names].sort().map(([from, values]) => `export { ${[...values].sort().join(", ")} } from "./${from}.ts";`).join("\n");
}

/** Leaves the later parts out of the page's script, and the page's script out of them. */
export function keepOut(parts, folder) {
  return {
    name: "keep-out",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/\w+\.ts$/ }, ({ path, kind, importer }) => {
        const name = basename(path, ".ts");
        if (kind === "dynamic-import" && parts.includes(name)) return { path: `${folder}${name}.js`, external: true };
        const isPart = parts.length === 0 && kind !== "entry-point" && importer !== "";
        return isPart && shared.has(`report/${name}.ts`) ? { path: `${folder}main.js`, external: true } : undefined;
      });
    },
  };
}
