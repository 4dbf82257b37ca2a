/** The values of PDF (ISO 32000-1, 7.3), read from bytes that nobody vouches for. */
import { ascii, find, latin1, startsWith } from "./read.ts";
import { refuse } from "./types.ts";

export class Name {
  constructor(readonly text: string) {}
}
export class Ref {
  constructor(readonly number: number) {}
}
export class Dict {
  constructor(readonly entries: Map<string, Value>) {}

  name(key: string): string {
    const value = this.entries.get(key);
    return value instanceof Name ? value.text : "";
  }
}
export class Stream {
  constructor(readonly dict: Dict, readonly data: Uint8Array) {}
}
/** A string of JavaScript is a token as written: a number, `true`, `false`, `null`, `(text)` or `<hex>`. */
export type Value = string | Name | Ref | Dict | Value[];

const DEPTH_MAX = 100;
const VALUES_MAX = 3_000_000;
const INTEGER = /^\d{1,10}$/;
const WHITE = [0, 9, 10, 12, 13, 32];
const DELIMITERS = [...ascii("()<>[]{}/%")];
const ENDS = Uint8Array.from({ length: 256 }, (_, byte) => (WHITE.includes(byte) || DELIMITERS.includes(byte) ? 1 : 0));

/** Counted over a whole file: a small file may unpack to many values. */
export class Count {
  private left = VALUES_MAX;

  one(): void {
    if (--this.left < 0) refuse("too_complex");
  }
}

export class Parser {
  constructor(private readonly bytes: Uint8Array, public at: number, private readonly count: Count) {}

  private peek(): number {
    return this.bytes[this.at] ?? -1;
  }

  skip(): void {
    for (;;) {
      const byte = this.peek();
      if (byte === 0x25) while (this.at < this.bytes.length && this.peek() !== 10 && this.peek() !== 13) this.at++;
      else if (byte >= 0 && WHITE.includes(byte)) this.at++;
      else return;
    }
  }

  /** Letters up to the next white space or delimiter. */
  word(): string {
    this.skip();
    const from = this.at;
    while (this.at < this.bytes.length && ENDS[this.peek()] === 0) this.at++;
    if (this.at - from > 1000) refuse("damaged");
    return latin1(this.bytes, from, this.at);
  }

  integer(): number {
    const word = this.word();
    return INTEGER.test(word) ? Number(word) : refuse("damaged");
  }

  value(depth = 0): Value {
    if (depth > DEPTH_MAX) refuse("too_complex");
    this.count.one();
    this.skip();
    const byte = this.peek();
    if (byte === 0x2f) return new Name(this.name());
    if (byte === 0x5b) return this.array(depth);
    if (byte === 0x28) return this.text();
    if (byte === 0x3c) return this.bytes[this.at + 1] === 0x3c ? this.dict(depth) : this.hex();
    return this.numberOrWord();
  }

  private name(): string {
    this.at++;
    const from = this.at;
    while (this.at < this.bytes.length && ENDS[this.peek()] === 0) this.at++;
    return latin1(this.bytes, from, this.at).replace(/#([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
  }

  private array(depth: number): Value[] {
    const values: Value[] = [];
    for (this.at++; ; ) {
      this.skip();
      if (this.peek() === 0x5d) break;
      values.push(this.value(depth + 1));
    }
    this.at++;
    return values;
  }

  private dict(depth: number): Dict {
    const entries = new Map<string, Value>();
    for (this.at += 2; ; ) {
      this.skip();
      if (startsWith(this.bytes, ">>", this.at)) break;
      if (this.peek() !== 0x2f) refuse("damaged");
      entries.set(this.name(), this.value(depth + 1));
    }
    this.at += 2;
    return new Dict(entries);
  }

  private text(): string {
    const from = this.at;
    let depth = 0;
    do {
      const byte = this.peek();
      if (byte < 0) refuse("damaged");
      if (byte === 0x5c) this.at++;
      else if (byte === 0x28) depth++;
      else if (byte === 0x29) depth--;
      this.at++;
    } while (depth > 0);
    return latin1(this.bytes, from, this.at);
  }

  private hex(): string {
    const end = this.bytes.indexOf(0x3e, this.at);
    if (end < 0) refuse("damaged");
    const text = latin1(this.bytes, this.at, end + 1).replace(/\s/g, "");
    this.at = end + 1;
    return /^<[0-9A-Fa-f]*>$/.test(text) ? text : refuse("damaged");
  }

  private numberOrWord(): Value {
    const word = this.word();
    if (/^(?:true|false|null)$/.test(word)) return word;
    if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(word)) refuse("damaged");
    if (!INTEGER.test(word)) return word;
    const here = this.at;
    if (INTEGER.test(this.word()) && this.word() === "R") return new Ref(Number(word));
    this.at = here;
    return word;
  }

  /** `n g obj` … `endobj`. `lengthOf` finds a stream's length where it stands elsewhere. */
  indirect(lengthOf: (value: Value | undefined) => number): { number: number; value: Value | Stream } {
    const number = this.integer();
    this.integer();
    if (this.word() !== "obj") refuse("damaged");
    const value = this.value();
    const here = this.at;
    if (!(value instanceof Dict) || this.word() !== "stream") {
      this.at = here;
      return { number, value };
    }
    if (this.peek() === 13) this.at++;
    if (this.peek() === 10) this.at++;
    return { number, value: new Stream(value, this.data(lengthOf(value.entries.get("Length")))) };
  }

  /** Where the stated length is wrong, the next `endstream` ends the data, as all readers do. */
  private data(length: number): Uint8Array {
    const from = this.at;
    const after = new Parser(this.bytes, from + length, this.count);
    if (length >= 0 && from + length <= this.bytes.length && after.word() === "endstream") return this.bytes.subarray(from, from + length);
    const end = find(this.bytes, "endstream", from);
    if (end < 0) refuse("damaged");
    const back = this.bytes[end - 1] === 10 && this.bytes[end - 2] === 13 ? 2 : this.bytes[end - 1] === 10 || this.bytes[end - 1] === 13 ? 1 : 0;
    return this.bytes.subarray(from, Math.max(from, end - back));
  }
}
