// The whole way in real browsers: a message, two desks, an answer, a referral, a follow-up. And what the pages must not do.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium, firefox } from "./drivers.mjs";
import { ACCOUNT as ACCOUNTS, conflict, open, openMailbox, openRow, threeTaps, write } from "./states.mjs";
import { pictures, world } from "./world.mjs";

const ACCOUNT = ACCOUNTS.es;
let here;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  here = await world();
});
after(() => here.stop());

function wellBehaved(page, name) {
  assert.deepEqual(page.seen.foreign, [], `${name}: a request to another origin`);
  assert.deepEqual(page.seen.console, [], `${name}: the console`);
}

async function keepsNothing(page) {
  const kept = await page.evaluate(async () => ({
    cookies: document.cookie, local: localStorage.length, session: sessionStorage.length,
    databases: indexedDB.databases ? (await indexedDB.databases()).length : 0, title: document.title, address: location.pathname + location.search,
  }));
  assert.deepEqual({ ...kept, title: "" }, { cookies: "", local: 0, session: 0, databases: 0, title: "", address: "/es/" });
  assert.ok(kept.title === "Formulario");
}

for (const launch of [chromium, firefox]) {
  describe(`a case in ${launch.name}`, () => {
    let browser;
    before(async () => { browser = await launch(); });
    after(() => browser.close());

    test("the way from a message to an answer and back", async () => {
      const shot = (page, name) => page.picture(join(pictures, `${browser.name}-${name}.png`));
      const reporter = await browser.page();
      await open(reporter, here, "es", { pinned: true });
      await shot(reporter, "home");
      const account = `${ACCOUNT} (${browser.name})`;
      const words = await write(reporter, { visit: shot, account });
      await keepsNothing(reporter);
      wellBehaved(reporter, "reporter");
      await reporter.close();

      const first = await browser.page({ width: 1280, height: 860 });
      await first.goto(await here.desk("anticorruption-1"));
      await first.wait("inbox");
      await shot(first, "desk-inbox");
      await openRow(first, account);
      assert.match(await first.text("message-report"), /Avisaron al local/);
      assert.equal(await first.has("warnings"), false);
      await shot(first, "desk-case");
      await first.fill("reply-text", "¿Recuerda qué día fue?");
      await first.choose("reply-status", "question");
      await first.click("reply-send");
      await first.wait("message-reply");
      await first.choose("refer-office", "care");
      await first.fill("refer-why", "La persona puede necesitar apoyo");
      await first.click("refer-send");
      await first.wait("message-referral");
      await shot(first, "desk-answered");

      const care = await browser.page({ width: 1280, height: 860 });
      await care.goto(await here.desk("care-1"));
      await openRow(care, account);
      assert.match(await care.text("message-report"), /Avisaron al local/);
      assert.equal(await care.has("warnings"), false);

      const again = await browser.page();
      await open(again, here);
      const cut = words.map((word) => word.normalize("NFD").replace(/[\u0300-\u036f]/g, "").slice(0, 4).toUpperCase());
      await openMailbox(again, cut.join("  "));
      await again.click("show-status");
      await again.wait("status");
      assert.match(await again.text("status"), /Hay una pregunta para usted/);
      assert.match(await again.text("reply"), /Recuerda qué día fue/);
      const page = await again.evaluate(() => document.body.textContent);
      assert.doesNotMatch(page, /Avisaron/);
      await shot(again, "status");
      await again.click("write-more");
      await again.click("new-no");
      await again.fill("follow-up", "Fue el martes por la noche.");
      await again.click("send-follow-up");
      await again.wait("follow-up-sent");
      await keepsNothing(again);
      wellBehaved(again, "reporter coming back");

      for (const desk of [first, care]) {
        // A batch may still be on its way: as a person would, look again until it is there.
        for (let tries = 0; tries < 20 && !(await desk.has("message-follow_up")); tries++) {
          await desk.click("sync");
          await new Promise((resolve) => setTimeout(resolve, 1500));
          await desk.page.$$eval('[data-test="case"][aria-current="true"]', (rows) => rows[0]?.click());
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
        await desk.wait("message-follow_up");
        assert.match(await desk.text("message-follow_up"), /martes por la noche/);
        wellBehaved(desk, "desk");
      }
      await again.close();
      await first.close();
      await care.close();
    });

    test("a mistyped word is named, other words open nothing, a destroyed mailbox is gone", async () => {
      const page = await browser.page();
      await open(page, here);
      const words = await write(page, { account: "Para destruir." });
      await page.click("done");
      await openMailbox(page, [...words.slice(0, 4), "qqqqq", ...words.slice(5)].join(" "));
      assert.match(await page.text("problem"), /palabra 5, «qqqqq»/);
      await page.fill("typed-words", words.slice(0, 7).join(" "));
      await page.click("open-mailbox");
      assert.match(await page.text("problem"), /hay 7/);
      await page.fill("typed-words", words.join(" "));
      await page.click("open-mailbox");
      await page.click("show-status");
      await page.click("destroy");
      await page.click("destroy-yes");
      await page.wait("destroyed");
      await page.click("close");
      await openMailbox(page, words.join(" "));
      assert.match(await page.text("problem"), /No hay nada con esas palabras/);
      wellBehaved(page, "reporter");
      await page.close();
    });
  });
}

describe("what the pages promise", () => {
  let browser;
  before(async () => { browser = await chromium(); });
  after(() => browser.close());

  test("an authority that did not sign is refused before anything is typed", async () => {
    const page = await browser.page();
    await page.goto(`${here.url}/es/#${"ab".repeat(32)}`);
    assert.match(await page.text("problem"), /no está firmada/);
    assert.equal(await page.has("start-write"), false);
    await page.close();
  });

  test("an office of the institution named is out and cannot be switched on", async () => {
    const page = await browser.page();
    await conflict(page, here, "en");
    assert.match(await page.text("office-conflict"), /Conflict desk/);
    assert.match(await page.text("out-anticorruption"), /kind of office you named/);
    assert.equal(await page.has("restore-anticorruption"), false);
    assert.equal(await page.has("office-anticorruption"), false);
    await page.picture(join(pictures, "readers-conflict.png"));
    await page.click("remove-conflict");
    assert.match(await page.evaluate(() => document.body.textContent), /Nothing was sent/);
    await page.close();
  });

  test("an officer who is among those in danger sees helplines, and care first reaches care alone", async () => {
    const page = await browser.page();
    await open(page, here, "pt");
    await threeTaps(page, { what: ["m_s"], danger: "me" });
    await page.click("send-now");
    await page.click("se_kind-me");
    await page.click("next");
    await page.click("se_route-care");
    await page.click("next");
    await page.wait("readers-ok");
    await page.wait("danger-letter");
    assert.match(await page.text("office-care"), /Atendimento/);
    assert.equal(await page.has("office-anticorruption"), false);
    await page.close();
  });

  test("the screen of a desk is free of accessibility faults, light and dark", async () => {
    const writer = await browser.page();
    await open(writer, here);
    await write(writer, { account: "Accesible." });
    await writer.close();
    for (const dark of [false, true]) {
      const desk = await browser.page({ width: 1280, height: 860, dark });
      await desk.goto(await here.desk(dark ? "trafficking-2" : "trafficking-1"));
      await desk.click("case");
      await desk.wait("message-report");
      assert.deepEqual(await desk.axe(), []);
      await desk.picture(join(pictures, `desk-${dark ? "dark" : "light"}.png`));
      await desk.close();
    }
  });

  test("the screen of a desk opens once and for its own page alone", async () => {
    const address = await here.desk("conflict-2");
    const { origin } = new URL(address);
    const ask = (headers, path = "/api/inbox") => fetch(origin + path, { headers }).then((answer) => answer.status);
    assert.equal(await ask({}), 403);
    assert.equal(await ask({ "x-amparo-session": "00".repeat(32) }), 403);
    assert.equal(await ask({ origin: "http://evil.example" }, "/"), 403);
    const page = await browser.page({ width: 1280, height: 860 });
    await page.goto(address);
    await page.wait("inbox");
    assert.equal(await page.evaluate(() => location.hash), "");
    const second = await browser.page({ width: 1280, height: 860 });
    await second.goto(address);
    await second.page.waitForSelector("[role=alert]");
    assert.equal(await second.has("inbox"), false);
    await page.close();
    await second.close();
  });
});

test("a message goes out of a Firefox without compilers and WebAssembly", async () => {
  const browser = await firefox({ slow: true });
  const page = await browser.page();
  await open(page, here);
  const words = await write(page, { account: "Desde un teléfono lento." });
  assert.equal(words.length, 8);
  await browser.close();
});
