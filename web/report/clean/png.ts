/** PNG: the chunks a decoder needs, with the rest and whatever follows the end left out. The compressed picture is copied as it is. */
import { orientationOnly, readExif, readXmp } from "./exif.ts";
import { neutralProfile } from "./icc.ts";
import { inflateZlib } from "./inflate.ts";
import { storedZlib } from "./deflate.ts";
import { ascii, be32, crc32, join, latin1, slice, startsWith, u32, u8 } from "./read.ts";
import { Refused, refuse, type Category, type Found } from "./types.ts";

const SIGNATURE = "\x89PNG\r\n\x1a\n";
/** Picture, palette, transparency, animation, and colour spaces given as one of few numbers. */
const NEEDED = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "sRGB", "cICP", "sBIT", "bKGD", "acTL", "fcTL", "fdAT"];
/** Gammas that are a convention and not a measurement of somebody's screen. */
const GAMMAS = [45455, 55556, 100000];
const PROFILE_MAX = 4 * 1024 * 1024;
const CHUNKS_MAX = 200_000;

const KEYWORDS: Record<string, Category> = { author: "author", copyright: "author", software: "software", "creation time": "dates", "date:create": "dates", "date:modify": "dates", source: "device" };

function chunk(name: string, content: Uint8Array): Uint8Array {
  const named = join([ascii(name), content]);
  return join([be32(content.length), named, be32(crc32(named))]);
}

function noteText(content: Uint8Array, found: Found): void {
  const end = content.indexOf(0);
  const keyword = latin1(content, 0, end < 0 ? 79 : Math.min(end, 79)).toLowerCase();
  if (keyword.includes("xmp") || keyword.includes("raw profile")) readXmp(content, found);
  else found.removed(KEYWORDS[keyword] ?? "comment");
}

/** Pixels that are not square keep their shape; how many go in an inch tells of the screen and is left out. */
function shapeOnly(content: Uint8Array): Uint8Array[] {
  const across = u32(content, 0);
  const down = u32(content, 4);
  return across === down ? [] : [chunk("pHYs", join([be32(across), be32(down), Uint8Array.of(0)]))];
}

function profile(content: Uint8Array, found: Found): Uint8Array[] {
  try {
    const name = content.indexOf(0);
    const neutral = neutralProfile(inflateZlib(content.subarray(name + 2), PROFILE_MAX), found);
    return neutral ? [chunk("iCCP", join([ascii("RGB\0\0"), storedZlib(neutral)]))] : [];
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    found.removed("device");
    return [];
  }
}

function take(name: string, content: Uint8Array, found: Found): Uint8Array[] {
  if (NEEDED.includes(name)) return [chunk(name, content)];
  if (name === "gAMA" && GAMMAS.includes(u32(content, 0))) return [chunk(name, content.subarray(0, 4))];
  if (name === "pHYs") return shapeOnly(content);
  if (name === "iCCP") return profile(content, found);
  if (name === "eXIf") {
    const exif = orientationOnly(readExif(content, found));
    return exif.length > 0 ? [chunk("eXIf", exif)] : [];
  }
  if (/^[A-Z]/.test(name)) refuse("damaged");
  if (/^(?:tEXt|zTXt|iTXt)$/.test(name)) noteText(content, found);
  else if (name === "tIME") found.removed("dates");
  else if (name === "cHRM" || name === "gAMA" || name === "hIST") return [];
  else found.removed("other");
  return [];
}

export function cleanPng(bytes: Uint8Array, found: Found): Uint8Array {
  if (!startsWith(bytes, SIGNATURE)) refuse("damaged");
  const parts: Uint8Array[] = [ascii(SIGNATURE)];
  let at = 8;
  for (let chunks = 0, name = ""; name !== "IEND"; chunks++) {
    if (chunks > CHUNKS_MAX) refuse("too_complex");
    const length = u32(bytes, at);
    name = latin1(slice(bytes, at + 4, 4));
    if (chunks === 0 && name !== "IHDR") refuse("damaged");
    const content = slice(bytes, at + 8, length);
    u8(bytes, at + 11 + length);
    parts.push(...take(name, content, found));
    at += 12 + length;
  }
  // Behind the end some phones left the picture as it was before it was cropped.
  if (at < bytes.length) found.removed("history");
  return join(parts);
}
