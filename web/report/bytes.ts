/** Bytes: hex, base64, big-endian numbers; one canonical form, anything else refused. */

export type Bytes = Uint8Array;

/** A stable name of what is wrong (docs/protocol/README.md). */
export class ProtocolError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export function refuse(code: string): never {
  throw new ProtocolError(code);
}

export function concat(...parts: Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function same(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  let differ = 0;
  a.forEach((byte, i) => (differ |= byte ^ (b[i] ?? 256)));
  return differ === 0;
}

export function isZero(bytes: Bytes): boolean {
  return bytes.every((byte) => byte === 0);
}

export function ascii(text: string): Bytes {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function fromUtf8(bytes: Bytes): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse("bad_json");
  }
}

export function u16(value: number): Bytes {
  return Uint8Array.of(value >>> 8, value & 255);
}

export function u32(value: number): Bytes {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

export function readU32(bytes: Bytes, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at);
}

export function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string, length: number): Bytes {
  if (text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) refuse("bad_json");
  return Uint8Array.from({ length }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

export function base64(bytes: Bytes): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

export function fromBase64(text: string): Bytes {
  let raw: string;
  try {
    raw = atob(text);
  } catch {
    return refuse("bad_json");
  }
  // atob forgives missing padding, white space and trailing bits; the protocol does not.
  if (btoa(raw) !== text) refuse("bad_json");
  return ascii(raw);
}

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
