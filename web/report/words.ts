/** The eight words: shown large, before anything is sent; three of them typed back, with an honest way to skip. */
import { fold, WORDS, type Receipt } from "./receipt.ts";
import { t } from "./text.ts";
import { button, el, note, problem, show } from "./ui.ts";

const ASKED_BACK = 3;

/** The number is text, so that it is read out with its word. */
function list(words: string[]): HTMLElement {
  const one = (word: string, at: number): HTMLElement => el("li", {}, el("span", { class: "number" }, `${at + 1}`), " ", el("span", { class: "word" }, word));
  return el("ol", { class: "words", role: "list", translate: "no", "data-test": "words" }, ...words.map(one));
}

/** For those who report for somebody: a card to hand over, with the words and nothing else on it. */
function card(): HTMLElement {
  return el("details", { class: "card", "data-test": "card" }, el("summary", {}, t("card_title")), el("p", {}, t("card_text")), button(t("card_print"), () => window.print(), "plain", "card-print"));
}

/** `helps`: the reporter writes for another person. */
export function showWords(receipt: Receipt, helps: boolean, next: () => void): void {
  show(
    t("words_title"), el("p", {}, t("words_text")), list(receipt.words()), note(t("words_help")), el("p", { class: "small" }, t("words_trace")),
    helps ? card() : null,
    el("div", { class: "row" }, button(t("words_kept"), () => typeBack(receipt, helps, next), "main", "words-kept")),
  );
}

/** Positions to be typed back: drawn, in order. */
function positions(): number[] {
  const all = Array.from({ length: WORDS }, (_, i) => i);
  const drawn: number[] = [];
  while (drawn.length < ASKED_BACK) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    drawn.push(...all.splice(byte % all.length, 1));
  }
  return drawn.sort((a, b) => a - b);
}

function typeBack(receipt: Receipt, helps: boolean, next: () => void): void {
  const words = receipt.words();
  const wanted = positions();
  const boxes = wanted.map((at) => {
    const id = `w${at + 1}`;
    const input = el("input", { type: "text", id, autocomplete: "off", spellcheck: "false", autocapitalize: "none", autocorrect: "off", "data-test": "type-back", "data-word": at + 1 });
    return { at, input, node: el("div", {}, el("label", { class: "lone", for: id }, t("word_number", { number: at + 1 })), input) };
  });
  const wrong = el("div", { id: "wrong" });
  const check = (): void => {
    const bad = boxes.find(({ at, input }) => fold(input.value.trim()).slice(0, 4) !== fold(words[at] ?? "").slice(0, 4));
    if (!bad) return next();
    wrong.replaceChildren(problem(t("word_wrong", { number: bad.at + 1 })));
    bad.input.setAttribute("aria-describedby", "wrong");
    bad.input.focus();
  };
  show(
    t("type_back_title"), el("p", {}, t("type_back_text")), ...boxes.map(({ node }) => node), wrong,
    el("div", { class: "row" }, button(t("send"), check, "main", "send"), button(t("words_again"), () => showWords(receipt, helps, next), "plain", "words-again")),
    el("p", { class: "small" }, t("type_back_honest")), button(t("type_back_skip"), next, "link", "skip-type-back"),
  );
}
