/** WebP (RFC 9649): picture, transparency and animation, and the header's flags made to agree. */
import { orientationOnly, readExif, readXmp } from "./exif.ts";
import { neutralProfile } from "./icc.ts";
import { ascii, join, latin1, le32, slice, startsWith, u32 } from "./read.ts";
import { refuse, type Found } from "./types.ts";

const PICTURE = ["VP8 ", "VP8L", "ALPH", "ANIM"];
const ICC_FLAG = 0x20;
const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;
const CHUNKS_MAX = 200_000;

interface Chunk {
  name: string;
  content: Uint8Array;
}

function readChunks(bytes: Uint8Array, from: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = from; at < bytes.length; ) {
    if (chunks.length > CHUNKS_MAX) refuse("too_complex");
    const length = u32(bytes, at + 4, true);
    chunks.push({ name: latin1(slice(bytes, at, 4)), content: slice(bytes, at + 8, length) });
    at += 8 + length + (length & 1);
  }
  return chunks;
}

function chunk(name: string, content: Uint8Array): Uint8Array {
  return join([ascii(name), le32(content.length), content, new Uint8Array(content.length & 1)]);
}

/** A frame of an animation: 16 bytes, then chunks of its own. */
function frame(content: Uint8Array, found: Found): Uint8Array {
  const inner = readChunks(content, 16);
  const kept = inner.filter(({ name }) => PICTURE.includes(name) && name !== "ANIM");
  if (kept.length < inner.length) found.removed("other");
  return chunk("ANMF", join([slice(content, 0, 16), ...kept.map((one) => chunk(one.name, one.content))]));
}

export function cleanWebp(bytes: Uint8Array, found: Found): Uint8Array {
  if (!startsWith(bytes, "RIFF") || !startsWith(bytes, "WEBP", 8)) refuse("damaged");
  const end = Math.min(8 + u32(bytes, 4, true), bytes.length);
  if (end < bytes.length) found.removed("other");
  let header: Uint8Array | null = null;
  let profile: Uint8Array | null = null;
  let exif: Uint8Array = new Uint8Array(0);
  const picture: Uint8Array[] = [];
  for (const { name, content } of readChunks(bytes.subarray(0, end), 12)) {
    if (name === "VP8X") header = slice(content, 0, 10).slice();
    else if (name === "ICCP") profile = neutralProfile(content, found);
    else if (name === "EXIF") exif = orientationOnly(readExif(content, found));
    else if (name === "XMP ") readXmp(content, found);
    else if (name === "ANMF") picture.push(frame(content, found));
    else if (PICTURE.includes(name)) picture.push(chunk(name, content));
    else found.removed("other");
  }
  if (picture.length === 0) refuse("damaged");
  if (!header) return riff(picture);
  header[0] = ((header[0] ?? 0) & ~(ICC_FLAG | EXIF_FLAG | XMP_FLAG)) | (profile ? ICC_FLAG : 0) | (exif.length > 0 ? EXIF_FLAG : 0);
  return riff([chunk("VP8X", header), ...(profile ? [chunk("ICCP", profile)] : []), ...picture, ...(exif.length > 0 ? [chunk("EXIF", exif)] : [])]);
}

function riff(chunks: Uint8Array[]): Uint8Array {
  const body = join([ascii("WEBP"), ...chunks]);
  return join([ascii("RIFF"), le32(body.length), body]);
}
