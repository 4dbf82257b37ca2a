/** Exif (TIFF 6.0, CIPA DC-008): what it tells, for the list; and the one value that is kept, which way is up. */
import { ascii, be16, be32, join, latin1, startsWith, u16, u32 } from "./read.ts";
import { Refused, type Category, type Found } from "./types.ts";

const ORIENTATION = 0x0112;
const EXIF_IFD = 0x8769;
const GPS_IFD = 0x8825;
const ENTRIES_MAX = 1000;

const TAGS: Record<number, Category> = {
  0x010f: "device", 0x0110: "device", 0x013c: "device", 0x927c: "device", 0xa431: "device", 0xa432: "device", 0xa433: "device", 0xa434: "device", 0xa435: "device", 0xc614: "device", 0xc62f: "device",
  0x000b: "software", 0x0131: "software", 0xa436: "software",
  0x013b: "author", 0x8298: "author", 0x9c9d: "author", 0xa430: "author",
  0x0132: "dates", 0x9003: "dates", 0x9004: "dates", 0x9010: "dates", 0x9011: "dates", 0x9012: "dates",
  0x010e: "comment", 0x9286: "comment", 0x9c9b: "comment", 0x9c9c: "comment", 0x9c9e: "comment", 0x9c9f: "comment",
  0x0201: "thumbnail", [GPS_IFD]: "place", [0xa420]: "device",
};
/** Of no use to find somebody: written again or implied by the picture. */
const DULL = [ORIENTATION, EXIF_IFD, 0x011a, 0x011b, 0x0128, 0x0213, 0x0100, 0x0101, 0xa001, 0xa002, 0xa003, 0x9000, 0x9101, 0xa000];

interface Walk {
  tiff: Uint8Array;
  little: boolean;
  orientation: number;
  entries: number;
  found: Found;
}

function walkDirectory(walk: Walk, at: number, depth: number): number {
  const count = u16(walk.tiff, at, walk.little);
  for (let i = 0; i < count && walk.entries < ENTRIES_MAX; i++, walk.entries++) {
    const entry = at + 2 + 12 * i;
    const tag = u16(walk.tiff, entry, walk.little);
    const category = TAGS[tag];
    if (category) walk.found.removed(category);
    else if (!DULL.includes(tag)) walk.found.removed("other");
    if (tag === ORIENTATION && depth === 0) walk.orientation = u16(walk.tiff, entry + 8, walk.little);
    if (tag === EXIF_IFD && depth === 0) walkDirectory(walk, u32(walk.tiff, entry + 8, walk.little), 1);
  }
  return u32(walk.tiff, at + 2 + 12 * count, walk.little);
}

/** Notes what the Exif block tells; gives its orientation, 1 to 8. A damaged block is dropped all the same. */
export function readExif(block: Uint8Array, found: Found): number {
  const tiff = startsWith(block, "Exif\0\0") ? block.subarray(6) : block;
  const walk: Walk = { tiff, little: startsWith(tiff, "II"), orientation: 1, entries: 0, found };
  try {
    const next = walkDirectory(walk, u32(tiff, 4, walk.little), 0);
    // The second directory is the thumbnail's.
    if (next > 0) walkDirectory(walk, next, 2);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    found.removed("other");
  }
  return walk.orientation >= 1 && walk.orientation <= 8 ? walk.orientation : 1;
}

/** The whole of what a cleaned picture may say: 26 bytes of TIFF with the orientation, the same for everybody. Empty when upright. */
export function orientationOnly(orientation: number): Uint8Array {
  if (orientation < 2 || orientation > 8) return new Uint8Array(0);
  return join([ascii("MM"), be16(42), be32(8), be16(1), be16(ORIENTATION), be16(3), be32(1), be16(orientation), be16(0), be32(0)]);
}

const XMP: [RegExp, Category][] = [
  [/exif:GPS|Iptc4xmp\w*:(?:Location|City|Country)|photoshop:(?:City|State|Country)/i, "place"],
  [/tiff:(?:Make|Model)|aux:|exifEX:|SerialNumber/i, "device"],
  [/dc:creator|dc:rights|pdf:Author|photoshop:(?:AuthorsPosition|Credit|CaptionWriter)|xmpRights|:OwnerName/i, "author"],
  [/xmp:(?:Create|Modify|Metadata)Date|photoshop:DateCreated|exif:DateTime|:CreationDate/i, "dates"],
  [/CreatorTool|pdf:Producer|softwareAgent/i, "software"],
  [/xmp:Thumbnails|xmpGImg/i, "thumbnail"],
  [/dc:(?:title|description|subject)|exif:UserComment|pdf:Keywords/i, "comment"],
  [/xmpMM:|stEvt:/i, "history"],
  [/MotionPhoto|MicroVideo/i, "video"],
];
const XMP_READ = 1024 * 1024;

/** Notes what an XMP packet tells. */
export function readXmp(packet: Uint8Array, found: Found): void {
  const text = latin1(packet, 0, XMP_READ);
  const told = XMP.filter(([pattern]) => pattern.test(text));
  for (const [, category] of told) found.removed(category);
  if (told.length === 0) found.removed("other");
}

const IPTC: Record<number, Category> = { 80: "author", 85: "author", 110: "author", 116: "author", 90: "place", 92: "place", 95: "place", 101: "place", 55: "dates", 60: "dates", 62: "dates", 63: "dates", 65: "software", 105: "comment", 120: "comment", 25: "comment", 5: "comment" };

/** Notes what Photoshop's block (IPTC-IIM inside) tells. */
export function readIptc(block: Uint8Array, found: Found): void {
  let told = false;
  for (let at = block.indexOf(0x1c); at >= 0; at = block.indexOf(0x1c, at + 1)) {
    const category = block[at + 1] === 2 ? IPTC[block[at + 2] ?? -1] : undefined;
    if (category) found.removed(category);
    told = told || category !== undefined;
  }
  if (!told) found.removed("other");
}
