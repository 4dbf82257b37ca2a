/** Eight words, and the keys that come from them (docs/protocol/receipt.md). */
import { concat, type Bytes } from "./bytes.ts";
import { boxKey, derive, hash, random, receiptRoot, signKey, type BoxKey, type SignKey } from "./crypto.ts";

export const WORDS = 8;
const WORD_BITS = 11n;
const PREFIX_LETTERS = 4;
const ENTROPY_BYTES = 11;

/** Without accents, in lower case. */
export function fold(word: string): string {
  return word.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

function prefix(folded: string): string {
  return Array.from(folded).slice(0, PREFIX_LETTERS).join("");
}

/** One list of 2048 words with forgiving look-up. */
export class WordList {
  private readonly exact = new Map<string, number>();
  private readonly prefixes = new Map<string, number>();

  constructor(readonly language: string, readonly words: string[]) {
    words.forEach((word, index) => {
      this.exact.set(fold(word), index);
      this.prefixes.set(prefix(fold(word)), index);
    });
  }

  static parse(language: string, text: string): WordList {
    const words = text.trimEnd().split("\n");
    if (words.length !== 2048) throw new Error("not a word list");
    return new WordList(language, words);
  }

  index(typed: string): number | undefined {
    const folded = fold(typed);
    const byPrefix = Array.from(folded).length >= PREFIX_LETTERS ? this.prefixes.get(prefix(folded)) : undefined;
    return this.exact.get(folded) ?? byPrefix;
  }

  prefixOf(index: number): string {
    return prefix(fold(this.words[index] ?? ""));
  }
}

/** A list that is known by what it shares with another: enough to draw words by. */
export class Prefixes {
  private constructor(readonly language: string, private readonly known: Set<string>) {}

  /** `bits`: one a word of `list`. */
  static of(list: WordList, language: string, bits: Bytes): Prefixes {
    const shared = list.words.flatMap((_, at) => (((bits[at >> 3] ?? 0) >> (at & 7)) & 1 ? [list.prefixOf(at)] : []));
    return new Prefixes(language, new Set(shared));
  }

  index(typed: string): number | undefined {
    return this.known.has(typed) ? 0 : undefined;
  }
}

/** What a list says about a prefix. */
interface Resolves { language: string; index: (typed: string) => number | undefined }

export type Typed =
  | { ok: true; receipt: Receipt }
  | { ok: false; code: "wrong_count"; count: number }
  | { ok: false; code: "unknown_word"; position: number; word: string }
  | { ok: false; code: "ambiguous" };

export class Receipt {
  constructor(readonly entropy: Bytes, readonly list: WordList) {}

  /** Drawn again until its prefixes resolve in its own list only. */
  static generate(list: WordList, others: Resolves[]): Receipt {
    for (;;) {
      const receipt = new Receipt(random(ENTROPY_BYTES), list);
      const prefixes = receipt.indexes().map((index) => list.prefixOf(index));
      const elsewhere = others.some((other) => other.language !== list.language && prefixes.every((word) => other.index(word) !== undefined));
      if (!elsewhere) return receipt;
    }
  }

  private static fromIndexes(indexes: number[], list: WordList): Receipt {
    let bits = indexes.reduce((sum, index) => (sum << WORD_BITS) | BigInt(index), 0n);
    const entropy = new Uint8Array(ENTROPY_BYTES);
    for (let at = ENTROPY_BYTES - 1; at >= 0; at--) {
      entropy[at] = Number(bits & 255n);
      bits >>= 8n;
    }
    return new Receipt(entropy, list);
  }

  /** Typed words in any of the lists. */
  static parse(typed: string, lists: WordList[]): Typed {
    const words = splitWords(typed);
    if (words.length !== WORDS) return { ok: false, code: "wrong_count", count: words.length };
    const tries = lists.map((list) => ({ list, found: words.map((word) => list.index(word)) }));
    const good = tries.filter((one) => one.found.every((index) => index !== undefined));
    if (good.length > 1) return { ok: false, code: "ambiguous" };
    const [only] = good;
    if (only) return { ok: true, receipt: Receipt.fromIndexes(only.found as number[], only.list) };
    // The list that got furthest names the word.
    const reach = (one: (typeof tries)[number]): number => WORDS * one.found.filter((index) => index !== undefined).length + one.found.indexOf(undefined);
    const best = tries.reduce((a, b) => (reach(b) > reach(a) ? b : a));
    const at = best.found.indexOf(undefined);
    return { ok: false, code: "unknown_word", position: at + 1, word: words[at] ?? "" };
  }

  indexes(): number[] {
    const bits = this.entropy.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return Array.from({ length: WORDS }, (_, i) => Number((bits >> (WORD_BITS * BigInt(WORDS - 1 - i))) & 2047n));
  }

  words(): string[] {
    return this.indexes().map((index) => this.list.words[index] ?? "");
  }

  keys(deployment: Bytes): ReporterKeys {
    return reporterKeys(receiptRoot(this.entropy, deployment));
  }
}

/** Split at anything that is not a letter. */
export function splitWords(typed: string): string[] {
  return typed.split(/[^\p{Alphabetic}\u0300-\u036f]+/u).filter((word) => word !== "");
}

export interface ReporterKeys {
  sign: SignKey;
  box: BoxKey;
  mailboxId: Bytes;
}

export function reporterKeys(root: Bytes): ReporterKeys {
  const sign = signKey(derive(root, "reporter sign"));
  return { sign, box: boxKey(derive(root, "reporter box")), mailboxId: mailboxId(sign.pk) };
}

export function mailboxId(signPk: Bytes): Bytes {
  return hash("mailbox", concat(signPk));
}
