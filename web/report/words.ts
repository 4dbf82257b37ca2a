/** The eight words: shown large, before anything is sent; three of them typed back, with an honest way to skip. */
import { fold, type Receipt } from "./receipt.ts";
import { t } from "./text.ts";
import { button, el, note, problem, show } from "./ui.ts";

const ASKED_BACK = 3;

export function showWords(receipt: Receipt, next: () => void): void {
  const words = receipt.words();
  const list = el("ol", { class: "words", "data-test": "words" }, ...words.map((word) => el("li", {}, word)));
  show(
    t("words_title"), el("p", {}, t("words_text")), list, note(t("words_help")), el("p", { class: "small" }, t("words_trace")),
    el("div", { class: "row" }, button(t("words_kept"), () => typeBack(receipt, next), "main", "words-kept")),
  );
}

/** Positions to be typed back: drawn, in order. */
function positions(): number[] {
  const all = Array.from({ length: 8 }, (_, i) => i);
  const drawn: number[] = [];
  while (drawn.length < ASKED_BACK) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    drawn.push(...all.splice(byte % all.length, 1));
  }
  return drawn.sort((a, b) => a - b);
}

function typeBack(receipt: Receipt, next: () => void): void {
  const words = receipt.words();
  const wanted = positions();
  const boxes = wanted.map((at) => {
    const id = `word-${at + 1}`;
    const input = el("input", { type: "text", id, autocomplete: "off", spellcheck: "false", autocapitalize: "none", "data-test": "type-back", "data-word": at + 1 });
    return { at, input, node: el("div", {}, el("label", { class: "lone", for: id }, t("word_number", { number: at + 1 })), input) };
  });
  const wrong = el("div");
  const check = (): void => {
    const bad = boxes.find(({ at, input }) => fold(input.value.trim()).slice(0, 4) !== fold(words[at] ?? "").slice(0, 4));
    if (!bad) return next();
    wrong.replaceChildren(problem(t("word_wrong", { number: bad.at + 1 })));
    bad.input.focus();
  };
  show(
    t("type_back_title"), el("p", {}, t("type_back_text")), ...boxes.map(({ node }) => node), wrong,
    el("div", { class: "row" }, button(t("send"), check, "main", "send"), button(t("type_back_skip"), next, "plain", "skip-type-back")),
    button(t("words_again"), () => showWords(receipt, next), "link", "words-again"),
  );
}
