/** Seals once and sends: the same bytes until the server says that they are on disk, so that trying again makes one message. */
import { sendEnvelope, Unreachable } from "./api.ts";
import { fromHex, hex, ProtocolError } from "./bytes.ts";
import { writeDay } from "./day.ts";
import { sealReport } from "./envelope.ts";
import { helplines } from "./help.ts";
import type { Questionnaire } from "./questionnaire.ts";
import type { Receipt, ReporterKeys } from "./receipt.ts";
import type { Answers, Routing } from "./routing.ts";
import type { Session } from "./session.ts";
import { lang, t } from "./text.ts";
import { button, el, problem, show } from "./ui.ts";

const DRAW_MS = 30;

export interface Letter {
  session: Session;
  form: Questionnaire;
  answers: Answers;
  routing: Routing;
  removed: string[];
  danger: boolean;
}

export async function sendLetter(letter: Letter, receipt: Receipt, arrived: () => void): Promise<void> {
  const { session } = letter;
  const bar = el("progress", { max: 16, value: 0, "aria-label": t("sending_title") });
  const wait = (): void => show(t("sending_title"), el("p", { "data-test": "sending" }, t("sending_text")), bar);
  wait();
  // The page is drawn before the keys are derived, which holds it up for a moment.
  await new Promise((resolve) => setTimeout(resolve, DRAW_MS));
  let sealed: Uint8Array;
  try {
    sealed = seal(letter, receipt.keys(session.pinned));
  } catch (error) {
    return failed(session, error, null);
  }
  const post = async (): Promise<void> => {
    try {
      await sendEnvelope(sealed, session.content.version, letter.danger, (solved) => { bar.value = solved; });
      arrived();
    } catch (error) {
      failed(session, error, () => { wait(); void post(); });
    }
  };
  await post();
}

function seal({ session, form, answers, routing, removed }: Letter, keys: ReporterKeys): Uint8Array {
  const { content, hash } = session.trusted.directory;
  const body = {
    format: "amparo-report-1", must_understand: [], lang: lang(), directory: { version: content.version, hash: hex(hash) },
    questionnaire: { version: form.version, hash: form.hash }, key_day: writeDay(session.day), answers, recipients: routing.recipients,
    removed, attachments: [],
  };
  return sealReport(keys, session.pinned, body, routing.recipients.map((one) => fromHex(one.pk, 32)));
}

function failed(session: Session, error: unknown, retry: (() => void) | null): void {
  const code = error instanceof ProtocolError ? error.code : "unreachable";
  const dropped = error instanceof Unreachable;
  const text = dropped ? t("error_dropped") : t("error_refused", { code });
  show(t("error_title"), problem(text), retry && dropped ? button(t("try_again"), retry, "main", "try-again") : null, helplines(session, undefined));
}
