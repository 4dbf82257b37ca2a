/** What the page knows while it is open. Nothing of it is stored. */
import data from "amparo:language";
import { fromBase64, hex, ProtocolError, type Bytes } from "./bytes.ts";
import { get, getJson } from "./api.ts";
import { today } from "./day.ts";
import { readFingerprint, shownAuthority, verifyBundle, type Content, type Trusted } from "./directory.ts";
import { readQuestionnaire, type Questionnaire } from "./questionnaire.ts";
import { Prefixes, WordList } from "./receipt.ts";

export interface Session {
  pinned: Bytes;
  /** The fingerprint came with the address, as on a poster; else from the server's own answer. */
  fromAddress: boolean;
  trusted: Trusted;
  content: Content;
  day: number;
}

export async function begin(): Promise<Session> {
  const fragment = readFingerprint(location.hash.slice(1));
  const bundle = await getJson("/api/v1/directory");
  const pinned = fragment ?? shownAuthority(bundle);
  if (!pinned) throw new ProtocolError("other_authority");
  const day = today();
  const trusted = verifyBundle(bundle, pinned, day);
  return { pinned, fromAddress: fragment !== null, trusted, content: trusted.directory.content, day };
}

/** The page has the questionnaire it was made with; another one is fetched, if the directory names it. */
export async function loadQuestionnaire(session: Session): Promise<Questionnaire> {
  const wanted = session.content.questionnaire.hash;
  return data.questionnaire.hash === wanted ? data.questionnaire : readQuestionnaire(await get("/questionnaire.json"), wanted);
}

/** The list that words are drawn from, and what the other lists would take for theirs. */
export function ownWords(): { list: WordList; others: Prefixes[] } {
  let former = "";
  const words = Array.from(data.list.words.matchAll(/(\d)(\D+)/g), ([, same, rest = ""]) => (former = former.slice(0, Number(same)) + rest));
  const list = new WordList(data.list.language, words);
  const others = Object.entries(data.list.shared).map(([language, bits]) => Prefixes.of(list, language, fromBase64(bits)));
  return { list, others };
}

export function loadAllWords(): Promise<WordList[]> {
  const load = async (language: string): Promise<WordList> =>
    language === data.list.language ? ownWords().list : WordList.parse(language, new TextDecoder().decode(await get(`/words/${language}.txt`)));
  return Promise.all(data.lists.map(load));
}

/** The fingerprint in groups of four. */
export function shownFingerprint(session: Session): string {
  return hex(session.pinned).replace(/(.{4})(?=.)/g, "$1 ");
}
