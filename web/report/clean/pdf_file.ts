/** A PDF's objects as its newest table of contents gives them (ISO 32000-1, 7.5); what older versions of the file said is not reached from here. */
import { Count, Dict, Name, Parser, Ref, Stream, type Value } from "./pdf_parse.ts";
import { unpackOne } from "./pdf_filters.ts";
import { find, latin1 } from "./read.ts";
import { refuse, type Budget } from "./types.ts";

const OBJECTS_MAX = 1_000_000;
const SECTIONS_MAX = 4096;
const NESTED_MAX = 20;
const TAIL = 2048;

type Place = { at: number } | { container: number; index: number } | null;

/** Filters of a stream, in the order in which they are undone. */
export function filters(file: PdfFile, dict: Dict): string[] {
  const value = file.resolve(dict.entries.get("Filter"));
  const list = Array.isArray(value) ? value.map((one) => file.resolve(one)) : value === undefined || value === "null" ? [] : [value];
  return list.map((one) => (one instanceof Name ? one.text : refuse("damaged")));
}

/** PNG's prediction (ISO 32000-1, 7.4.4.4), rows of `columns` bytes. */
function unpredict(bytes: Uint8Array, columns: number): Uint8Array {
  if (columns < 1 || columns > 65536) refuse("damaged");
  const rows = Math.floor(bytes.length / (columns + 1));
  const out = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const kind = bytes[row * (columns + 1)];
    for (let i = 0; i < columns; i++) {
      const at = row * columns + i;
      const up = row > 0 ? (out[at - columns] as number) : 0;
      const left = i > 0 ? (out[at - 1] as number) : 0;
      if (kind === undefined || kind > 3) refuse("unsupported");
      const guess = [0, left, up, (left + up) >> 1][kind as number] as number;
      out[at] = (bytes[row * (columns + 1) + 1 + i] as number) + guess;
    }
  }
  return out;
}

export class PdfFile {
  readonly trailer = new Map<string, Value>();
  /** Whether an object stands in the file more than once: an older version of the document is in it. */
  hasOldVersions = false;
  private readonly places = new Map<number, Place>();
  private readonly containers = new Map<number, { number: number; value: Value }[]>();
  private readonly cache = new Map<number, Value | Stream>();
  private readonly shift: number;
  private readonly count = new Count();
  private nested = 0;

  constructor(private readonly bytes: Uint8Array, private readonly budget: Budget) {
    // Offsets count from the mark, where rubbish stands before it.
    this.shift = Math.max(0, find(bytes, "%PDF-", 0, 1024));
    this.readSections();
  }

  private parser(at: number): Parser {
    if (at < 0 || at >= this.bytes.length) refuse("damaged");
    return new Parser(this.bytes, at, this.count);
  }

  private readSections(): void {
    const tail = Math.max(0, this.bytes.length - TAIL);
    const mark = latin1(this.bytes, tail).lastIndexOf("startxref");
    if (mark < 0) refuse("damaged");
    const waiting = [this.parser(tail + mark + "startxref".length).integer()];
    const seen = new Set<number>();
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (seen.has(at)) continue;
      if (seen.add(at).size > SECTIONS_MAX) refuse("too_complex");
      const section = this.readSection(at + this.shift);
      for (const [key, value] of section.entries) if (!this.trailer.has(key)) this.trailer.set(key, value);
      const previous = section.entries.get("Prev");
      if (previous !== undefined) waiting.push(this.integer(previous));
    }
  }

  private integer(value: Value | Stream | undefined): number {
    return typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : refuse("damaged");
  }

  private readSection(at: number): Dict {
    const parser = this.parser(at);
    if (parser.word() !== "xref") return this.readStreamSection(at);
    const free = this.readTable(parser);
    const trailer = parser.value();
    if (!(trailer instanceof Dict)) return refuse("damaged");
    // Files for old and new readers at once: what the table calls free may stand in the stream.
    const beside = trailer.entries.get("XRefStm");
    if (beside !== undefined) this.readStreamSection(this.integer(beside) + this.shift);
    for (const number of free) this.place(number, null);
    return trailer;
  }

  private readTable(parser: Parser): number[] {
    const free: number[] = [];
    for (let word = parser.word(); word !== "trailer"; word = parser.word()) {
      if (!/^\d{1,8}$/.test(word)) refuse("damaged");
      const first = Number(word);
      const count = parser.integer();
      for (let i = 0; i < count; i++) {
        const at = parser.integer();
        parser.integer();
        if (parser.word() === "n") this.place(first + i, { at: at + this.shift });
        else free.push(first + i);
        if (free.length > OBJECTS_MAX) refuse("too_complex");
      }
    }
    return free;
  }

  private place(number: number, place: Place): void {
    const known = this.places.get(number);
    if (known === undefined) this.places.set(number, place);
    else if (place !== null && JSON.stringify(known) !== JSON.stringify(place)) this.hasOldVersions = true;
    if (this.places.size > OBJECTS_MAX) refuse("too_complex");
  }

  private readStreamSection(at: number): Dict {
    const { value } = this.parser(at).indirect((length) => this.integer(length));
    if (!(value instanceof Stream) || value.dict.name("Type") !== "XRef") return refuse("damaged");
    const { entries } = value.dict;
    const widths = entries.get("W");
    if (!Array.isArray(widths) || widths.length !== 3) return refuse("damaged");
    const index = entries.get("Index") ?? ["0", entries.get("Size") ?? "0"];
    if (!Array.isArray(index)) return refuse("damaged");
    this.readRows(this.decode(value), widths.map((width) => Math.min(this.integer(width), 8)), index.map((one) => this.integer(one)));
    return value.dict;
  }

  private readRows(rows: Uint8Array, widths: number[], index: number[]): void {
    let at = 0;
    const field = (width: number, absent: number): number => {
      if (at + width > rows.length) refuse("damaged");
      let value = width === 0 ? absent : 0;
      for (let i = 0; i < width; i++) value = value * 256 + (rows[at++] as number);
      return value;
    };
    for (let pair = 0; pair + 1 < index.length; pair += 2) {
      for (let i = 0; i < (index[pair + 1] as number); i++) {
        const [type, second, third] = [field(widths[0] as number, 1), field(widths[1] as number, 0), field(widths[2] as number, 0)];
        if (widths.every((width) => width === 0)) refuse("damaged");
        const number = (index[pair] as number) + i;
        this.place(number, type === 1 ? { at: second + this.shift } : type === 2 ? { container: second, index: third } : null);
      }
    }
  }

  /** Unpacked; only what object tables and metadata are packed with. */
  decode(stream: Stream): Uint8Array {
    const bytes = filters(this, stream.dict).reduce((data, filter) => unpackOne(filter, data, this.budget), stream.data);
    let options = this.resolve(stream.dict.entries.get("DecodeParms"));
    if (Array.isArray(options)) options = this.resolve(options[0]);
    if (!(options instanceof Dict)) return bytes;
    const predictor = this.resolve(options.entries.get("Predictor")) ?? "1";
    if (predictor === "1") return bytes;
    if (typeof predictor !== "string" || Number(predictor) < 10) refuse("unsupported");
    return unpredict(bytes, this.integer(this.resolve(options.entries.get("Columns")) ?? "1"));
  }

  load(number: number): Value | Stream {
    const known = this.cache.get(number);
    if (known !== undefined) return known;
    if (++this.nested > NESTED_MAX) refuse("damaged");
    const place = this.places.get(number);
    const value = !place ? "null" : "at" in place ? this.loadAt(place.at, number) : this.loadFrom(place.container, place.index, number);
    this.nested--;
    this.cache.set(number, value);
    return value;
  }

  private loadAt(at: number, wanted: number): Value | Stream {
    const { number, value } = this.parser(at).indirect((length) => {
      const resolved = this.resolve(length);
      return typeof resolved === "string" && /^\d{1,10}$/.test(resolved) ? Number(resolved) : -1;
    });
    return number === wanted ? value : refuse("damaged");
  }

  private loadFrom(container: number, index: number, wanted: number): Value {
    let inside = this.containers.get(container);
    if (!inside) {
      const place = this.places.get(container);
      const stream = place && "at" in place ? this.load(container) : null;
      inside = stream instanceof Stream ? this.unpack(stream) : refuse("damaged");
      this.containers.set(container, inside);
    }
    const entry = inside[index];
    return entry?.number === wanted ? entry.value : refuse("damaged");
  }

  private unpack(stream: Stream): { number: number; value: Value }[] {
    const bytes = this.decode(stream);
    const count = this.integer(this.resolve(stream.dict.entries.get("N")));
    const first = this.integer(this.resolve(stream.dict.entries.get("First")));
    const front = new Parser(bytes, 0, this.count);
    const heads: [number, number][] = [];
    for (let i = 0; i < count; i++) heads.push([front.integer(), front.integer()]);
    return heads.map(([number, at]) => ({ number, value: new Parser(bytes, first + at, this.count).value() }));
  }

  /** The value behind a reference; a stream gives its dictionary. */
  resolve(value: Value | undefined): Value | undefined {
    for (let hops = 0; value instanceof Ref; hops++) {
      if (hops > NESTED_MAX) refuse("damaged");
      const loaded = this.load(value.number);
      value = loaded instanceof Stream ? loaded.dict : loaded;
    }
    return value;
  }

  stream(value: Value | undefined): Stream | null {
    const loaded = value instanceof Ref ? this.load(value.number) : null;
    return loaded instanceof Stream ? loaded : null;
  }

  /** An object is needed once: what was copied need not stay. */
  forget(number: number): void {
    this.cache.delete(number);
  }
}
