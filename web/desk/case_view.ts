/** A case: what is not as it should be first, then what was said, then what can be done. */
import { el, button } from "../report/ui.ts";
import { post, Refused } from "./program.ts";
import type { Case, Message, Office } from "./types.ts";
import { inWords, lang, maybe, pick, t } from "./words.ts";

const STATUSES = ["received", "read", "question", "team", "paused", "ended", "care"];
const FOLD_LETTERS = 900;

export interface Around {
  changed: (view: Case) => void;
  close: () => void;
}

function warnings(view: Case): HTMLElement | null {
  if (view.warnings.length === 0) return null;
  const one = (warning: Case["warnings"][number]): HTMLElement => el("li", {}, `${maybe(`warn_${warning.code}`) ?? warning.text}${warning.about ? ` (${warning.about})` : ""}`);
  return el("section", { class: "warn", role: "alert", "data-test": "warnings" }, el("strong", {}, t("warnings")), el("ul", {}, ...view.warnings.map(one)));
}

/** A long text is folded until it is asked for. */
function longText(text: string): HTMLElement {
  const body = el("p", {}, text);
  if (text.length <= FOLD_LETTERS) return body;
  body.classList.add("fold");
  const more = button(t("unfold"), () => { body.classList.remove("fold"); more.remove(); });
  return el("div", {}, body, more);
}

/** A referral's words begin with the office's id: people read its name. */
function named(text: string, offices: Office[]): string {
  const office = offices.find((one) => text.startsWith(`${one.id}: `));
  return office ? `${pick(office.names, office.id)}: ${text.slice(office.id.length + 2)}` : text;
}

function message(one: Message, offices: Office[]): HTMLElement {
  const isReporter = one.kind === "report" || one.kind === "follow_up";
  const who = isReporter ? t("reporter") : one.author || t("unrecorded");
  const text = one.kind === "status" ? t(`status_${one.text}`) : one.kind === "referral" ? named(one.text, offices) : one.text;
  const kind = one.kind === "note" || one.kind === "referral" ? "note" : isReporter ? "theirs" : "ours";
  return el("article", { class: `message ${kind}`, "data-test": `message-${one.kind}` }, el("div", { class: "meta" }, `${t(`kind_${one.kind}`)} · ${who} · ${one.day}`), longText(text || t("no_words")));
}

function busy(area: HTMLElement, act: () => Promise<void>): () => Promise<void> {
  return async () => {
    const buttons = area.querySelectorAll("button");
    area.querySelector("[role=alert]")?.remove();
    buttons.forEach((one) => (one.disabled = true));
    try {
      await act();
    } catch (error) {
      const text = error instanceof Refused ? `${maybe(`fail_${error.code}`) ?? error.message}. ${error.detail}` : t("stopped");
      area.append(el("p", { class: "warn", role: "alert" }, text));
    }
    buttons.forEach((one) => (one.disabled = false));
  };
}

function replyBox(view: Case, around: Around): HTMLElement {
  const text = el("textarea", { id: "reply-text", "data-test": "reply-text", autocomplete: "off" });
  const status = el("select", { id: "reply-status", "data-test": "reply-status" }, el("option", { value: "" }, t("status_keep")), ...STATUSES.map((word) => el("option", { value: word }, t(`status_name_${word}`))));
  const preview = el("p", { class: "hint", "aria-live": "polite" });
  status.addEventListener("change", () => { preview.textContent = status.value ? `${t("reporter_sees")} “${t(`status_${status.value}`)}”` : ""; });
  const area = el("section", { class: "card fields" });
  const send = busy(area, async () => {
    if (!text.value.trim() && !status.value) return;
    const body = { ...(text.value.trim() ? { text: text.value } : {}), ...(status.value ? { status: status.value } : {}) };
    around.changed(await post<Case>(`/api/cases/${view.id}/reply`, body));
  });
  area.append(
    el("h2", {}, t("reply_title")), el("p", { class: "hint" }, t("reply_hint")),
    el("label", { for: "reply-text" }, t("reply_text"), text), el("label", { for: "reply-status" }, t("reply_status"), status), preview,
    el("div", {}, button(t("reply_send"), send, "main", "reply-send")),
  );
  return area;
}

function referBox(view: Case, around: Around): HTMLElement {
  const option = (office: Office): HTMLElement =>
    el("option", { value: office.id, disabled: !office.can_refer }, office.can_refer ? pick(office.names, office.id) : `${pick(office.names, office.id)}: ${t(`out_${office.reason ?? ""}`)}`);
  const office = el("select", { id: "refer-office", "data-test": "refer-office" }, el("option", { value: "" }, t("choose")), ...view.offices.map(option));
  const why = el("textarea", { id: "refer-why", "data-test": "refer-why", rows: 2 });
  const area = el("section", { class: "card fields" });
  const send = busy(area, async () => {
    if (!office.value || !why.value.trim()) return;
    around.changed(await post<Case>(`/api/cases/${view.id}/refer`, { office: office.value, why: why.value }));
  });
  area.append(
    el("h2", {}, t("refer_title")), el("p", { class: "hint" }, t("refer_hint")),
    el("label", { for: "refer-office" }, t("refer_office"), office), el("label", { for: "refer-why" }, t("refer_why"), why),
    el("div", {}, button(t("refer_send"), send, "main", "refer-send")),
  );
  return area;
}

function noteBox(view: Case, around: Around): HTMLElement {
  const text = el("textarea", { id: "note-text", "data-test": "note-text", rows: 3 });
  const area = el("section", { class: "card fields" });
  const send = busy(area, async () => {
    if (text.value.trim()) around.changed(await post<Case>(`/api/cases/${view.id}/note`, { text: text.value }));
  });
  area.append(el("h2", {}, t("note_title")), el("p", { class: "hint" }, t("note_hint")), el("label", { for: "note-text" }, t("note_text"), text), el("div", {}, button(t("note_send"), send, "", "note-send")));
  return area;
}

function people(view: Case): HTMLElement {
  const one = (who: Case["recipients"][number]): HTMLElement =>
    el("li", {}, `${pick(who.names, who.member)} · ${pick(who.office_names, who.office)}${who.by === "referral" ? ` · ${t("by_referral")}` : ""}`);
  return el("section", { class: "card", "data-test": "recipients" }, el("h2", {}, t("people_title")), el("ul", {}, ...view.recipients.map(one)));
}

function priority(view: Case): HTMLElement {
  const one = (factor: Case["factors"][number]): HTMLElement[] => [el("dt", {}, t(factor.id)), el("dd", {}, `+${factor.points}`)];
  const rest = view.factors.length === 0 ? el("p", { class: "hint" }, t("no_factors")) : el("dl", {}, ...view.factors.flatMap(one));
  return el("section", { class: "card" }, el("h2", {}, t("priority_title", { score: view.score })), rest, el("p", { class: "hint" }, t("priority_hint")));
}

export function lane(name: string): HTMLElement {
  return el("span", { class: `lane ${name}` }, t(`lane_${name}`));
}

export function drawCase(view: Case, around: Around): HTMLElement[] {
  const answers = inWords(view.answers).filter((one) => one.id !== "account");
  const facts = el("dl", { "data-test": "answers" }, ...answers.flatMap((one) => [el("dt", {}, one.question), el("dd", {}, one.answer)]));
  const flags = view.flags.map((flag) => el("span", { class: "flag" }, t(`flag_${flag}`)));
  const title = el("h1", { tabindex: -1 }, t("case_title", { day: view.day }));
  const extortion = view.flags.includes("CARE") ? el("p", { class: "card" }, t("care_note")) : null;
  const parts: (HTMLElement | null)[] = [
    el("div", { class: "only-small" }, button(t("back"), around.close, "", "back")),
    title, el("div", { class: "line" }, lane(view.lane), ...flags, el("span", { class: "hint" }, `${t("now")}: ${t(`status_name_${view.status}`)}`)),
    warnings(view), extortion,
    el("section", {}, el("h2", {}, t("messages_title")), ...view.messages.map((one) => message(one, view.offices))),
    attachments(view),
    el("section", { class: "card" }, el("h2", {}, t("answers_title")), facts),
    replyBox(view, around), el("div", { class: "two" }, referBox(view, around), noteBox(view, around)), el("div", { class: "two" }, people(view), priority(view)),
    exportBox(view),
  ];
  return parts.filter((part): part is HTMLElement => part !== null);
}

/** Names are the reporter's: shown as text, and made safe by the program before a file gets one. */
function attachments(view: Case): HTMLElement | null {
  if (view.attachments.length === 0) return null;
  const one = (file: Case["attachments"][number]): HTMLElement => {
    const line = el("li", { "data-test": "attachment" }, `${file.name} · ${file.type} · ${new Intl.NumberFormat(lang()).format(file.size)} B${file.original ? ` · ${t("attachment_original")}` : ""} `);
    const save = busy(line, async () => {
      const { path } = await post<{ path: string }>(`/api/cases/${view.id}/attachments/${file.blob}`);
      el("a", { href: path, download: "" }).click();
    });
    line.append(button(t("attachment_save"), save, "", "attachment-save"));
    return line;
  };
  return el("section", { class: "card", "data-test": "attachments" }, el("h2", {}, t("attachments_title")), el("p", { class: "hint" }, t("attachments_hint")), el("ul", {}, ...view.attachments.map(one)));
}

/** The sealed file is saved by the browser like any other; only this member's key opens it. */
function exportBox(view: Case): HTMLElement {
  const area = el("section", { class: "card" });
  const save = busy(area, async () => {
    const { file } = await post<{ file: string }>(`/api/cases/${view.id}/export`);
    const address = URL.createObjectURL(new Blob([file], { type: "application/octet-stream" }));
    el("a", { href: address, download: "case.amparo" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
  area.append(el("h2", {}, t("export_title")), el("p", { class: "hint" }, t("export_hint")), button(t("export_save"), save, "", "export"));
  return area;
}
