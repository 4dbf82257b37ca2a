/** What a file is, by its first bytes. Its name is not asked. */
import { find, latin1, startsWith } from "./read.ts";
import type { Kind } from "./types.ts";

const MAGIC: [string, Kind][] = [
  ["\xff\xd8\xff", "jpeg"], ["\x89PNG\r\n\x1a\n", "png"], ["GIF8", "gif"], ["BM", "bmp"], ["II*\0", "tiff"], ["MM\0*", "tiff"], ["II+\0", "tiff"], ["MM\0+", "tiff"],
  ["PK\x03\x04", "zip"], ["PK\x05\x06", "zip"], ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_office"], ["{\\rtf", "rtf"],
  ["ID3", "audio"], ["OggS", "audio"], ["fLaC", "audio"], ["#!AMR", "audio"], ["\xff\xfb", "audio"], ["\xff\xf3", "audio"], ["\xff\xf1", "audio"], ["\x1a\x45\xdf\xa3", "video"], ["\0\0\x01\xba", "video"],
];
const HEIC = ["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"];
const SOUND = ["M4A ", "M4B ", "M4P "];
/** Readers of PDF forgive some rubbish before the mark. */
const PDF_WITHIN = 1024;

function sniffBox(bytes: Uint8Array): Kind {
  const brand = latin1(bytes, 8, 12);
  if (brand === "avif" || brand === "avis") return "avif";
  return HEIC.includes(brand) ? "heic" : SOUND.includes(brand) ? "audio" : "video";
}

function sniffRiff(bytes: Uint8Array): Kind {
  const form = latin1(bytes, 8, 12);
  return form === "WEBP" ? "webp" : form === "WAVE" ? "audio" : form === "AVI " ? "video" : "unknown";
}

/** `zip` may still turn out to be Office. */
export function sniff(bytes: Uint8Array): Kind {
  for (const [mark, kind] of MAGIC) if (startsWith(bytes, mark)) return kind;
  if (startsWith(bytes, "RIFF")) return sniffRiff(bytes);
  if (startsWith(bytes, "ftyp", 4)) return sniffBox(bytes);
  if (find(bytes, "%PDF-", 0, PDF_WITHIN) >= 0) return "pdf";
  return /<svg[\s>]/.test(latin1(bytes, 0, 1024)) ? "svg" : "unknown";
}
