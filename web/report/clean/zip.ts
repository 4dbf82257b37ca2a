/** Zip (PKWARE APPNOTE 6.3), as Office writes it: read by its central directory, written anew with nothing in it but names and contents. */
import { deflate } from "./deflate.ts";
import { inflate } from "./inflate.ts";
import { ascii, crc32, join, le16, le32, slice, startsWith, u16, u32 } from "./read.ts";
import { Budget, refuse, type Found } from "./types.ts";

const END = 22;
const COMMENT_MAX = 65535;
const ENTRIES_MAX = 20_000;
/** 1 January 1980, 0:00: what Office itself writes. */
const NO_DATE = 0x21;

export interface Entry {
  name: string;
  /** As packed in the file. */
  packed: Uint8Array;
  method: number;
  size: number;
}

function findEnd(bytes: Uint8Array): number {
  for (let at = bytes.length - END; at >= Math.max(0, bytes.length - END - COMMENT_MAX); at--) if (startsWith(bytes, "PK\x05\x06", at)) return at;
  return refuse("damaged");
}

function readName(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("damaged");
  }
}

function readEntry(bytes: Uint8Array, at: number, found: Found): { entry: Entry; length: number } {
  if (!startsWith(bytes, "PK\x01\x02", at)) refuse("damaged");
  if (u16(bytes, at + 8, true) & 1) refuse("encrypted");
  const nameLength = u16(bytes, at + 28, true);
  const tail = u16(bytes, at + 30, true) + u16(bytes, at + 32, true);
  if (u16(bytes, at + 14, true) !== NO_DATE && u16(bytes, at + 14, true) !== 0) found.removed("dates");
  const local = u32(bytes, at + 42, true);
  if (!startsWith(bytes, "PK\x03\x04", local)) refuse("damaged");
  const from = local + 30 + u16(bytes, local + 26, true) + u16(bytes, local + 28, true);
  const entry: Entry = {
    name: readName(slice(bytes, at + 46, nameLength)),
    packed: slice(bytes, from, u32(bytes, at + 20, true)),
    method: u16(bytes, at + 10, true),
    size: u32(bytes, at + 24, true),
  };
  return { entry, length: 46 + nameLength + tail };
}

/** All entries in order. Two of one name are refused: readers differ in which one they show. */
export function readZip(bytes: Uint8Array, found: Found): Entry[] {
  const end = findEnd(bytes);
  const count = u16(bytes, end + 10, true);
  if (count > ENTRIES_MAX) refuse("too_complex");
  if (u16(bytes, end + 20, true) > 0) found.removed("comment");
  const entries: Entry[] = [];
  const names = new Set<string>();
  for (let i = 0, at = u32(bytes, end + 16, true); i < count; i++) {
    const { entry, length } = readEntry(bytes, at, found);
    at += length;
    if (names.has(entry.name.toLowerCase())) refuse("damaged");
    names.add(entry.name.toLowerCase());
    if (!entry.name.endsWith("/")) entries.push(entry);
  }
  return entries;
}

export function unpack(entry: Entry, budget: Budget): Uint8Array {
  if (entry.method !== 0 && entry.method !== 8) refuse("unsupported");
  const bytes = entry.method === 0 ? entry.packed : inflate(entry.packed, budget.most);
  if (bytes.length !== entry.size) refuse("damaged");
  budget.spend(bytes.length);
  return bytes;
}

export class ZipWriter {
  private readonly parts: Uint8Array[] = [];
  private readonly central: Uint8Array[] = [];
  private at = 0;
  private count = 0;

  /** `plain`: not worth compressing, or not allowed to be. */
  add(name: string, bytes: Uint8Array, plain = false): void {
    const packed = plain ? bytes : deflate(bytes);
    const method = !plain && packed.length < bytes.length ? 8 : 0;
    const content = method === 8 ? packed : bytes;
    const letters = new TextEncoder().encode(name);
    const flags = letters.length === name.length ? 0 : 0x0800;
    const facts = join([le16(20), le16(flags), le16(method), le16(0), le16(NO_DATE), le32(crc32(bytes)), le32(content.length), le32(bytes.length), le16(letters.length), le16(0)]);
    this.parts.push(ascii("PK\x03\x04"), facts, letters, content);
    this.central.push(ascii("PK\x01\x02"), le16(20), facts, new Uint8Array(10), le32(this.at), letters);
    this.at += 4 + facts.length + letters.length + content.length;
    this.count++;
  }

  end(): Uint8Array {
    const central = join(this.central);
    return join([...this.parts, central, ascii("PK\x05\x06"), le32(0), le16(this.count), le16(this.count), le32(central.length), le32(this.at), le16(0)]);
  }
}
