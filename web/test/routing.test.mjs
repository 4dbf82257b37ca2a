// Who will be able to read, against the vectors that hold the Rust side (src/questions).
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { build } from "esbuild";

const web = new URL("..", import.meta.url).pathname;

async function load(entry) {
  const cache = join(web, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "routing-"));
  try {
    const outfile = join(folder, "bundle.mjs");
    await build({ stdin: { contents: entry, resolveDir: join(web, "report") }, outfile, bundle: true, format: "esm", platform: "node", target: "node20", logLevel: "error" });
    return await import(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { day, routing } = await load(["day", "routing"].map((room) => `export * as ${room} from "./${room}.ts";`).join("\n"));
const whole = JSON.parse(readFileSync(join(web, "../tests/vectors/routing.json"), "utf8"));
describe("routing vectors", () => {
  assert.deepEqual([whole.format, whole.what], ["amparo-vectors-1", "routing"]);
  for (const { name, answers, removed, expect } of whole.cases) {
    test(name, () => {
      const got = routing.route(whole.directory, answers, removed, day.readDay(whole.day));
      if (expect.nobody) return assert.equal(got, null);
      assert.deepEqual(got.offices.map((one) => one.office.id), expect.offices);
      assert.deepEqual(got.recipients.map((one) => one.member), expect.recipients);
      assert.equal(got.fallback, expect.fallback);
      assert.deepEqual(got.custodians, expect.custodians);
      for (const [office, reason] of Object.entries(expect.excluded ?? {})) assert.equal(got.excluded.get(office), reason);
      for (const one of got.recipients) assert.ok(!got.excluded.has(one.office), "an excluded office never holds a key");
    });
  }
});
