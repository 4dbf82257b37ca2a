// One small face for two browsers: Debian's Chromium through playwright-core, Firefox ESR through puppeteer-core over WebDriver BiDi.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const WAIT = 60_000;

/** What a page must not do, gathered while it is used. */
function watch(page, origin, seen) {
  page.on("console", (message) => {
    const type = typeof message.type === "function" ? message.type() : message.type;
    if (type === "error" || type === "warn" || type === "warning") seen.console.push(message.text());
  });
  page.on("pageerror", (error) => seen.console.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin()) && !url.startsWith("data:") && !url.startsWith("about:")) seen.foreign.push(url);
  });
}

class Page {
  constructor(page, close, fill) {
    this.page = page;
    this.close = close;
    this.fillIn = fill;
    this.seen = { console: [], foreign: [] };
    this.origin = "";
    watch(page, () => this.origin, this.seen);
  }

  async goto(url) {
    this.origin = new URL(url).origin;
    await this.page.goto(url);
  }

  static at(test) {
    return `[data-test="${test}"]`;
  }

  async wait(test) {
    await this.page.waitForSelector(Page.at(test), { timeout: WAIT });
  }

  async click(test) {
    await this.wait(test);
    await this.page.$eval(Page.at(test), (node) => node.scrollIntoView({ block: "center" }));
    await this.page.click(Page.at(test));
  }

  async fill(test, text) {
    await this.wait(test);
    await this.fillIn(Page.at(test), text);
  }

  async choose(test, value) {
    await this.wait(test);
    await this.page.$eval(Page.at(test), (node, wanted) => { node.value = wanted; node.dispatchEvent(new Event("change", { bubbles: true })); }, value);
  }

  async text(test) {
    await this.wait(test);
    return this.page.$eval(Page.at(test), (node) => node.textContent);
  }

  async texts(selector) {
    return this.page.$$eval(selector, (nodes) => nodes.map((node) => node.textContent));
  }

  async has(test) {
    return (await this.page.$(Page.at(test))) !== null;
  }

  async evaluate(act, argument) {
    return this.page.evaluate(act, argument);
  }

  async picture(name) {
    await this.page.screenshot({ path: name, fullPage: true });
  }

  /** axe-core's findings for WCAG 2.2 A and AA. The script is put in through the debugger: the page's policy allows none of ours. */
  async axe() {
    const source = require("axe-core").source;
    await this.page.evaluate(source);
    const result = await this.page.evaluate(() =>
      globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
    );
    return result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
  }
}

export async function chromium() {
  const { chromium: browserType } = require("playwright-core");
  const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const browser = await browserType.launch({ executablePath: "/usr/bin/chromium", args: flags });
  return {
    name: "chromium",
    close: () => browser.close(),
    async page({ width = 390, height = 780, scripts = true, dark = false } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, javaScriptEnabled: scripts, colorScheme: dark ? "dark" : "light", locale: "en-US" });
      const page = await context.newPage();
      return new Page(page, () => context.close(), (selector, text) => page.fill(selector, text));
    },
  };
}

/** `slow`: without its compilers and WebAssembly, as Tor Browser's level "Safer" is. */
export async function firefox({ slow = false } = {}) {
  const puppeteer = require("puppeteer-core");
  const profile = mkdtempSync(join(tmpdir(), "amparo-firefox-"));
  const off = { "javascript.options.wasm": false, "javascript.options.ion": false, "javascript.options.baselinejit": false };
  const browser = await puppeteer.launch({
    browser: "firefox", executablePath: "/usr/bin/firefox-esr", headless: true, userDataDir: profile, protocolTimeout: 180_000, extraPrefsFirefox: slow ? off : {},
  });
  return {
    name: slow ? "firefox without JIT" : "firefox",
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
    async page({ width = 390, height = 780 } = {}) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      // An older Firefox ESR knows the size and not the orientation that puppeteer sets behind it.
      await page.setViewport({ width, height }).catch((error) => { if (!/unknown command/.test(String(error))) throw error; });
      const fill = async (selector, text) => {
        await page.$eval(selector, (node, wanted) => { node.focus(); node.value = wanted; node.dispatchEvent(new Event("input", { bubbles: true })); }, text);
      };
      return new Page(page, () => context.close(), fill);
    },
  };
}
