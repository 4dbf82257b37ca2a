// The page's reading of a directory against the vectors of tests/directory.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { load, web } from "./load.mjs";

const { bytes, day, directory } = await load("bytes", "day", "directory");
const whole = JSON.parse(readFileSync(join(web, "../tests/vectors/directory.json"), "utf8"));

/** As the page reads it: a code of the protocol, or what a report would be sealed by. */
function read({ deployment, authority, roots, dsse, freshness, today }) {
  try {
    const trusted = directory.verifyBundle({ authority, roots, directory: dsse, freshness, today }, bytes.fromHex(deployment, 32), day.readDay(today));
    if (trusted.problem) return { error: trusted.problem };
    return { expect: { hash: bytes.hex(trusted.directory.hash), version: trusted.directory.content.version } };
  } catch (error) {
    return { error: error.code ?? String(error) };
  }
}

describe("directory vectors", () => {
  assert.deepEqual([whole.format, whole.what], ["amparo-vectors-1", "directory"]);
  for (const one of whole.cases) {
    test(one.name, () => assert.deepEqual(read(one), one.ok ? { expect: one.expect } : { error: one.error }));
  }
});
