// What a reporter and a member do on their pages, step by step: for the tests and for the pictures.
import assert from "node:assert/strict";

export const ACCOUNT = "Avisaron al local la noche antes de la inspección.";

export async function startWriting(page, language = "es") {
  await page.click(`lang-${language}`);
  await page.click("start-write");
}

/** Three taps and what follows; gives the eight words. */
export async function write(page, { picture = () => undefined, account = ACCOUNT, language = "es" } = {}) {
  await startWriting(page, language);
  await picture(page, "danger");
  await page.click("skip");
  await page.choose("country", "GT");
  await page.click("next");
  await page.click("what-m_c");
  await page.click("what-m_e");
  await picture(page, "what");
  await page.click("next");
  await page.click("institution-police");
  await picture(page, "institution");
  await page.click("add-more");
  await page.fill("account-text", account);
  await picture(page, "account");
  while (!(await page.has("readers-ok"))) {
    if (await page.has("next")) await page.click("next");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await picture(page, "readers");
  assert.match(await page.text("office-anticorruption"), /corrup/);
  await page.click("readers-ok");
  await page.wait("words");
  const words = await page.texts('[data-test="words"] li');
  assert.equal(words.length, 8);
  await picture(page, "words");
  await page.click("words-kept");
  await page.wait("type-back");
  await page.page.$$eval('[data-test="type-back"]', (boxes, all) => boxes.forEach((box) => { box.value = all[Number(box.dataset.word) - 1].toUpperCase(); }), words);
  await picture(page, "type-back");
  await page.click("send");
  await page.wait("sent");
  await picture(page, "sent");
  return words;
}

export async function openMailbox(page, words) {
  await page.click("start-words");
  await page.fill("typed-words", words);
  await page.click("open-mailbox");
}

export async function openRow(desk, account) {
  await desk.wait("case");
  await desk.page.$$eval('[data-test="case"]', (rows, mine) => rows.find((row) => row.textContent.includes(mine)).click(), account);
}
