/** Reading of bytes that nobody vouches for: every access is checked, outside is `damaged`. */
import { refuse } from "./types.ts";

export function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? refuse("damaged");
}

export function u16(bytes: Uint8Array, at: number, little = false): number {
  const a = u8(bytes, at);
  const b = u8(bytes, at + 1);
  return little ? (b << 8) | a : (a << 8) | b;
}

export function u32(bytes: Uint8Array, at: number, little = false): number {
  const a = u16(bytes, at, little);
  const b = u16(bytes, at + 2, little);
  return little ? b * 65536 + a : a * 65536 + b;
}

/** A view, no copy. */
export function slice(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at < 0 || length < 0 || at + length > bytes.length) refuse("damaged");
  return bytes.subarray(at, at + length);
}

export function latin1(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = "";
  const end = Math.min(to, bytes.length);
  for (let at = from; at < end; at += 8192) text += String.fromCharCode(...bytes.subarray(at, Math.min(at + 8192, end)));
  return text;
}

export function startsWith(bytes: Uint8Array, text: string, at = 0): boolean {
  if (at < 0 || at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Where `text` stands first at or after `from` and before `to`; -1 if nowhere. */
export function find(bytes: Uint8Array, text: string, from = 0, to = bytes.length): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0 && at < to; at = bytes.indexOf(first, at + 1)) if (startsWith(bytes, text, at)) return at;
  return -1;
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 255);
}

export function join(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function be16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 255);
}

export function be32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

export function le16(value: number): Uint8Array {
  return be16(value).reverse();
}

export function le32(value: number): Uint8Array {
  return be32(value).reverse();
}

const CRC = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 of PNG and zip. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ (CRC[(crc ^ (bytes[at] as number)) & 255] as number);
  return (crc ^ -1) >>> 0;
}
