// Walks the reporter's pages and calls `visit(page, name)` in each state. Tests, trees and pictures see the same states.
import assert from "node:assert/strict";

export const LANGUAGES = ["es", "pt", "en"];
export const ACCOUNT = {
  es: "Avisaron al local la noche antes de la inspección.", pt: "Avisaram o local na noite antes da inspeção.", en: "They warned the place the night before the inspection.",
};
const nothing = () => undefined;

/** Opens the page of a language, as from a poster. */
export async function open(page, here, language = "es", { pinned = false } = {}) {
  await page.goto(`${here.url}/${language}/${pinned ? `#${here.fingerprint}` : ""}`);
  await page.wait("start-write");
}

export async function typeBack(page, words) {
  await page.wait("type-back");
  await page.page.$$eval('[data-test="type-back"]', (boxes, all) => boxes.forEach((box) => { box.value = all[Number(box.dataset.word) - 1].toUpperCase(); }), words);
}

export async function wordsShown(page) {
  await page.wait("words");
  const words = await page.texts('[data-test="words"] .word');
  assert.equal(words.length, 8);
  return words;
}

/** The three taps, from the home page to the end of the fourth screen. */
export async function threeTaps(page, { visit = nothing, country = "GT", what = ["m_c", "m_e"], institution = ["police"], danger } = {}) {
  await page.click("start-write");
  await page.wait("skip");
  await visit(page, "01-danger");
  if (danger) {
    await page.click(`danger_now-${danger}`);
    await page.click("next");
    await page.wait("helplines");
    await visit(page, "02-danger-help");
    await page.click("next");
  } else await page.click("skip");
  await page.wait("country");
  await page.choose("country", country);
  await visit(page, "03-country");
  await page.click("next");
  if (danger) await page.click("next");
  for (const code of what) await page.click(`what-${code}`);
  await visit(page, "04-what");
  await page.click("next");
  for (const code of institution) await page.click(`institution-${code}`);
  await visit(page, "05-institution");
}

/** From "add more" to who will read it; `answer(page)` is called on each screen. */
export async function addMore(page, answer = nothing) {
  await page.click("add-more");
  while (!(await page.has("readers-ok"))) {
    await answer(page);
    if (await page.has("next")) await page.click("next");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Three taps and what follows; gives the eight words. */
export async function write(page, { visit = nothing, account = ACCOUNT.es, ...taps } = {}) {
  await threeTaps(page, { visit, ...taps });
  let seen = false;
  await addMore(page, async () => {
    if (seen || !(await page.has("account-text"))) return;
    seen = true;
    await page.fill("account-text", account);
    await visit(page, "06-account");
  });
  await visit(page, "07-readers");
  await page.click("readers-ok");
  const words = await wordsShown(page);
  await visit(page, "08-words");
  await page.click("words-kept");
  await typeBack(page, words);
  await visit(page, "09-type-back");
  await page.click("send");
  await page.wait("sent");
  await visit(page, "10-sent");
  return words;
}

export async function openMailbox(page, words, visit = nothing) {
  await page.click("start-words");
  await page.fill("typed-words", words);
  await visit(page, "11-enter");
  await page.click("open-mailbox");
}

/** At a desk: the case that says this. */
export async function openRow(desk, account) {
  await desk.wait("case");
  await desk.page.$$eval('[data-test="case"]', (rows, mine) => rows.find((row) => row.textContent.includes(mine)).click(), account);
}

/** Everything a reporter can see in one language; gives the words. */
export async function everyState(page, here, language, visit) {
  await open(page, here, language);
  await visit(page, "00-home");
  await page.click("start-before");
  await page.wait("before");
  await visit(page, "00-before");
  await page.click("back");
  const words = await write(page, { visit, danger: "other", account: ACCOUNT[language] });
  await page.click("done");
  await openMailbox(page, ["qqqqq", ...words.slice(1)].join(" "));
  await page.wait("problem");
  await visit(page, "11-wrong-word");
  await page.fill("typed-words", words.join(" "));
  await visit(page, "11-enter");
  await page.click("open-mailbox");
  await page.wait("show-status");
  await visit(page, "12-opened");
  await page.click("show-status");
  await page.wait("status");
  await visit(page, "13-status");
  await page.click("write-more");
  await page.wait("new-no");
  await visit(page, "14-new");
  await page.click("new-no");
  await page.fill("follow-up", "…");
  await visit(page, "15-follow-up");
  await page.click("send-follow-up");
  await page.wait("follow-up-sent");
  await visit(page, "16-follow-up-sent");
  await page.click("close");
  await openMailbox(page, words.join(" "));
  await page.click("show-status");
  await page.click("destroy");
  await page.wait("destroy-yes");
  await visit(page, "17-destroy");
  await page.click("destroy-yes");
  await page.wait("destroyed");
  await visit(page, "18-destroyed");
  return words;
}

/** Where nobody nearby may read it: who is out, and why. */
export async function conflict(page, here, language, visit = nothing) {
  await open(page, here, language);
  await threeTaps(page, { what: ["m_a"], institution: ["prosecutor"] });
  await page.click("send-now");
  await page.click("skip");
  await page.wait("readers-ok");
  await visit(page, "07-readers-conflict");
}
