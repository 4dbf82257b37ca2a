/** One page, one address for all of it; nothing is kept when it is closed. */
import { ProtocolError } from "./bytes.ts";
import { Unreachable } from "./api.ts";
import { Comeback } from "./comeback.ts";
import { armExit, setExitPage } from "./exit.ts";
import { helplines } from "./help.ts";
import { begin, shownFingerprint, type Session } from "./session.ts";
import { LANGUAGES, lang, pick, t, useLanguage } from "./text.ts";
import { button, el, note, problem, show } from "./ui.ts";
import { Writing } from "./write.ts";

const NAMES: Record<string, string> = { es: "Español", pt: "Português", en: "English" };

let session: Session | null = null;

function languages(): HTMLElement {
  const one = (code: string): HTMLButtonElement => {
    const node = button(NAMES[code] ?? code, async () => { await useLanguage(code); home(); }, "plain", `lang-${code}`);
    node.setAttribute("lang", code);
    node.setAttribute("aria-pressed", String(code === lang()));
    return node;
  };
  return el("div", { class: "row languages" }, ...LANGUAGES.map(one));
}

/** Runs what begins a flow; what goes wrong is said in words. */
function guarded(act: (session: Session) => Promise<void>): () => void {
  return () => {
    if (!session) return;
    act(session).catch((error: unknown) => show(t("error_title"), problem(explain(error)), button(t("back"), home, "plain")));
  };
}

function home(): void {
  if (!session) return;
  const { content, trusted } = session;
  const write = guarded((now) => Writing.start(now, home));
  const comeback = guarded((now) => Comeback.start(now, home, write));
  const whence = session.fromAddress ? t("pinned_address") : t("pinned_server");
  show(
    pick(content.names),
    languages(),
    trusted.problem ? problem(t(trusted.problem)) : note(pick(content.texts?.["promise"]) || t("promise")),
    trusted.problem ? helplines(session, undefined) : null,
    el("div", { class: "stack" }, trusted.problem ? null : button(t("start_write"), write, "main", "start-write"), button(t("start_words"), comeback, "", "start-words")),
    el("p", { class: "small" }, pick(content.texts?.["limits"]) || t("limits")),
    el("p", { class: "small" }, t("exit_help")),
    el("div", { class: "foot small" }, el("p", {}, whence), el("p", {}, el("code", { "data-test": "fingerprint" }, shownFingerprint(session)))),
  );
}

function explain(error: unknown): string {
  if (error instanceof Unreachable) return t("error_unreachable");
  const code = error instanceof ProtocolError ? error.code : "strange_answer";
  return code === "bad_signature" || code === "other_authority" ? t("error_authority") : t("error_refused", { code });
}

async function start(): Promise<void> {
  armExit();
  await useLanguage("es");
  try {
    session = await begin();
    setExitPage(session.content.exit_page?.["default"]);
    home();
  } catch (error) {
    show(t("error_title"), languages(), problem(explain(error)));
  }
}

void start();
