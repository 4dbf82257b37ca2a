/**
 * PDF: everything that the newest version shows is copied into a new file, object by object, from the catalogue on. What is not
 * reached (older versions, Info, ID) is not copied, and what is reached goes through the rules of `pdf_rules.ts`.
 */
import { readXmp } from "./exif.ts";
import { cleanJp2 } from "./jp2.ts";
import { cleanJpeg } from "./jpeg.ts";
import { filters, PdfFile } from "./pdf_file.ts";
import { unpackOne } from "./pdf_filters.ts";
import { Dict, Name, Ref, Stream, type Value } from "./pdf_parse.ts";
import { catalogue, cleanEntries, isActive } from "./pdf_rules.ts";
import { PdfWriter } from "./pdf_write.ts";
import { refuse, type Budget, type Category, type Found } from "./types.ts";

const INFO: Record<string, Category> = { Author: "author", Creator: "software", Producer: "software", CreationDate: "dates", ModDate: "dates", Title: "comment", Subject: "comment", Keywords: "comment" };
const DEVICE: Record<string, string> = { "1": "DeviceGray", "3": "DeviceRGB", "4": "DeviceCMYK" };
const PACKETS_MAX = 50;

class Copier {
  private readonly numbers = new Map<number, number>();
  private readonly waiting: number[] = [];
  private last = 0;
  private packets = 0;
  readonly writer = new PdfWriter(() => ++this.last);

  constructor(private readonly file: PdfFile, private readonly found: Found, private readonly budget: Budget) {}

  /** The number in the new file. */
  private number(old: number): number {
    const known = this.numbers.get(old);
    if (known !== undefined) return known;
    this.numbers.set(old, ++this.last);
    this.waiting.push(old);
    return this.last;
  }

  run(root: Ref): Uint8Array {
    const first = this.number(root.number);
    for (let old = this.waiting.pop(); old !== undefined; old = this.waiting.pop()) {
      const number = this.number(old);
      const object = this.file.load(old);
      if (old === root.number && object instanceof Dict) this.writer.add(number, this.dict(catalogue(object, this.found)));
      else this.writer.add(number, object instanceof Stream ? this.stream(object) : this.value(object));
      this.file.forget(old);
    }
    return this.writer.end(first);
  }

  private value(value: Value): Value {
    if (value instanceof Ref) return new Ref(this.number(value.number));
    if (Array.isArray(value)) return this.neutralSpace(value) ?? value.map((one) => this.value(one));
    if (!(value instanceof Dict)) return value;
    if (isActive(value, (one) => this.file.resolve(one))) {
      this.found.removed("other");
      return "null";
    }
    return this.dict(value);
  }

  private dict(dict: Dict): Dict {
    const packet = this.file.stream(dict.entries.get("Metadata"));
    if (packet && this.packets++ < PACKETS_MAX) readXmp(this.file.decode(packet), this.found);
    const kept = cleanEntries(dict, (one) => this.file.resolve(one), this.found);
    return new Dict(new Map(kept.map(([key, value]): [string, Value] => [key, this.value(value)])));
  }

  /** A colour profile can name a device (see `icc.ts`): the plain space of as many colours stands in. */
  private neutralSpace(value: Value[]): Value | null {
    if (!(value[0] instanceof Name) || value[0].text !== "ICCBased") return null;
    const profile = this.file.resolve(value[1]);
    const colours = profile instanceof Dict ? this.file.resolve(profile.entries.get("N")) : undefined;
    return new Name(DEVICE[typeof colours === "string" ? colours : ""] ?? refuse("damaged"));
  }

  private stream(stream: Stream): Stream {
    if (stream.dict.name("Type") === "EmbeddedFile") refuse("embedded");
    // Data that stands in another file.
    if (stream.dict.entries.has("F")) refuse("embedded");
    const used = filters(this.file, stream.dict);
    const dict = this.dict(stream.dict);
    dict.entries.delete("DL");
    const how = used[used.length - 1];
    if (how !== "DCTDecode" && how !== "DCT" && how !== "JPXDecode") return new Stream(dict, stream.data);
    const picture = used.slice(0, -1).reduce((data, filter) => unpackOne(filter, data, this.budget), stream.data);
    dict.entries.set("Filter", new Name(how));
    if (used.length > 1) dict.entries.delete("DecodeParms");
    return new Stream(dict, how === "JPXDecode" ? cleanJp2(picture, this.found) : cleanJpeg(picture, this.found, false));
  }
}

function noteInfo(file: PdfFile, found: Found): void {
  const info = file.resolve(file.trailer.get("Info"));
  if (!(info instanceof Dict)) return;
  for (const [key, value] of info.entries) if (value !== "()" && value !== "<>") found.removed(INFO[key] ?? "other");
}

export function cleanPdf(bytes: Uint8Array, found: Found, budget: Budget): Uint8Array {
  const file = new PdfFile(bytes, budget);
  if (file.trailer.has("Encrypt")) refuse("encrypted");
  const root = file.trailer.get("Root");
  if (!(root instanceof Ref) || !(file.resolve(root) instanceof Dict)) return refuse("damaged");
  noteInfo(file, found);
  if (file.hasOldVersions) found.removed("history");
  return new Copier(file, found, budget).run(root);
}
