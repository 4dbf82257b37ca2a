/** The desk's screen. It draws what the member's program gives it; it holds no key and keeps nothing. */
import { button, el } from "../report/ui.ts";
import { drawCase, lane } from "./case_view.ts";
import { begin, get, post, Refused } from "./program.ts";
import type { Case, Me, Row } from "./types.ts";
import { LANGUAGES, lang, maybe, pick, t, useLanguage } from "./words.ts";

const SYNC_MS = 60_000;
const LANES = ["EMERGENCY", "CRITICAL", "HIGH", "MEDIUM", "STANDARD"];

let me: Me | null = null;
let rows: Row[] = [];
let current: Case | null = null;
let words = "";
let onlyLane = "";
let trouble = "";

const app = (): HTMLElement => document.getElementById("app") as HTMLElement;

function explain(error: unknown): string {
  if (error instanceof Refused) return `${maybe(`fail_${error.code}`) ?? error.message}. ${error.detail}`;
  return t("stopped");
}

async function sync(): Promise<void> {
  try {
    await post("/api/sync");
    me = await get<Me>("/api/me");
    rows = await get<Row[]>("/api/inbox");
    trouble = "";
  } catch (error) {
    trouble = explain(error);
  }
}

async function openCase(id: string): Promise<void> {
  try {
    current = await get<Case>(`/api/cases/${id}`);
    rows = await get<Row[]>("/api/inbox");
    trouble = "";
  } catch (error) {
    trouble = explain(error);
  }
  draw();
  document.querySelector<HTMLElement>(".case h1")?.focus();
}

function languageBox(): HTMLElement {
  const select = el("select", { "aria-label": t("language"), class: "language", "data-test": "language" }, ...LANGUAGES.map((code) => el("option", { value: code, selected: code === lang() }, code)));
  select.addEventListener("change", async () => { await useLanguage(select.value); draw(); });
  return el("div", {}, select);
}

function top(): HTMLElement {
  const again = button(t("sync"), async () => { again.disabled = true; await sync(); draw(); }, "", "sync");
  return el(
    "header", { class: "top" }, el("strong", {}, pick(me?.service_names, "Amparo")), el("span", { class: "who", "data-test": "me" }, me ? `${me.member} · ${pick(me.office_names, me.office)}` : ""),
    el("span", { class: "grow" }), el("span", { class: "who" }, me ? t("directory_until", { day: me.expires }) : ""), again, languageBox(),
  );
}

function matches(row: Row): boolean {
  const found = `${row.summary} ${row.day} ${row.flags.map((flag) => t(`flag_${flag}`)).join(" ")}`.toLowerCase();
  return (!onlyLane || row.lane === onlyLane) && words.toLowerCase().split(/\s+/).every((word) => found.includes(word));
}

function row(one: Row): HTMLElement {
  const flags = one.flags.map((flag) => el("span", { class: "flag" }, t(`flag_${flag}`)));
  const node = el(
    "button", { type: "button", class: one.unread ? "unread" : undefined, "data-test": "case", "data-id": one.id, "aria-current": String(current?.id === one.id) },
    el("span", { class: "line" }, lane(one.lane), one.unread ? el("span", { class: "flag" }, t("unread")) : null, ...flags, el("span", { class: "day" }, one.day)),
    el("span", { class: "summary" }, one.summary || t("no_words")),
    el("span", { class: "meta" }, `${t("waiting", { days: one.waiting_days })} · ${t(`status_name_${one.status}`)}${one.warnings > 0 ? ` · ${t("has_warnings")}` : ""}`),
  );
  node.addEventListener("click", () => void openCase(one.id));
  return el("li", {}, node);
}

function list(): HTMLElement {
  const holder = el("ul", { class: "rows", "data-test": "inbox" });
  const fill = (): void => {
    const found = rows.filter(matches);
    holder.replaceChildren(...(found.length > 0 ? found.map(row) : [el("li", { class: "empty" }, rows.length > 0 ? t("none_found") : t("inbox_empty"))]));
  };
  const search = el("input", { type: "search", "aria-label": t("search"), placeholder: t("search"), value: words, autocomplete: "off" });
  search.addEventListener("input", () => { words = search.value; fill(); });
  const lanes = el("select", { "aria-label": t("lane"), "data-test": "lane-filter" }, el("option", { value: "" }, t("all_lanes")), ...LANES.map((name) => el("option", { value: name, selected: name === onlyLane }, t(`lane_${name}`))));
  lanes.addEventListener("change", () => { onlyLane = lanes.value; fill(); });
  fill();
  return el("nav", { class: "list", "aria-label": t("inbox") }, search, el("div", { class: "line" }, lanes), holder);
}

function draw(): void {
  const view = current;
  const around = {
    changed: (next: Case): void => { current = next; void get<Row[]>("/api/inbox").then((all) => { rows = all; draw(); }); },
    close: (): void => { current = null; draw(); },
  };
  const warn = trouble ? el("p", { class: "warn", role: "alert", "data-test": "trouble" }, trouble) : null;
  const expired = me?.expired ? el("p", { class: "warn", role: "alert" }, t("expired")) : null;
  const inside = view ? drawCase(view, around) : [el("p", { class: "empty" }, t("choose_case"))];
  const parts = [warn, expired, ...inside].filter((part): part is HTMLElement => part !== null);
  app().replaceChildren(top(), el("div", { class: `panes ${view ? "has-case" : ""}` }, list(), el("main", { class: "case" }, ...parts)));
}

async function start(): Promise<void> {
  await useLanguage("es");
  try {
    await begin();
  } catch {
    app().replaceChildren(el("p", { class: "empty", role: "alert" }, t("open_again")));
    return;
  }
  app().replaceChildren(el("p", { class: "empty" }, t("syncing")));
  await sync();
  draw();
  setInterval(() => {
    // A member who is writing is not disturbed.
    const isWriting = document.activeElement instanceof HTMLTextAreaElement || document.activeElement instanceof HTMLSelectElement;
    if (!isWriting) void sync().then(() => { if (!(document.activeElement instanceof HTMLTextAreaElement)) draw(); });
  }, SYNC_MS);
}

void start();
