<<<<<<< HEAD
// Makes docs/pictures: each state of the pages in three languages, on a phone and on a desktop, out of a demo of its own.
//   node tests/browser/pictures.mjs          (pngquant, if it is there, makes them small)
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "./drivers.mjs";
import { openRow, write } from "./steps.mjs";
import { world } from "./world.mjs";

const folder = new URL("../../docs/pictures/", import.meta.url).pathname;
const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1200, height: 820 } };
const TOLD = {
  es: ["Avisaron al local la noche antes de la inspección.", "¿Recuerda qué día fue?", "La persona puede necesitar apoyo"],
  pt: ["Avisaram o local na noite antes da inspeção.", "Lembra que dia foi?", "A pessoa pode precisar de apoio"],
  en: ["Somebody warned the place the night before the inspection.", "Do you remember which day it was?", "The person may need support"],
};

const here = await world();
const browser = await chromium();
mkdirSync(folder, { recursive: true });

/** The top of the page, as it is seen without scrolling. */
function shooter(size, language) {
  return async (page, name) => {
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.page.screenshot({ path: join(folder, `${name}-${size}-${language}.png`) });
  };
}

for (const [size, screen] of Object.entries(SIZES)) {
  for (const [language, [account, question, why]] of Object.entries(TOLD)) {
    const shot = shooter(size, language);
    const mine = `${account} (${size})`;
    const reporter = await browser.page(screen);
    await reporter.goto(`${here.url}/#${here.fingerprint}`);
    await reporter.click(`lang-${language}`);
    await shot(reporter, "home");
    const words = await write(reporter, { picture: shot, account: mine, language });
    await reporter.close();
    const desk = await browser.page({ ...screen, dark: size === "phone" });
    await desk.goto(await here.desk("anticorruption-1"));
    await desk.choose("language", language);
    await desk.wait("case");
    await shot(desk, "desk-inbox");
    await openRow(desk, mine);
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
    const again = await browser.page(screen);
    await again.goto(`${here.url}/`);
    await again.click(`lang-${language}`);
    await again.click("start-words");
    await shot(again, "typed-words");
    await again.fill("typed-words", words.join(" "));
    await again.click("open-mailbox");
    await again.wait("reply");
    await shot(again, "status");
    await again.close();
=======
// Makes docs/pictures/: each state on a phone and a desktop, in three languages. `node tests/browser/pictures.mjs [FOLDER]`
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "./drivers.mjs";
import { conflict, everyState, LANGUAGES } from "./states.mjs";
import { world } from "./world.mjs";

const root = new URL("../..", import.meta.url).pathname;
const folder = process.argv[2] ?? join(root, "docs/pictures");
const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 860 } };
const only = process.env.ONLY?.split(",");

mkdirSync(folder, { recursive: true });
const here = await world();
const browser = await chromium();
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const language of LANGUAGES) {
    if (only && !only.includes(`${size}-${language}`)) continue;
    const visit = (page, name) => page.picture(join(folder, `${name}-${size}-${language}.png`));
    const page = await browser.page(viewport);
    await everyState(page, here, language, visit);
    await conflict(page, here, language, visit);
    await page.close();
    const without = await browser.page({ ...viewport, scripts: false });
    await without.goto(`${here.url}/${language}/`);
    await visit(without, "19-no-script");
    await without.close();
>>>>>>> 75f0c67 (pages: a page a language from Fluent files, told without scripts too; lighter, and forgetting what is left still)
  }
}
await browser.close();
await here.stop();
<<<<<<< HEAD
const pictures = readdirSync(folder).filter((name) => name.endsWith(".png")).map((name) => join(folder, name));
spawnSync("pngquant", ["--force", "--ext", ".png", "--quality", "60-90", "--speed", "1", "--strip", ...pictures], { stdio: "inherit" });
=======
>>>>>>> 75f0c67 (pages: a page a language from Fluent files, told without scripts too; lighter, and forgetting what is left still)
