/** Helplines of the signed directory. One that is an example says so. No number dials by a touch: a call leaves a trace, so it asks first. */
import type { Session } from "./session.ts";
import { pick, t } from "./text.ts";
import { el } from "./ui.ts";

function call(number: string, example: boolean | undefined): HTMLElement | null {
  if (example) return null;
  const digits = number.replace(/[^\d+*#]/g, "");
  return el(
    "details", { class: "call" }, el("summary", {}, t("call_ask", { number })),
    el("p", { class: "small" }, t("call_trace")), el("a", { class: "button", href: `tel:${digits}` }, t("call_open", { number })),
  );
}

export function helplines(session: Session, country: string | undefined): HTMLElement | null {
  const { content } = session;
  const here = (one: { country: string }): boolean => country === undefined || one.country === country;
  const numbers = (content.emergency ?? []).filter(here);
  const lines = (content.helplines ?? []).filter(here);
  if (numbers.length + lines.length === 0) return null;
  const example = (isExample: boolean | undefined): string => (isExample ? ` ${t("example_number")}` : "");
  const facts = (one: (typeof lines)[number]): string =>
    [pick(one.hours), one.free ? t("line_free") : "", one.on_bill ? t("line_on_bill") : "", one.police ? t("line_police") : ""].filter(Boolean).join(" · ");
  return el(
    "section", { class: "note", "aria-label": t("helplines"), "data-test": "helplines" },
    el("h2", {}, t("helplines")),
    ...numbers.map((one) => el("div", { class: "line" }, el("p", {}, `${t("emergency")} (${one.country}): `, el("strong", {}, one.number), example(one.example)), call(one.number, one.example))),
    ...lines.map((one) => el("div", { class: "line" }, el("p", {}, `${pick(one.names)} (${one.country}): `, el("strong", {}, one.number), example(one.example), el("br"), el("span", { class: "small" }, facts(one))), call(one.number, one.example))),
    el("p", { class: "small" }, t("call_trace")),
  );
}
