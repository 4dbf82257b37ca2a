// What a page weighs, and how long a slow phone on a slow line waits for it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromium, firefox } from "./drivers.mjs";
import { LANGUAGES, threeTaps, typeBack, wordsShown } from "./states.mjs";
import { world } from "./world.mjs";

const BYTES_MAX = 60_000;
const REQUESTS_MAX = 6;
// The goal is 3 s on a quiet machine: the figure is printed. What fails the test is far beyond what a busy one explains.
const USABLE_MS = 9_000;
const SLOW = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };
const CPU = 4;

let here;
let browser;
before(async () => { here = await world(); browser = await chromium(); });
after(async () => { await browser.close(); await here.stop(); });

/** Counts what comes over the wire: bodies as they are sent, and headers beside them. */
async function counted(page) {
  const session = await page.page.context().newCDPSession(page.page);
  await session.send("Network.enable");
  const seen = { requests: [], bytes: 0, heads: new Map(), get headers() { return [...types.keys()].reduce((sum, id) => sum + (seen.heads.get(id) ?? 0), 0); } };
  const types = new Map();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => { if (!request.url.startsWith("data:")) types.set(requestId, `${request.method} ${new URL(request.url).pathname}`); });
  session.on("Network.responseReceivedExtraInfo", ({ requestId, headersText }) => seen.heads.set(requestId, headersText?.length ?? 0));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (!types.has(requestId)) return;
    seen.requests.push(`${types.get(requestId)} ${encodedDataLength}`);
    seen.bytes += encodedDataLength;
  });
  return { session, seen };
}

async function sendThreeTaps(page) {
  await threeTaps(page);
  await page.click("send-now");
  await page.wait("readers-ok");
  await page.click("readers-ok");
  const words = await wordsShown(page);
  await page.click("words-kept");
  await typeBack(page, words);
  await page.click("send");
  await page.wait("sent");
}

describe("the weight of the page", () => {
  for (const language of LANGUAGES) {
    test(`a message in ${language} needs at most ${BYTES_MAX} bytes and ${REQUESTS_MAX} requests, none to others`, async (t) => {
      const page = await browser.page();
      const { seen } = await counted(page);
      await page.goto(`${here.url}/${language}/`);
      await page.wait("start-write");
      await sendThreeTaps(page);
      const bodies = seen.bytes - seen.headers;
      t.diagnostic(`${language}: ${bodies} bytes of content and ${seen.headers} of headers in ${seen.requests.length} requests: ${seen.requests.join(", ")}`);
      assert.ok(bodies <= BYTES_MAX, `${bodies} bytes`);
      assert.ok(seen.requests.length <= REQUESTS_MAX, seen.requests.join("\n"));
      assert.deepEqual(page.seen.foreign, []);
      await page.close();
    });
  }

  test("a browser that takes gzip alone gets it, and the page is as light", async (t) => {
    const paths = ["/es/", "/style.css", "/es/main.js", "/api/v1/directory"];
    let bytes = 0;
    for (const path of paths) {
      const { default: http } = await import("node:http");
      bytes += await new Promise((resolve, reject) => {
        http.get(`${here.url}${path}`, { headers: { "accept-encoding": "gzip" } }, (answer) => {
          assert.equal(answer.headers["content-encoding"], "gzip", path);
          let length = 0;
          answer.on("data", (piece) => { length += piece.length; }).on("end", () => resolve(length));
        }).on("error", reject);
      });
    }
    t.diagnostic(`gzip: ${bytes} bytes`);
    assert.ok(bytes <= BYTES_MAX, `${bytes}`);
  });

  test("Firefox asks for no more", async () => {
    const fox = await firefox();
    const page = await fox.page();
    const asked = [];
    page.page.on("request", (request) => request.url().startsWith("http") && asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.goto(`${here.url}/es/`);
    await page.wait("start-write");
    await sendThreeTaps(page);
    assert.ok(asked.length <= REQUESTS_MAX, asked.join("\n"));
    await fox.close();
  });

  test("a slow phone on a slow line can begin in three seconds", async (t) => {
    const page = await browser.page();
    const { session } = await counted(page);
    await session.send("Network.emulateNetworkConditions", SLOW);
    await session.send("Emulation.setCPUThrottlingRate", { rate: CPU });
    const times = [];
    for (let round = 0; round < 3; round++) {
      const from = performance.now();
      await page.page.goto(`${here.url}/es/`, { waitUntil: "commit" });
      await page.page.waitForSelector('[data-test="start-write"]', { timeout: 60_000 });
      times.push(Math.round(performance.now() - from));
    }
    const best = Math.min(...times);
    t.diagnostic(`usable after ${times.join(", ")} ms at 400 kbit/s, 400 ms, CPU / ${CPU}`);
    // The machine may be busy with other tests: the best of three is what the page itself needs.
    assert.ok(best < USABLE_MS, `${best} ms`);
    await page.close();
  });
});
