/** Writing a message: three taps suffice; everything else can be skipped. */
import { ask } from "./ask.ts";
import type { Jurisdiction } from "./directory.ts";
import { setExitPage } from "./exit.ts";
import { helplines } from "./help.ts";
import { visible, type Questionnaire, type Question } from "./questionnaire.ts";
import { showReaders } from "./readers.ts";
import { Receipt } from "./receipt.ts";
import { codes, holds, type Answers } from "./routing.ts";
import { sendLetter, type Letter } from "./sending.ts";
import { loadQuestionnaire, ownWords, type Session } from "./session.ts";
import { pick, t } from "./text.ts";
import { button, el, note, problem, show, showQuestions } from "./ui.ts";
import { showWords } from "./words.ts";

const REQUIRED_SCREENS = ["danger_now", "country", "what", "institution"];
/** Asked before sending even by the shortest way: who must not see it, and care first. */
const SOON = [["exclude"], ["se_kind"], ["se_route"]];

export class Writing {
  private answers: Answers = {};
  private removed: string[] = [];
  private opened: string[] = [];
  private readonly shown = new Set<string>();

  private constructor(private readonly session: Session, private readonly form: Questionnaire, private readonly done: () => void) {}

  static async start(session: Session, done: () => void): Promise<void> {
    const form = await loadQuestionnaire(session);
    new Writing(session, form, done).screen(REQUIRED_SCREENS.map((id) => [id]), 0, () => undefined);
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
    showQuestions(
      t("step_title"),
      this.noticeFor(ids),
      ...asked.map(({ node }) => node),
      wrong,
      isLast ? this.ends(take) : el("div", { class: "row" }, button(t("next"), forward, "main", "next"), optional && button(t("skip"), next, "plain", "skip")),
      back && button(t("back"), back, "link", "back"),
    );
  }

  /** What the law of the country says about writing without a name: before anything of it is typed. */
  private noticeFor(ids: string[]): HTMLElement | null {
    const law = this.law();
    return ids[0] === "what" && law && law.anonymous_mode !== "allowed" && law.notice_before_typing ? note(pick(law.notice_before_typing)) : null;
  }

  private law(): Jurisdiction | undefined {
    const country = codes(this.answers, "country")[0];
    return (this.session.content.jurisdictions ?? []).find((one) => one.country === country);
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
    const law = this.law();
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
    setExitPage(this.session.content.exit_page, country);
    if (!isDanger || (ids[0] !== "danger_now" && ids[0] !== "country")) return next();
    const known = ids[0] === "country" ? country : undefined;
    show(t("danger_title"), note(t("no_emergency_line"), "warm"), helplines(this.session, known), el("div", { class: "row" }, button(t("go_on"), next, "main", "next")));
  }

  private readers(): void {
    const answers = visible(this.form, this.answers, this.opened);
    const { session, form, removed } = this;
    const last = REQUIRED_SCREENS.length - 1;
    showReaders({
      session, answers, removed,
      agree: (routing, danger) => this.words({ session, form, answers, routing, removed, danger }),
      back: () => this.screen(REQUIRED_SCREENS.map((id) => [id]), last, () => undefined),
    });
  }

  /** Drawn once: a line that drops changes no word. */
  private words(letter: Letter): void {
    const { list, others } = ownWords();
    const receipt = Receipt.generate(list, others);
    const helps = codes(letter.answers, "how_know").some((code) => code === "operator" || code === "family");
    showWords(receipt, helps, () => void sendLetter(letter, receipt, () => this.confirmed()));
  }

  private confirmed(): void {
    const care = codes(this.answers, "se_route").includes("care") ? note(t("sent_care")) : null;
    const lines = helplines(this.session, codes(this.answers, "country")[0]);
    this.answers = {};
    show(t("sent_title"), el("p", { "data-test": "sent" }, t("sent_text")), el("p", {}, t("sent_next")), care, lines, button(t("sent_done"), this.done, "plain", "done"));
  }
}
