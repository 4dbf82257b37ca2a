// The built cleaner in chromium as a page without a secure context and without the JIT would run it, under the pages' own policy.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const web = new URL("../../web/", import.meta.url).pathname;
const require = createRequire(join(web, "package.json"));
const { chromium } = require("playwright-core");
const { build } = require("esbuild");
const folder = mkdtempSync(join(tmpdir(), "amparo-clean-"));
const headers = readFileSync(join(web, "../src/http/headers.rs"), "utf8");
const policy = /CONTENT_SECURITY_POLICY: &str = "([^"]+)"/.exec(headers)[1].replace(/\\\s*/g, "");

/** A phone's photo of 12 megapixels, in size: Exif, and a body that no marker interrupts. */
function photo() {
  const app1 = Buffer.concat([Buffer.from("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x0f\0\x02\0\0\0\x04ACME\0\0\0\0", "latin1")]);
  const segment = (marker, content) => Buffer.concat([Buffer.from([255, marker]), Buffer.from([(content.length + 2) >> 8, (content.length + 2) & 255]), content]);
  return Buffer.concat([Buffer.from([255, 0xd8]), segment(0xe1, app1), segment(0xc0, Buffer.from("\x08\0\x01\0\x01\x01\x01\x11\0", "latin1")), segment(0xda, Buffer.from("\x01\x01\0\0\x3f\0", "latin1")), Buffer.alloc(4_000_000, 0x5a), Buffer.from([255, 0xd9])]);
}

async function inBrowser(flags, files) {
  const server = createServer((request, response) => {
    const path = { "/": "page.html", "/client.js": "client.js", "/clean/worker.js": "report/clean/worker.js" }[request.url];
    response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", path?.endsWith(".js") ? "text/javascript" : "text/html");
    if (!path) response.statusCode = 404;
    response.end(path === "page.html" ? "<!doctype html><script src=/client.js></script>" : path ? readFileSync(join(folder, path)) : "");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const port = server.address().port;
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", `--host-resolver-rules=MAP pages.test 127.0.0.1`, ...flags] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://pages.test:${port}/`);
    assert.equal(await page.evaluate(() => isSecureContext), false);
    const answers = [];
    for (const [name, bytes, padding] of files) {
      answers.push(await page.evaluate(async ([name, text, padding]) => {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const begun = performance.now();
        const { cleaned, ...rest } = await client.cleanFile(new File([bytes, new Uint8Array(padding)], name), name, "/clean/worker.js");
        const at = (marker) => (cleaned ? String.fromCharCode(...cleaned.subarray(0, 2000)).includes(marker) : null);
        return { ...rest, size: cleaned?.length ?? 0, tells: at("ACME"), milliseconds: Math.round(performance.now() - begun) };
      }, [name, bytes.toString("base64"), padding ?? 0]));
    }
    const gone = await page.evaluate(() => client.cleanFile(new File(["x"], "x"), "x", "/nowhere.js"));
    assert.equal(gone.why, "failed");
    return answers;
  } finally {
    await browser.close();
    server.close();
  }
}

try {
  execFileSync("node", [join(web, "build.mjs"), folder]);
  assert.ok(existsSync(join(folder, "report/clean/worker.js")));
  await build({ entryPoints: [join(web, "report/clean/client.ts")], outfile: join(folder, "client.js"), bundle: true, format: "iife", globalName: "client", target: "es2020" });
  const files = [["IMG_1.jpg", photo()], ["a.gif", Buffer.from("GIF89a")], ["large.jpg", photo(), 50 * 1024 * 1024], ...process.argv.slice(2).map((path) => [path, readFileSync(path)])];
  for (const flags of [[], ["--js-flags=--jitless --no-expose-wasm"]]) {
    const [jpeg, gif, large, ...more] = await inBrowser(flags, files);
    assert.deepEqual([jpeg.kind, jpeg.name, jpeg.tells, jpeg.size], ["jpeg", "file.jpg", false, photo().length - 36]);
    assert.deepEqual(jpeg.found, [{ category: "device", removed: true }]);
    assert.equal(gif.why, "unsupported");
    assert.deepEqual([large.kind, large.why], ["jpeg", "too_large"]);
    console.log(`chromium ${flags.join(" ") || "as it is"}: 4 MB photo ${jpeg.milliseconds} ms`, ...more.map((one) => `${one.name} ${one.why ?? "cleaned"} ${one.milliseconds} ms`));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
