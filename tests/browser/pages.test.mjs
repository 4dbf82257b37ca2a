// What the reporter's pages promise: leaving, forgetting, the line that drops, no scripts, every reader and every screen.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium } from "./drivers.mjs";
import { addMore, conflict, everyState, LANGUAGES, open, openMailbox, threeTaps, typeBack, wordsShown, write } from "./states.mjs";
import { world } from "./world.mjs";

const trees = new URL("trees", import.meta.url).pathname;
const NEUTRAL = "https://www.wikipedia.org/";
let here;
let browser;
before(async () => { here = await world(); browser = await chromium(); });
after(async () => { await browser.close(); await here.stop(); });

const at = (test) => `[data-test="${test}"]`;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The page that people are sent to is of another; here it is stood in for. */
async function neutral(page) {
  await page.page.context().route("https://**", (route) => route.fulfill({ contentType: "text/html", body: "<title>Neutral</title><p>neutral" }));
}

describe("leaving", () => {
  test("the exit is the first thing that the keyboard reaches, and works as a link without scripts", async () => {
    for (const scripts of [true, false]) {
      const page = await browser.page({ width: 320, scripts });
      await page.goto(`${here.url}/es/`);
      if (scripts) await page.wait("start-write");
      const link = page.page.locator("#exit");
      assert.equal(await link.getAttribute("href"), NEUTRAL);
      assert.equal(await link.getAttribute("rel"), "nofollow noreferrer");
      await page.page.keyboard.press("Tab");
      if (scripts) assert.equal(await page.evaluate(() => document.activeElement.id), "exit");
      const box = await link.boundingBox();
      assert.ok(box.y >= 0 && box.x + box.width <= 320 && box.height >= 44, JSON.stringify(box));
      await neutral(page);
      await link.click();
      await page.page.waitForURL(NEUTRAL);
      await page.close();
    }
  });

  for (const [way, act] of [["the button", (page) => page.page.locator("#exit").click()], ["Escape three times", async (page) => { for (let n = 0; n < 3; n++) await page.page.keyboard.press("Escape"); }]]) {
    test(`${way} empties the page, takes its place in the history, and back shows nothing of it`, async () => {
      const page = await browser.page();
      await neutral(page);
      await page.page.goto("https://before.example/");
      await open(page, here);
      await threeTaps(page);
      await addMoreUntil(page, "account-text");
      await page.fill("account-text", "nadie debe leer esto");
      await act(page);
      await page.page.waitForURL(NEUTRAL);
      await page.page.goBack();
      assert.equal(page.page.url(), "https://before.example/");
      assert.doesNotMatch(await page.page.content(), /nadie debe/);
      await page.close();
    });
  }

  test("the cover is there before the other page comes, and one or two Escapes are none", async () => {
    const page = await browser.page();
    let free;
    await page.page.context().route("https://**", async (route) => { await new Promise((resolve) => { free = resolve; }); await route.fulfill({ contentType: "text/html", body: "neutral" }); });
    await open(page, here);
    await page.page.keyboard.press("Escape");
    await page.page.keyboard.press("Escape");
    await pause(1700);
    await page.page.keyboard.press("Escape");
    await pause(100);
    assert.equal(await page.has("start-write"), true);
    const left = await page.evaluate(() => {
      document.getElementById("exit").click();
      return [document.body.children.length, document.body.firstElementChild.className, document.body.textContent];
    });
    assert.deepEqual(left, [1, "cover", ""]);
    for (let tries = 0; !free && tries < 100; tries++) await pause(20);
    free();
    await page.page.waitForURL(NEUTRAL);
    await page.close();
  });

  test("coming back with the browser's button begins anew", async () => {
    const page = await browser.page();
    await neutral(page);
    await open(page, here);
    await threeTaps(page);
    await page.page.goto("https://elsewhere.example/");
    await page.page.goBack();
    await page.wait("start-write");
    assert.equal(await page.has("institution-police"), false);
    await page.close();
  });

  test("a page left still warns, and then forgets", async () => {
    const page = await browser.page();
    await neutral(page);
    await page.page.clock.install();
    await open(page, here);
    await page.click("start-write");
    await page.page.clock.fastForward(8 * 60_000);
    assert.equal(await page.has("idle"), false);
    await page.page.clock.runFor(70_000);
    await page.wait("idle");
    assert.deepEqual(await page.axe(), []);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("data-test")), "idle-stay");
    await page.click("idle-stay");
    await page.wait("skip");
    assert.equal(await page.has("idle"), false);
    await page.page.clock.runFor(9 * 60_000 + 10_000);
    await page.wait("idle");
    await page.page.clock.runFor(61_000);
    await page.page.waitForURL(NEUTRAL);
    await page.close();
  });
});

async function addMoreUntil(page, wanted) {
  await page.click("add-more");
  await page.wait(wanted);
}

describe("the line that drops", () => {
  for (const [what, cut] of [["before it arrives", (route) => route.abort("connectionreset")], ["after it arrived", async (route) => { await route.fetch(); await route.abort("connectionreset"); }]]) {
    test(`cut ${what}, sent again: the same words, one message`, async () => {
      const page = await browser.page();
      await open(page, here);
      let cuts = 0;
      let sent = [];
      await page.page.route("**/api/v1/reports", async (route) => {
        sent.push(route.request().postDataBuffer().subarray(36 + 128).toString("base64"));
        if (cuts++ < 4) await cut(route);
        else await route.continue();
      });
      const account = `Cortado ${what} ${Date.now()}`;
      await threeTaps(page);
      await addMore(page, async () => { if (await page.has("account-text")) await page.fill("account-text", account); });
      await page.click("readers-ok");
      const words = await wordsShown(page);
      await page.click("words-kept");
      await typeBack(page, words);
      await page.click("send");
      assert.match(await page.text("problem"), /La línea se cortó/);
      await page.click("try-again");
      await page.wait("sent");
      assert.equal(cuts, 5);
      assert.equal(new Set(sent).size, 1, "the same sealed bytes");
      await page.click("done");
      await openMailbox(page, words.join(" "));
      await page.click("show-status");
      await page.wait("status");
      const desk = await browser.page({ width: 1280 });
      await desk.goto(await here.desk(what === "after it arrived" ? "anticorruption-1" : "anticorruption-2"));
      await desk.wait("case");
      const rows = (await desk.texts(at("case"))).filter((row) => row.includes(account));
      assert.equal(rows.length, 1);
      await desk.close();
      await page.close();
    });
  }
});

describe("words and cards", () => {
  test("typing back is checked, and can be skipped", async () => {
    const page = await browser.page();
    await open(page, here, "en");
    await threeTaps(page);
    await page.click("send-now");
    await page.click("readers-ok");
    const words = await wordsShown(page);
    assert.equal(await page.has("card"), false);
    await page.click("words-kept");
    await typeBack(page, words.map(() => "nonsense"));
    await page.click("send");
    assert.match(await page.text("problem"), /does not match/);
    await page.click("words-again");
    assert.deepEqual(await wordsShown(page), words);
    await page.click("words-kept");
    await page.click("skip-type-back");
    await page.wait("sent");
    await page.close();
  });

  test("who writes for another can print a card with the words and nothing else", async () => {
    const page = await browser.page();
    await open(page, here, "pt");
    await threeTaps(page);
    let behalf = false;
    await addMore(page, async () => {
      if (await page.has("how_know-operator")) await page.click("how_know-operator");
      if (await page.has("behalf-person")) behalf = true;
      if (await page.page.locator('[data-test^="behalf-"]').count()) { behalf = true; await page.page.locator('[data-test^="behalf-"]').first().click(); }
    });
    assert.ok(behalf, "the question about the other person was asked");
    await page.click("readers-ok");
    const words = await wordsShown(page);
    await page.wait("card");
    await page.page.emulateMedia({ media: "print" });
    const shown = await page.evaluate(() => Array.from(document.querySelectorAll("body *")).filter((node) => getComputedStyle(node).visibility === "visible" && getComputedStyle(node).display !== "none" && node.children.length === 0 && node.getClientRects().length > 0).map((node) => node.textContent.trim()).filter(Boolean));
    assert.deepEqual(shown, words.flatMap((word, n) => [String(n + 1), word]));
    await page.close();
  });
});

describe("no traces", () => {
  test("no box, choice or list is for the browser's memory, and one address serves all", async () => {
    const page = await browser.page();
    await open(page, here);
    const faults = [];
    const look = async () => {
      assert.equal(new URL(page.page.url()).pathname, "/es/");
      assert.equal(await page.page.title(), "Formulario");
      faults.push(...await page.evaluate(() => Array.from(document.querySelectorAll("input, textarea, select")).filter((node) => node.getAttribute("autocomplete") !== "off" || !/^(q\d+|)$/.test(node.getAttribute("name") ?? "") || !/^(q\d+(-text)?|w\d|typed|more|)$/.test(node.id)).map((node) => node.outerHTML)));
      assert.equal(await page.page.locator("form, a[href^='tel:']").count(), 0);
    };
    const words = await write(page, { visit: look });
    await page.click("done");
    await openMailbox(page, words.join(" "), look);
    assert.deepEqual(faults, []);
    assert.equal(await page.evaluate(() => history.length), 2);
    await page.close();
  });

  test("nothing is preset, and what is not required can be skipped with one tap", async () => {
    const page = await browser.page();
    await open(page, here);
    await threeTaps(page, { what: ["dk"], institution: ["dk"] });
    await addMore(page, async () => {
      assert.equal(await page.page.locator("input:checked").count(), 0);
      for (const select of await page.page.locator("select").all()) assert.equal(await select.inputValue(), "");
      assert.equal(await page.has("skip") || await page.has("readers-ok"), true);
    });
    assert.match(await page.text("office-conflict"), /Mesa de conflictos/);
    await page.close();
  });
});

describe("without scripts", () => {
  for (const language of LANGUAGES) {
    test(`the page in ${language} says what this is, how to be safe, and has no form`, async () => {
      const page = await browser.page({ scripts: false });
      await page.goto(`${here.url}/${language}/`);
      assert.equal(await page.page.locator("form, input, textarea, button").count(), 0);
      const text = await page.page.innerText("main");
      for (const wanted of [/JavaScript/, /Tor Browser/, /amparo report/, /torproject\.org/]) assert.match(text, wanted);
      assert.equal(await page.page.getAttribute("html", "lang"), language);
      assert.equal(await page.page.locator("#before").isVisible(), true);
      await page.page.click(`${at("lang-en")}`);
      assert.equal(new URL(page.page.url()).pathname, "/en/");
      await page.close();
    });
  }

  test("the first page offers the languages and takes the fingerprint along", async () => {
    const page = await browser.page();
    await page.goto(`${here.url}/#${here.fingerprint}`);
    assert.deepEqual(await page.axe(), []);
    await page.click("lang-pt");
    await page.wait("start-write");
    assert.equal(page.page.url(), `${here.url}/pt/#${here.fingerprint}`);
    await page.click("lang-es");
    await page.page.waitForURL(`${here.url}/es/#${here.fingerprint}`);
    await page.close();
  });
});

describe("every reader", () => {
  const looks = [
    { name: "light, phone", language: "es" }, { name: "dark, 320 px", language: "pt", dark: true, width: 320 }, { name: "text twice as large", language: "en", zoom: true, width: 640 },
  ];
  for (const { name, language, zoom = false, ...size } of looks) {
    test(`no state has an accessibility fault or is cut off: ${name}`, async () => {
      const page = await browser.page(size);
      const faults = [];
      const visit = async (_, state) => {
        if (zoom) await page.page.addStyleTag({ content: "html { font-size: 225% !important }" }).catch(() => page.evaluate(() => { document.documentElement.style.fontSize = "225%"; }));
        faults.push(...(await page.axe()).map((fault) => `${state}: ${fault}`));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) faults.push(`${state}: ${wide} px too wide`);
      };
      await everyState(page, here, language, visit);
      await conflict(page, here, language, visit);
      assert.deepEqual(faults, []);
      await page.close();
    });
  }

  test("the page without scripts has no accessibility fault", async () => {
    for (const dark of [false, true]) {
      const page = await browser.page({ width: 320, dark });
      await page.page.route("**/main.js", (route) => route.abort());
      await page.goto(`${here.url}/es/`);
      // Scripts are on, for axe: what a page without them shows is put where it would be.
      await page.evaluate(() => {
        for (const node of document.querySelectorAll("noscript")) {
          const shown = document.createElement("div");
          shown.innerHTML = node.textContent;
          node.replaceWith(shown);
        }
        document.getElementById("before").classList.remove("no-script");
      });
      assert.match(await page.page.innerText("main"), /amparo report/);
      assert.deepEqual(await page.axe(), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
      await page.close();
    }
  });

  for (const language of LANGUAGES) {
    test(`a screen reader's tree of each state in ${language} is the one committed`, async () => {
      const page = await browser.page();
      const seen = [];
      const visit = async (_, state) => {
        const tree = (await page.page.locator("body").ariaSnapshot())
          .replace(/listitem: (\d) .+/g, "listitem: $1 «word»")
          .replace(/textbox "(.+?)( \d)?"( \[\w+\])*: .+/g, 'textbox "$1"$3: «typed»')
          .replace(/- text: (Palabra|Palavra|Word) \d/g, "- text: $1")
          // Only what stands inside the group: how many words are offered hangs on the words that were drawn.
          .replace(/^( *)(- group ".+")(?::(?:\n\1 +- button .+)+)?$/gm, "$1$2: «words that begin like the one typed»");
        seen.push(`# ${state}\n${tree}`);
      };
      await everyState(page, here, language, visit);
      await conflict(page, here, language, visit);
      await page.close();
      const file = join(trees, `${language}.txt`);
      const text = `${seen.join("\n\n")}\n`;
      if (process.env.AMPARO_TREES === "write") writeFileSync(file, text);
      assert.equal(text, readFileSync(file, "utf8"));
    });
  }

  test("the whole way goes by keyboard alone", async () => {
    const page = await browser.page();
    await open(page, here);
    const { keyboard } = page.page;
    /** Tabs on to what is wanted; it must be seen there, with a visible ring. */
    const reach = async (test) => {
      await page.wait(test);
      for (let n = 0; n < 80; n++) {
        await keyboard.press("Tab");
        const found = await page.evaluate((wanted) => {
          const node = document.activeElement;
          if (node.getAttribute("data-test") !== wanted) return null;
          const box = node.getBoundingClientRect();
          const exit = document.getElementById("exit").getBoundingClientRect();
          const hidden = box.left < exit.right && box.right > exit.left && box.top < exit.bottom && box.bottom > exit.top;
          return { hidden, inside: box.bottom <= innerHeight + 1 && box.top >= 0, ring: getComputedStyle(node).outlineStyle !== "none" };
        }, test);
        if (found) return assert.deepEqual(found, { hidden: false, inside: true, ring: true }, test);
      }
      assert.fail(`the keyboard does not reach ${test}`);
    };
    const press = async (test, key = "Enter") => { await reach(test); await keyboard.press(key); };
    await press("start-write");
    await press("skip");
    await reach("country");
    await keyboard.type("Guatemala");
    assert.equal(await page.page.locator(at("country")).inputValue(), "GT");
    await press("next");
    await press("what-m_c", "Space");
    await press("next");
    await press("institution-police", "Space");
    await press("send-now");
    await press("remove-trafficking", "Space");
    await page.wait("restore-trafficking");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("data-test")), "restore-trafficking");
    await keyboard.press("Space");
    await press("readers-ok");
    const words = await wordsShown(page);
    await press("words-kept");
    for (const asked of await page.page.$$eval(at("type-back"), (boxes) => boxes.map((box) => Number(box.dataset.word)))) {
      await reach("type-back");
      await keyboard.type(words[asked - 1]);
    }
    await press("send");
    await page.wait("sent");
    await press("done");
    await press("start-words");
    await reach("typed-words");
    await keyboard.type(words.join(" "));
    await press("open-mailbox");
    await press("show-status");
    await page.wait("status");
    await page.close();
  });
});
