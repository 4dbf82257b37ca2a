/** Coming back with the words: status, answers, writing more, destroying. It never shows what was reported. */
import { ProtocolError } from "./bytes.ts";
import { Unreachable } from "./api.ts";
import { MailboxClient, type Status } from "./mailbox_client.ts";
import { fold, Receipt, splitWords, type Typed, type WordList } from "./receipt.ts";
import { loadAllWords, type Session } from "./session.ts";
import { lang, t } from "./text.ts";
import { button, el, note, problem, show } from "./ui.ts";

export class Comeback {
  private constructor(private readonly session: Session, private readonly lists: WordList[], private readonly start: () => void, private readonly write: () => void) {}

  static async start(session: Session, start: () => void, write: () => void): Promise<void> {
    new Comeback(session, await loadAllWords(), start, write).enter("");
  }

  private enter(typed: string, wrong?: HTMLElement): void {
    const box = el("textarea", { id: "typed", rows: 4, autocomplete: "off", spellcheck: "false", autocapitalize: "none", autocorrect: "off", "data-test": "typed-words", "aria-describedby": "typed-help" });
    box.value = typed;
    if (wrong) box.setAttribute("aria-invalid", "true");
    const offers = el("div", { class: "row offers", role: "group", "aria-label": t("enter_offers") });
    box.addEventListener("input", () => {
      wrong?.remove();
      box.removeAttribute("aria-invalid");
      this.offer(box, offers);
    });
    show(
      t("enter_title"), el("p", { id: "typed-help" }, t("enter_text")), el("label", { class: "lone", for: "typed" }, t("enter_label")), box, offers, wrong,
      el("div", { class: "row" }, button(t("enter_open"), () => this.open(box.value), "main", "open-mailbox")),
      button(t("back"), this.start, "link", "back"),
    );
  }

  /** Words of the list that begin like the one being typed. */
  private offer(box: HTMLTextAreaElement, offers: HTMLElement): void {
    const begun = /[^\p{L}]*$/u.test(box.value) && !/\p{L}$/u.test(box.value) ? "" : splitWords(box.value).pop() ?? "";
    const list = this.lists.find((one) => one.language === lang());
    const found = begun.length >= 2 ? list?.words.filter((word) => fold(word).startsWith(fold(begun))) ?? [] : [];
    const take = (word: string): void => {
      box.value = `${box.value.slice(0, box.value.length - begun.length)}${word} `;
      offers.replaceChildren();
      box.focus();
    };
    const isWhole = found.length === 1 && fold(found[0] ?? "") === fold(begun);
    offers.replaceChildren(...(isWhole ? [] : found).slice(0, 4).map((word) => button(word, () => take(word), "plain")));
  }

  private wrongWords(typed: Typed & { ok: false }): string {
    if (typed.code === "wrong_count") return t("words_count", { count: typed.count });
    return typed.code === "unknown_word" ? t("words_unknown", { number: typed.position, word: typed.word }) : t("words_ambiguous");
  }

  private async open(text: string): Promise<void> {
    const typed = Receipt.parse(text, this.lists);
    if (!typed.ok) return this.enter(text, problem(this.wrongWords(typed)));
    show(t("opening_title"), el("p", {}, t("opening_text")));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const client = new MailboxClient(typed.receipt.keys(this.session.pinned), this.session.pinned, this.session.trusted);
    try {
      const status = await client.status();
      if (!status) return this.enter(text, problem(t("no_mailbox")));
      this.opened(client, status);
    } catch (error) {
      this.enter(text, problem(explain(error)));
    }
  }

  /** The same whether or not there is news, until she says that nobody else sees the screen. */
  private opened(client: MailboxClient, status: Status): void {
    show(
      t("opened_title"), el("p", {}, t("opened_text")),
      el("div", { class: "row" }, button(t("opened_show"), () => this.status(client, status), "main", "show-status")), button(t("close"), this.start, "link", "close"),
    );
  }

  private status(client: MailboxClient, status: Status): void {
    const replies = status.replies.map((reply) => el("div", { class: "reply", "data-test": "reply" }, reply.text ?? t("reply_unchecked")));
    const last = status.replies[status.replies.length - 1]?.number ?? 0;
    show(
      t("status_title"), el("p", { class: "note", "data-test": "status", "data-status": status.word }, t(`status_${status.word}`)),
      replies.length > 0 ? el("h2", {}, t("replies_title")) : el("p", { class: "small" }, t("no_replies")), ...replies,
      el("div", { class: "row" }, button(t("write_more"), () => this.askNew(client, { text: last, status: status.statusNumber }), "main", "write-more")),
      el("div", { class: "foot" }, button(t("destroy"), () => this.destroy(client, status), "link", "destroy"), button(t("close"), this.start, "link", "close")),
    );
  }

  /** Its reader may be the one it accuses: whoever is new gets a new message with its own readers. */
  private askNew(client: MailboxClient, seen: { text: number; status: number }): void {
    show(
      t("new_title"), el("p", {}, t("new_text")),
      el("div", { class: "stack" }, button(t("new_no"), () => this.more(client, seen), "", "new-no"), button(t("new_yes"), this.write, "", "new-yes")),
    );
  }

  private more(client: MailboxClient, seen: { text: number; status: number }, text = "", wrong?: HTMLElement): void {
    const box = el("textarea", { id: "more", rows: 7, autocomplete: "off", spellcheck: "false", "data-test": "follow-up" });
    box.value = text;
    const send = async (): Promise<void> => {
      const words = box.value.trim();
      if (words === "") return;
      const bar = el("progress", { max: 16, value: 0, "aria-label": t("sending_title") });
      show(t("sending_title"), el("p", {}, t("sending_text")), bar);
      try {
        await client.followUp(words, lang(), this.session.day, seen, (solved) => { bar.value = solved; });
        show(t("more_sent"), el("p", { "data-test": "follow-up-sent" }, t("more_sent_text")), button(t("close"), this.start, "plain", "close"));
      } catch (error) {
        this.more(client, seen, words, problem(explain(error)));
      }
    };
    show(t("more_title"), el("label", { class: "lone", for: "more" }, t("more_label")), box, wrong, el("div", { class: "row" }, button(t("send"), send, "main", "send-follow-up")));
  }

  private destroy(client: MailboxClient, status: Status): void {
    const wrong = el("div");
    const act = async (): Promise<void> => {
      try {
        await client.destroy();
        show(t("destroyed_title"), el("p", { "data-test": "destroyed" }, t("destroyed_text")), button(t("close"), this.start, "plain", "close"));
      } catch (error) {
        wrong.replaceChildren(problem(explain(error)));
      }
    };
    show(
      t("destroy_title"), note(t("destroy_text"), "warm"), wrong,
      el("div", { class: "row" }, button(t("destroy_keep"), () => this.status(client, status), "main", "destroy-keep"), button(t("destroy_yes"), act, "plain", "destroy-yes")),
    );
  }
}

function explain(error: unknown): string {
  if (error instanceof Unreachable) return t("error_unreachable");
  const code = error instanceof ProtocolError ? error.code : "strange_answer";
  return code === "not_ours" ? t("error_not_ours") : t("error_refused", { code });
}
