/** JPEG 2000 in its box file (ISO/IEC 15444-1, annex I), as scanners put it into PDF: header and picture. */
import { join, latin1, slice, startsWith, u32 } from "./read.ts";
import { refuse, type Found } from "./types.ts";

const NEEDED = ["jP  ", "ftyp", "jp2h", "jp2c"];

export function cleanJp2(bytes: Uint8Array, found: Found): Uint8Array {
  if (!startsWith(bytes, "jP  ", 4)) return bytes;
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const stated = u32(bytes, at);
    if (stated === 1) refuse("unsupported");
    const length = stated === 0 ? bytes.length - at : stated;
    if (length < 8) refuse("damaged");
    const box = slice(bytes, at, length);
    if (NEEDED.includes(latin1(box, 4, 8))) parts.push(box);
    else found.removed("other");
    at += length;
  }
  return join(parts);
}
