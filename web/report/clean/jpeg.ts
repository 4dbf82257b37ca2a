/** JPEG (ITU T.81): the picture's own segments, nothing else. The compressed picture is copied as it is: no pixel changes. */
import { orientationOnly, readExif, readIptc, readXmp } from "./exif.ts";
import { neutralProfile } from "./icc.ts";
import { ascii, be16, join, slice, startsWith, u16, u8 } from "./read.ts";
import { refuse, type Found } from "./types.ts";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const COM = 0xfe;
/** Frames, tables, restarts: what a decoder needs. */
const NEEDED = [0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, SOS, 0xdb, 0xdc, 0xdd];
const JFIF_LENGTH = 14;
const ADOBE_LENGTH = 12;
const ICC_PART = 65000;

interface Picture {
  jfif: Uint8Array[];
  orientation: number;
  icc: { number: number; data: Uint8Array }[];
  body: Uint8Array[];
  frames: number;
  scans: number;
}

function segment(marker: number, content: Uint8Array): Uint8Array {
  return join([Uint8Array.of(0xff, marker), be16(content.length + 2), content]);
}

function takeApp0(picture: Picture, content: Uint8Array, found: Found): void {
  if (!startsWith(content, "JFIF\0") || content.length < JFIF_LENGTH) return found.removed("thumbnail");
  if (content.length > JFIF_LENGTH) found.removed("thumbnail");
  const kept = content.slice(0, JFIF_LENGTH);
  kept.set([0, 0], JFIF_LENGTH - 2);
  if (picture.jfif.length === 0) picture.jfif.push(segment(0xe0, kept));
}

function takeApp1(picture: Picture, content: Uint8Array, found: Found): void {
  if (startsWith(content, "Exif\0")) picture.orientation = readExif(content, found);
  else readXmp(content, found);
}

function takeApp2(picture: Picture, content: Uint8Array, found: Found): void {
  if (startsWith(content, "ICC_PROFILE\0") && content.length > 14) picture.icc.push({ number: u8(content, 12), data: content.subarray(14) });
  else found.removed(startsWith(content, "MPF\0") ? "thumbnail" : "other");
}

function takeSegment(picture: Picture, marker: number, content: Uint8Array, found: Found): void {
  if (NEEDED.includes(marker)) {
    picture.body.push(segment(marker, content));
    if (marker === SOS) picture.scans++;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xcc].includes(marker)) picture.frames++;
  } else if (marker === 0xe0) takeApp0(picture, content, found);
  else if (marker === 0xe1) takeApp1(picture, content, found);
  else if (marker === 0xe2) takeApp2(picture, content, found);
  else if (marker === 0xed) readIptc(content, found);
  // Which colours the numbers mean: decoders need it.
  else if (marker === 0xee && startsWith(content, "Adobe") && content.length >= ADOBE_LENGTH) picture.body.push(segment(0xee, content.subarray(0, ADOBE_LENGTH)));
  else found.removed(marker === COM ? "comment" : "other");
}

/** Where the compressed data that starts at `from` ends: at the next marker that is neither stuffing nor a restart. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) return at;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

function readAll(bytes: Uint8Array, picture: Picture, found: Found): number {
  let at = 2;
  while (at < bytes.length) {
    if (u8(bytes, at) !== 0xff) refuse("damaged");
    while (bytes[at] === 0xff) at++;
    const marker = u8(bytes, at++);
    if (marker === EOI) return at;
    if (marker === 0 || marker === SOI) refuse("damaged");
    if (marker === 1 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    const length = u16(bytes, at);
    if (length < 2) refuse("damaged");
    takeSegment(picture, marker, slice(bytes, at + 2, length - 2), found);
    at += length;
    if (marker !== SOS) continue;
    const end = scanEnd(bytes, at);
    picture.body.push(bytes.subarray(at, end));
    at = end;
  }
  return bytes.length;
}

function noteTail(tail: Uint8Array, found: Found): void {
  if (tail.every((byte) => byte === 0)) return;
  const front = tail.subarray(0, 64);
  const isVideo = startsWith(front, "ftyp", 4) || startsWith(tail, "MotionPhoto_Data");
  found.removed(isVideo ? "video" : startsWith(tail, "\xff\xd8") ? "thumbnail" : "other");
}

/** `upright`: say which way is up (a picture inside a PDF must not, there the page says it). */
export function cleanJpeg(bytes: Uint8Array, found: Found, upright = true): Uint8Array {
  if (u16(bytes, 0) !== 0xffd8) refuse("damaged");
  const picture: Picture = { jfif: [], orientation: 1, icc: [], body: [], frames: 0, scans: 0 };
  const end = readAll(bytes, picture, found);
  if (picture.frames === 0 || picture.scans === 0) refuse("damaged");
  noteTail(bytes.subarray(end), found);
  const front: Uint8Array[] = [Uint8Array.of(0xff, SOI), ...picture.jfif];
  const exif = orientationOnly(picture.orientation);
  if (upright && exif.length > 0) front.push(segment(0xe1, join([ascii("Exif\0\0"), exif])));
  const profile = picture.icc.length > 0 ? neutralProfile(join(picture.icc.sort((a, b) => a.number - b.number).map((part) => part.data)), found) : null;
  if (profile && profile.length < ICC_PART) front.push(segment(0xe2, join([ascii("ICC_PROFILE\0\x01\x01"), profile])));
  return join([...front, ...picture.body, Uint8Array.of(0xff, EOI)]);
}
