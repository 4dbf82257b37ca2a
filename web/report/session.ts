/** What the page knows while it is open. Nothing of it is stored. */
import { hex, ProtocolError, type Bytes } from "./bytes.ts";
import { get, getJson } from "./api.ts";
import { today } from "./day.ts";
import { readFingerprint, verifyBundle, type Content, type Trusted } from "./directory.ts";
import { readQuestionnaire, type Questionnaire } from "./questionnaire.ts";
import { WordList } from "./receipt.ts";
import { LANGUAGES } from "./text.ts";

export interface Session {
  pinned: Bytes;
  /** The fingerprint came with the address, as on a poster; else from the server's own file. */
  fromAddress: boolean;
  trusted: Trusted;
  content: Content;
  day: number;
}

export async function begin(): Promise<Session> {
  const fragment = readFingerprint(location.hash.slice(1));
  const text = fragment ? "" : new TextDecoder().decode(await get("/authority"));
  const pinned = fragment ?? readFingerprint(text.trim());
  if (!pinned) throw new ProtocolError("other_authority");
  const day = today();
  const trusted = verifyBundle(await getJson("/api/v1/directory"), pinned, day);
  return { pinned, fromAddress: fragment !== null, trusted, content: trusted.directory.content, day };
}

export async function loadQuestionnaire(session: Session): Promise<Questionnaire> {
  return readQuestionnaire(await get("/questionnaire.json"), session.content.questionnaire.hash);
}

export async function loadWords(language: string): Promise<WordList> {
  return WordList.parse(language, new TextDecoder().decode(await get(`/words/${language}.txt`)));
}

export function loadAllWords(): Promise<WordList[]> {
  return Promise.all(LANGUAGES.map(loadWords));
}

/** The fingerprint in groups of four. */
export function shownFingerprint(session: Session): string {
  return hex(session.pinned).replace(/(.{4})(?=.)/g, "$1 ");
}
