/** The packings of PDF (ISO 32000-1, 7.4) that can stand around a picture or a table of objects. */
import { inflateZlib } from "./inflate.ts";
import { refuse, type Budget } from "./types.ts";

const WHITE = [0, 9, 10, 12, 13, 32];
const TILDE = 0x7e;

function hex(data: Uint8Array): Uint8Array {
  const out: number[] = [];
  let high = -1;
  for (const byte of data) {
    if (WHITE.includes(byte)) continue;
    if (byte === 0x3e) break;
    const digit = parseInt(String.fromCharCode(byte), 16);
    if (Number.isNaN(digit)) refuse("damaged");
    if (high >= 0) out.push(high * 16 + digit);
    high = high >= 0 ? -1 : digit;
  }
  if (high >= 0) out.push(high * 16);
  return Uint8Array.from(out);
}

/** `count` digits of base 85 give `count - 1` bytes. */
function group(digits: number[], out: Uint8Array, at: number): number {
  const count = digits.length;
  while (digits.length < 5) digits.push(84);
  const value = digits.reduce((sum, digit) => sum * 85 + digit, 0);
  if (count === 1 || value > 0xffffffff) refuse("damaged");
  for (let i = 0; i < count - 1; i++) out[at + i] = Math.floor(value / 2 ** (24 - 8 * i)) & 255;
  return at + count - 1;
}

function base85(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length * 4);
  let at = 0;
  let digits: number[] = [];
  for (const byte of data) {
    if (WHITE.includes(byte)) continue;
    if (byte === TILDE) break;
    if (byte === 0x7a && digits.length === 0) at += 4;
    else if (byte < 0x21 || byte > 0x75) refuse("damaged");
    else digits.push(byte - 0x21);
    if (digits.length < 5) continue;
    at = group(digits, out, at);
    digits = [];
  }
  if (digits.length > 0) at = group(digits, out, at);
  return out.subarray(0, at);
}

/** One packing undone; `unsupported` if it is none of the usual. */
export function unpackOne(filter: string, data: Uint8Array, budget: Budget): Uint8Array {
  if (filter === "ASCIIHexDecode" || filter === "AHx" || filter === "ASCII85Decode" || filter === "A85") {
    // Base 85 has room for four bytes for each letter `z`.
    budget.spend(4 * data.length);
    return filter.startsWith("ASCIIH") || filter === "AHx" ? hex(data) : base85(data);
  }
  if (filter !== "FlateDecode" && filter !== "Fl") refuse("unsupported");
  const bytes = inflateZlib(data, budget.most);
  budget.spend(bytes.length);
  return bytes;
}
