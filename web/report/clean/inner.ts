/** Files inside of a file: pictures of documents. */
import { cleanJpeg } from "./jpeg.ts";
import { cleanPng } from "./png.ts";
import { sniff } from "./sniff.ts";
import { refuse, type Found } from "./types.ts";
import { cleanWebp } from "./webp.ts";

/** Forms that seldom say who made them, and that no cleaner knows: they stay, and the list says so. */
const LEFT = ["gif", "bmp", "svg"];

export function cleanPicture(bytes: Uint8Array, found: Found): Uint8Array {
  const kind = sniff(bytes);
  if (kind === "jpeg") return cleanJpeg(bytes, found);
  if (kind === "png") return cleanPng(bytes, found);
  if (kind === "webp") return cleanWebp(bytes, found);
  if (!LEFT.includes(kind) && !isMetafile(bytes)) refuse("embedded");
  found.kept("pictures");
  return bytes;
}

/** EMF, WMF with and without placement, StarView: drawings as Office keeps them. */
function isMetafile(bytes: Uint8Array): boolean {
  const front = bytes.subarray(0, 44);
  const begins = (...wanted: number[]): boolean => wanted.every((byte, i) => front[i] === byte);
  return begins(1, 0, 0, 0) || begins(0xd7, 0xcd, 0xc6, 0x9a) || begins(1, 0, 9, 0) || begins(0x56, 0x43, 0x4c, 0x4d, 0x54, 0x46);
}
