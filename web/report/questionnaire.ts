/** The questionnaire as data (docs/reference/questionnaire.md). */
import { hex, refuse, type Bytes } from "./bytes.ts";
import { blake2b256 } from "./crypto.ts";
import type { Condition, Texts } from "./directory.ts";
import { holds, type Answers } from "./routing.ts";

export interface Choice { code: string; texts: Texts; alone?: boolean }
export interface Question { id: string; type: string; required: boolean; show_if: Condition; texts: Texts; hint?: Texts; options?: Choice[] }
export interface Questionnaire { version: number; hash: string; screens: string[][]; countries: Choice[]; questions: Question[] }

/** The file, if it is the one that the directory names. */
export function readQuestionnaire(bytes: Bytes, wanted: string): Questionnaire {
  const found = hex(blake2b256(bytes));
  if (found !== wanted) refuse("other_questionnaire");
  return { ...(JSON.parse(new TextDecoder().decode(bytes)) as Questionnaire), hash: found };
}

/** Answers without what is hidden: a hidden question's answer opens no other. */
export function visible(questionnaire: Questionnaire, answers: Answers, opened: string[]): Answers {
  const kept = { ...answers };
  for (;;) {
    const before = Object.keys(kept).length;
    for (const question of questionnaire.questions) {
      if (!holds(question.show_if, kept, opened)) delete kept[question.id];
    }
    if (Object.keys(kept).length === before) return kept;
  }
}
