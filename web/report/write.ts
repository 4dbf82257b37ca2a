/** Writing a message: three taps suffice; everything else can be skipped. */
import { hex, ProtocolError } from "./bytes.ts";
import { sendEnvelope, Unreachable } from "./api.ts";
import { ask } from "./ask.ts";
import { writeDay } from "./day.ts";
import { sealReport } from "./envelope.ts";
import { helplines } from "./help.ts";
import { visible, type Question, type Questionnaire } from "./questionnaire.ts";
import { Receipt, type ReporterKeys, type WordList } from "./receipt.ts";
import { codes, holds, route, type Answers, type Routing } from "./routing.ts";
import { loadAllWords, loadQuestionnaire, type Session } from "./session.ts";
import { lang, pick, t } from "./text.ts";
import { button, el, note, problem, show } from "./ui.ts";
import { fromHex } from "./bytes.ts";
import { showWords } from "./words.ts";

const REQUIRED_SCREENS = ["danger_now", "country", "what", "institution"];
/** Asked before sending even by the shortest way: who must not see it, and care first. */
const SOON = [["exclude"], ["se_kind"], ["se_route"]];

export class Writing {
  private answers: Answers = {};
  private removed: string[] = [];
  private opened: string[] = [];
  private danger = false;
  private readonly shown = new Set<string>();

  private constructor(private readonly session: Session, private readonly form: Questionnaire, private readonly lists: WordList[], private readonly done: () => void) {}

  static async start(session: Session, done: () => void): Promise<void> {
    const [form, lists] = await Promise.all([loadQuestionnaire(session), loadAllWords()]);
    new Writing(session, form, lists, done).screen(REQUIRED_SCREENS.map((id) => [id]), 0, () => undefined);
  }

  /** Walks screens of questions; those with nothing to show are passed over. */
  private screen(screens: string[][], at: number, after: () => void): void {
    const ids = screens[at];
    if (!ids) return after();
    const next = (): void => this.screen(this.withOpened(screens, at), at + 1, after);
    const back = at > 0 ? (): void => this.screen(screens, at - 1, after) : null;
    const questions = this.form.questions.filter((q) => ids.includes(q.id) && this.isShown(q));
    if (questions.length === 0) return this.screen(screens, at + 1, after);
    questions.forEach((question) => this.shown.add(question.id));
    const asked = questions.map((question) => ({ question, ...ask(question, this.form, this.session, this.answers) }));
    const wrong = el("div");
    const take = (): boolean => {
      for (const { question, read } of asked) {
        const answer = read();
        if (answer === undefined) delete this.answers[question.id];
        else this.answers[question.id] = answer;
      }
      const missing = asked.find(({ question }) => question.required && codes(this.answers, question.id).length === 0);
      if (missing) wrong.replaceChildren(problem(t("choose_one")));
      return !missing;
    };
    const isLast = ids[0] === "institution";
    const optional = questions.every((question) => !question.required);
    const forward = (): void => {
      if (take()) this.reactTo(ids, next);
    };
    show(
      t("step_title"),
      ids[0] === "danger_now" ? note(pick(this.session.content.texts?.["promise"]) || t("promise")) : null,
      ...asked.map(({ node }) => node),
      wrong,
      isLast ? this.ends(take) : el("div", { class: "row" }, button(t("next"), forward, "main", "next"), optional && button(t("skip"), next, "plain", "skip")),
      back && button(t("back"), back, "link", "back"),
    );
  }

  private isShown(question: Question): boolean {
    return question.type !== "file" && holds(question.show_if, this.answers, this.opened);
  }

  /** Questions that an answer on this screen has opened get a screen of their own behind it. */
  private withOpened(screens: string[][], at: number): string[][] {
    const ids = screens[at] ?? [];
    const fresh = ids.filter((id) => !this.shown.has(id) && this.form.questions.some((q) => q.id === id && this.isShown(q)));
    return fresh.length > 0 ? [...screens.slice(0, at + 1), fresh, ...screens.slice(at + 1)] : screens;
  }

  /** After the third tap: send now, or add more. */
  private ends(take: () => boolean): HTMLElement {
    const soon = (): void => {
      if (take()) this.screen(this.soonScreens(), 0, () => this.readers());
    };
    const more = (): void => {
      if (!take()) return;
      this.opened = ["more", ...this.confidential()];
      const rest = this.form.screens.filter((ids) => !REQUIRED_SCREENS.includes(ids[0] ?? ""));
      this.screen(rest, 0, () => this.readers());
    };
    return el("div", { class: "row" }, button(t("send_now"), soon, "main", "send-now"), button(t("add_more"), more, "plain", "add-more"));
  }

  private confidential(): string[] {
    const country = codes(this.answers, "country")[0];
    const law = (this.session.content.jurisdictions ?? []).find((one) => one.country === country);
    return law && law.anonymous_mode !== "allowed" ? ["confidential"] : [];
  }

  private soonScreens(): string[][] {
    const needsExclude = codes(this.answers, "institution").some((code) => ["prosecutor", "court", "dk"].includes(code));
    return SOON.filter((ids) => ids[0] !== "exclude" || needsExclude);
  }

  /** Danger: helplines at once, and again when the country is known. The form stays open. */
  private reactTo(ids: string[], next: () => void): void {
    const isDanger = codes(this.answers, "danger_now").some((code) => code === "me" || code === "other");
    const country = codes(this.answers, "country")[0];
    if (!isDanger || (ids[0] !== "danger_now" && ids[0] !== "country")) return next();
    const known = ids[0] === "country" ? country : undefined;
    show(t("danger_title"), note(t("no_emergency_line"), "warm"), helplines(this.session, known), el("div", { class: "row" }, button(t("go_on"), next, "main", "next")));
  }

  /** Who will be able to read it: shown before anything is sealed. */
  private readers(): void {
    const answers = visible(this.form, this.answers, this.opened);
    const routing = route(this.session.content, answers, this.removed, this.session.day);
    const again = (): void => this.readers();
    const office = (id: string, why: string): HTMLElement => {
      const known = this.session.content.offices.find((one) => one.id === id);
      const out = button(t("take_out"), () => { this.removed.push(id); again(); }, "link", `remove-${id}`);
      return el("div", { class: "office", "data-test": `office-${id}` }, el("strong", {}, pick(known?.names)), el("span", { class: "small" }, why), el("div", {}, out));
    };
    const gone = [...this.gone(routing)].map(([id, reason]) => this.goneOffice(id, reason, again));
    if (!routing) {
      return show(t("nobody_title"), note(t("nobody_text"), "warm"), ...gone, helplines(this.session, codes(answers, "country")[0]));
    }
    const why = (texts: Record<string, string>): string => (routing.fallback ? t("why_fallback") : pick(texts));
    const people = t("readers_people", { count: routing.recipients.length });
    const danger = this.dangerChoice(routing);
    show(
      t("readers_title"),
      el("p", {}, routing.careFirst ? t("readers_care") : t("readers_text")),
      el("div", { class: "stack" }, ...routing.offices.map((one) => office(one.office.id, why(one.why)))),
      el("p", { class: "small" }, people),
      ...(gone.length > 0 ? [el("h2", {}, t("readers_out")), ...gone] : []),
      danger,
      el("div", { class: "row" }, button(t("readers_ok"), () => this.words(answers, routing), "main", "readers-ok")),
      button(t("back"), () => this.screen(REQUIRED_SCREENS.map((id) => [id]), REQUIRED_SCREENS.length - 1, () => undefined), "link", "back"),
    );
  }

  private gone(routing: Routing | null): Map<string, string> {
    const content = this.session.content;
    const excluded = routing?.excluded ?? new Map<string, string>();
    const candidates = new Set(content.rules.flatMap((rule) => rule.offices).concat(content.conflict_fallback));
    const all = new Map([...excluded].filter(([id]) => candidates.has(id)));
    for (const id of this.removed) all.set(id, "by_you");
    return all;
  }

  private goneOffice(id: string, reason: string, again: () => void): HTMLElement {
    const known = this.session.content.offices.find((one) => one.id === id);
    const back = button(t("put_back"), () => { this.removed = this.removed.filter((one) => one !== id); again(); }, "link", `restore-${id}`);
    return el(
      "div", { class: "office out", "data-test": `out-${id}` },
      el("strong", {}, pick(known?.names)), el("span", { class: "small" }, t(`out_${reason}`)), reason === "by_you" ? el("div", {}, back) : null,
    );
  }

  /** One unstored bit, only if she agrees, and only if no duty office is excluded. */
  private dangerChoice(routing: Routing): HTMLElement | null {
    const isDanger = codes(this.answers, "danger_now").some((code) => code === "me" || code === "other");
    const duty = this.session.content.duty ?? [];
    if (!isDanger || duty.length === 0) return null;
    this.danger = false;
    if (duty.some(({ office }) => routing.excluded.has(office))) return note(t("danger_no_letter"), "warm");
    const input = el("input", { type: "checkbox", "data-test": "danger-letter" });
    input.addEventListener("change", () => { this.danger = input.checked; });
    return el("div", { class: "note warm" }, el("p", {}, t("danger_letter_text")), el("label", { class: "choice" }, input, el("span", {}, t("danger_letter"))));
  }

  private words(answers: Answers, routing: Routing): void {
    const list = this.lists.find((one) => one.language === lang()) as WordList;
    const receipt = Receipt.generate(list, this.lists);
    showWords(receipt, () => void this.send(receipt, answers, routing));
  }

  private async send(receipt: Receipt, answers: Answers, routing: Routing): Promise<void> {
    const bar = el("progress", { max: 16, value: 0, "aria-label": t("sending_title") });
    show(t("sending_title"), el("p", {}, t("sending_text")), bar);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const keys = receipt.keys(this.session.pinned);
    let sealed: Uint8Array;
    try {
      sealed = this.seal(keys, answers, routing);
    } catch (error) {
      return this.failed(error, null);
    }
    const post = async (): Promise<void> => {
      try {
        await sendEnvelope(sealed, this.session.content.version, this.danger, (solved) => { bar.value = solved; });
        this.confirmed();
      } catch (error) {
        this.failed(error, () => { show(t("sending_title"), el("p", {}, t("sending_text")), bar); void post(); });
      }
    };
    await post();
  }

  private seal(keys: ReporterKeys, answers: Answers, routing: Routing): Uint8Array {
    const { content, hash } = this.session.trusted.directory;
    const body = {
      format: "amparo-report-1", must_understand: [], lang: lang(), directory: { version: content.version, hash: hex(hash) },
      questionnaire: { version: this.form.version, hash: this.form.hash }, key_day: writeDay(this.session.day), answers, recipients: routing.recipients,
      removed: this.removed, attachments: [],
    };
    return sealReport(keys, this.session.pinned, body, routing.recipients.map((one) => fromHex(one.pk, 32)));
  }

  /** The same bytes are kept, so that trying again makes one report. */
  private failed(error: unknown, retry: (() => void) | null): void {
    const code = error instanceof ProtocolError ? error.code : "unreachable";
    const text = error instanceof Unreachable ? t("error_unreachable") : t("error_refused", { code });
    show(t("error_title"), problem(text), retry && error instanceof Unreachable ? button(t("try_again"), retry, "main", "try-again") : null, helplines(this.session, undefined));
  }

  private confirmed(): void {
    const care = codes(this.answers, "se_route").includes("care") ? note(t("sent_care")) : null;
    show(t("sent_title"), el("p", { "data-test": "sent" }, t("sent_text")), el("p", {}, t("sent_next")), care, helplines(this.session, codes(this.answers, "country")[0]), button(t("sent_done"), this.done, "plain", "done"));
    this.answers = {};
  }
}
