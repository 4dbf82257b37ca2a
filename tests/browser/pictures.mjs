// Makes docs/pictures: each state of the pages in three languages, on a phone and on a desktop, out of a demo of its own.
//   node tests/browser/pictures.mjs [FOLDER]          (pngquant, if it is there, makes them small)
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "./drivers.mjs";
import { ACCOUNT, conflict, everyState, LANGUAGES, open, openMailbox, openRow, write } from "./states.mjs";
import { world } from "./world.mjs";

const folder = process.argv[2] ?? new URL("../../docs/pictures/", import.meta.url).pathname;
const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1200, height: 820 } };
const TOLD = {
  es: ["¿Recuerda qué día fue?", "La persona puede necesitar apoyo"], pt: ["Lembra que dia foi?", "A pessoa pode precisar de apoio"],
  en: ["Do you remember which day it was?", "The person may need support"],
};

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const here = await world();
const browser = await chromium();

/** The top of the page, as it is seen without scrolling. */
function shooter(size, language) {
  return async (page, name) => {
    await page.page.evaluate(() => window.scrollTo(0, 0)).catch(() => undefined);
    await page.page.screenshot({ path: join(folder, `${name.replace(/^\d+-/, "")}-${size}-${language}.png`) });
  };
}

async function atTheDesk(screen, size, language, account, shot) {
  const [question, why] = TOLD[language];
  const desk = await browser.page({ ...screen, dark: size === "phone" });
  await desk.goto(await here.desk("anticorruption-1"));
  await desk.choose("language", language);
  await desk.wait("case");
  await shot(desk, "desk-inbox");
  await openRow(desk, account);
  await desk.wait("message-report");
  await shot(desk, "desk-case");
  await desk.fill("reply-text", question);
  await desk.choose("reply-status", "question");
  await desk.click("reply-send");
  await desk.wait("message-reply");
  await desk.choose("refer-office", "care");
  await desk.fill("refer-why", why);
  await desk.click("refer-send");
  await desk.wait("message-referral");
  await shot(desk, "desk-answered");
  await desk.close();
}

for (const [size, screen] of Object.entries(SIZES)) {
  for (const language of LANGUAGES) {
    const shot = shooter(size, language);
    const account = `${ACCOUNT[language]} (${size})`;
    const reporter = await browser.page(screen);
    await open(reporter, here, language);
    const words = await write(reporter, { account });
    await atTheDesk(screen, size, language, account, shot);
    await everyState(reporter, here, language, shot);
    await conflict(reporter, here, language, shot);
    await open(reporter, here, language);
    await openMailbox(reporter, words.join(" "));
    await reporter.click("show-status");
    await reporter.wait("reply");
    await shot(reporter, "status-answered");
    await reporter.close();
    const without = await browser.page({ ...screen, scripts: false });
    await without.goto(`${here.url}/${language}/`);
    await shot(without, "no-script");
    await without.close();
  }
}
await browser.close();
await here.stop();
const pictures = readdirSync(folder).filter((name) => name.endsWith(".png")).map((name) => join(folder, name));
spawnSync("pngquant", ["--force", "--ext", ".png", "--quality", "60-90", "--speed", "1", "--strip", ...pictures], { stdio: "inherit" });
