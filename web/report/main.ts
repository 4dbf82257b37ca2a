/** One page, one address for all of it; nothing is kept when it is closed. */
import { ProtocolError } from "./bytes.ts";
import { Unreachable } from "./api.ts";
import { armExit, setExitPage } from "./exit.ts";
import { helplines } from "./help.ts";
import { armIdle } from "./idle.ts";
import { begin, shownFingerprint, type Session } from "./session.ts";
import { pick, t } from "./text.ts";
import { button, el, note, problem, show } from "./ui.ts";
import { Writing } from "./write.ts";

let session: Session | null = null;
/** What the page says before it has scripts, to be shown again when asked for. */
const before = document.getElementById("before");
const languages = document.getElementById("languages");

/** Runs what begins a flow; what goes wrong is said in words. */
function guarded(act: (session: Session) => Promise<void> | void): () => void {
  return () => {
    if (!session) return;
    const now = session;
    if (languages) languages.hidden = true;
    const again = guarded(act);
    Promise.resolve().then(() => act(now)).catch((error: unknown) => show(t("error_title"), problem(explain(error)), button(t("try_again"), again, "main", "try-again"), button(t("back"), home, "link", "back")));
  };
}

async function comeback(now: Session): Promise<void> {
  let part: typeof import("./comeback.ts");
  try {
    part = await import("./comeback.ts");
  } catch {
    throw new Unreachable();
  }
  await part.Comeback.start(now, home, guarded((again) => Writing.start(again, home)));
}

/** What to know before writing, in the words of the static page. */
function beforeYouWrite(): void {
  if (languages) languages.hidden = true;
  before?.classList.remove("no-script");
  const parts = Array.from(before?.querySelectorAll("h3, p") ?? []);
  show(before?.querySelector("h2")?.textContent ?? "", el("section", { class: "before", "data-test": "before" }, ...parts.map((part) => part.cloneNode(true))), button(t("back"), home, "plain", "back"));
}

function home(): void {
  if (!session) return;
  const { content, trusted } = session;
  setExitPage(content.exit_page);
  const write = guarded((now) => Writing.start(now, home));
  const whence = session.fromAddress ? t("pinned_address") : t("pinned_server");
  show(
    t("home_title"),
    trusted.problem ? problem(t(trusted.problem)) : note(pick(content.texts?.["promise"]) || t("promise")),
    trusted.problem ? helplines(session, undefined) : null,
    el("div", { class: "stack" }, trusted.problem ? null : button(t("start_write"), write, "main", "start-write"), button(t("start_words"), guarded(comeback), "wide", "start-words"), button(t("start_before"), beforeYouWrite, "wide", "start-before")),
    el("p", { class: "small" }, pick(content.texts?.["limits"]) || t("limits")),
    el("p", { class: "small" }, t("exit_help")),
    el("div", { class: "foot small" }, el("details", {}, el("summary", {}, t("compare")), el("p", {}, pick(content.names)), el("p", {}, whence), el("p", {}, el("code", { "data-test": "fingerprint" }, shownFingerprint(session))))),
  );
  if (languages) languages.hidden = false;
}

function explain(error: unknown): string {
  if (error instanceof Unreachable) return t("error_unreachable");
  const code = error instanceof ProtocolError ? error.code : "strange_answer";
  return code === "bad_signature" || code === "other_authority" ? t("error_authority") : t("error_refused", { code });
}

/** Another language is another page; the fingerprint of the address goes along, and the history gets no further entry. */
function armLanguages(): void {
  for (const link of Array.from(languages?.querySelectorAll("a") ?? [])) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      location.replace(link.getAttribute("href") + location.hash);
    });
  }
}

async function start(): Promise<void> {
  armExit();
  armIdle();
  armLanguages();
  try {
    session = await begin();
    home();
  } catch (error) {
    show(t("error_title"), problem(explain(error)), error instanceof Unreachable ? button(t("try_again"), () => location.reload(), "main", "try-again") : null);
  }
}

void start();
