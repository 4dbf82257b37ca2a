/** A page left still forgets what was written, after a warning with a minute to answer it. */
import { leave } from "./exit.ts";
import { t } from "./text.ts";
import { button, el } from "./ui.ts";

const STILL_MS = 600_000;
const WARNING_MS = 60_000;
const LOOK_MS = 1_000;
let last = Date.now();
let warning: HTMLElement | null = null;

function stir(): void {
  last = Date.now();
  warning?.remove();
  warning = null;
  behind(false);
}

/** What lies behind the warning can be neither read nor reached. */
function behind(hidden: boolean): void {
  for (const node of document.querySelectorAll("main, nav")) node.toggleAttribute("inert", hidden);
}

function warn(): void {
  if (warning) return;
  const before = document.activeElement;
  const stay = button(t("idle_stay"), () => { stir(); if (before instanceof HTMLElement) before.focus(); }, "main", "idle-stay");
  warning = el(
    "div", { class: "idle", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "idle-title", "aria-describedby": "idle-text", "data-test": "idle" },
    el("div", { class: "note warm" }, el("h2", { id: "idle-title" }, t("idle_title")), el("p", { id: "idle-text" }, t("idle_text")), stay),
  );
  behind(true);
  document.body.append(warning);
  stay.focus();
}

/** The clock on the wall is asked, so that a phone that slept forgets as soon as it wakes. */
export function armIdle(): void {
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) document.addEventListener(kind, () => { if (!warning) stir(); }, { capture: true, passive: true });
  setInterval(() => {
    const still = Date.now() - last;
    if (still >= STILL_MS) leave();
    else if (still >= STILL_MS - WARNING_MS) warn();
  }, LOOK_MS);
}
