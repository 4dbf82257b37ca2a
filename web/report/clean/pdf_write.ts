/** PDF written anew: one version, one table of contents, no Info, no ID. */
import { deflateZlib } from "./deflate.ts";
import { Dict, Name, Ref, Stream, type Value } from "./pdf_parse.ts";
import { ascii, be16, be32, join } from "./read.ts";

const PER_CONTAINER = 200;

function writeName(text: string): string {
  return `/${text.replace(/[^!-~]|[#()<>[\]{}/%]/g, (letter) => `#${letter.charCodeAt(0).toString(16).padStart(2, "0")}`)}`;
}

export function writeValue(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Name) return writeName(value.text);
  if (value instanceof Ref) return `${value.number} 0 R`;
  if (Array.isArray(value)) return `[${value.map(writeValue).join(" ")}]`;
  return `<<${[...value.entries].map(([key, one]) => `${writeName(key)} ${writeValue(one)}`).join("\n")}>>`;
}

type Row = [type: number, second: number, third: number];

export class PdfWriter {
  private readonly parts: Uint8Array[] = [];
  private readonly rows = new Map<number, Row>();
  private waiting: { number: number; text: string }[] = [];
  private at = 0;

  /** `next` gives a number that no object has. */
  constructor(private readonly next: () => number) {
    this.put(ascii("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"));
  }

  private put(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.at += bytes.length;
  }

  add(number: number, value: Value | Stream): void {
    if (value instanceof Stream) return this.addStream(number, value);
    this.waiting.push({ number, text: writeValue(value) });
    if (this.waiting.length >= PER_CONTAINER) this.pack();
  }

  private addStream(number: number, stream: Stream): void {
    this.rows.set(number, [1, this.at, 0]);
    stream.dict.entries.set("Length", String(stream.data.length));
    this.put(ascii(`${number} 0 obj\n${writeValue(stream.dict)}\nstream\n`));
    this.put(stream.data);
    this.put(ascii("\nendstream\nendobj\n"));
  }

  /** What waits goes into one packed stream (ISO 32000-1, 7.5.7): small objects would be most of the file otherwise. */
  private pack(): void {
    if (this.waiting.length === 0) return;
    const container = this.next();
    let at = 0;
    const heads = this.waiting.map(({ number, text }, index) => {
      this.rows.set(number, [2, container, index]);
      const head = `${number} ${at}`;
      at += text.length + 1;
      return head;
    });
    const front = `${heads.join(" ")}\n`;
    const data = deflateZlib(ascii(`${front}${this.waiting.map(({ text }) => `${text}\n`).join("")}`));
    const entries: [string, Value][] = [["Type", new Name("ObjStm")], ["N", String(this.waiting.length)], ["First", String(front.length)], ["Filter", new Name("FlateDecode")]];
    this.waiting = [];
    this.addStream(container, new Stream(new Dict(new Map(entries)), data));
  }

  end(root: number): Uint8Array {
    this.pack();
    const number = this.next();
    const start = this.at;
    this.rows.set(number, [1, start, 0]);
    const rows = Array.from({ length: number + 1 }, (_, i) => this.rows.get(i) ?? ([0, 0, 65535] as Row));
    const data = deflateZlib(join(rows.map(([type, second, third]) => join([Uint8Array.of(type), be32(second), be16(third)]))));
    const entries: [string, Value][] = [["Type", new Name("XRef")], ["Size", String(number + 1)], ["W", ["1", "4", "2"]], ["Root", new Ref(root)], ["Filter", new Name("FlateDecode")]];
    this.addStream(number, new Stream(new Dict(new Map(entries)), data));
    this.put(ascii(`startxref\n${start}\n%%EOF\n`));
    return join(this.parts);
  }
}
