/**
 * Colour profiles. A profile can name a device (its maker, model, date, a screen's measured curves are its fingerprint),
 * so none is passed on as it is. sRGB is what everything assumes without one; for the two wide spaces that phones and
 * cameras write, a profile of our own, the same bytes for everybody, takes its place; any other is dropped, and colours may look a little different.
 */
import { ascii, be16, be32, join, slice, startsWith, u32 } from "./read.ts";
import { Refused, type Found } from "./types.ts";

type Triple = [number, number, number];
interface Space {
  red: Triple;
  green: Triple;
  blue: Triple;
}

const SRGB: Space = { red: [0.4361, 0.2225, 0.0139], green: [0.3851, 0.7169, 0.0971], blue: [0.1431, 0.0606, 0.7141] };
const P3: Space = { red: [0.5151, 0.2412, -0.0011], green: [0.292, 0.6922, 0.0419], blue: [0.1571, 0.0666, 0.7841] };
const ADOBE: Space = { red: [0.6097, 0.3111, 0.0195], green: [0.2053, 0.6257, 0.0609], blue: [0.1492, 0.0632, 0.7446] };
const D50: Triple = [0.9642, 1, 0.8249];
const NEAR = 0.004;
const TAGS_MAX = 100;

function fixed(value: number): Uint8Array {
  return be32(Math.round(value * 65536) >>> 0);
}

function readTriple(profile: Uint8Array, name: string): Triple | null {
  const count = Math.min(u32(profile, 128), TAGS_MAX);
  for (let i = 0; i < count; i++) {
    const entry = 132 + 12 * i;
    if (!startsWith(profile, name, entry)) continue;
    const data = slice(profile, u32(profile, entry + 4), 20);
    return [8, 12, 16].map((at) => (u32(data, at) | 0) / 65536) as Triple;
  }
  return null;
}

function isNear(profile: Uint8Array, space: Space): boolean {
  const pairs: [string, Triple][] = [["rXYZ", space.red], ["gXYZ", space.green], ["bXYZ", space.blue]];
  return pairs.every(([name, wanted]) => readTriple(profile, name)?.every((value, i) => Math.abs(value - (wanted[i] ?? 0)) < NEAR) ?? false);
}

function text(words: string): Uint8Array {
  const letters = join([...words].map((letter) => be16(letter.charCodeAt(0))));
  return join([ascii("mluc"), be32(0), be32(1), be32(12), ascii("enUS"), be32(letters.length), be32(28), letters]);
}

function xyz(triple: Triple): Uint8Array {
  return join([ascii("XYZ "), be32(0), ...triple.map(fixed)]);
}

/** ICC.1:2010, three colourants and one curve. */
function make(space: Space, curve: Uint8Array): Uint8Array {
  const tags: [string, Uint8Array][] = [["desc", text("RGB")], ["cprt", text("CC0")], ["wtpt", xyz(D50)], ["rXYZ", xyz(space.red)], ["gXYZ", xyz(space.green)], ["bXYZ", xyz(space.blue)], ["rTRC", curve], ["gTRC", curve], ["bTRC", curve]];
  let at = 132 + 12 * tags.length;
  const table: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  for (const [name, bytes] of tags) {
    const padded = join([bytes, new Uint8Array(-bytes.length & 3)]);
    table.push(ascii(name), be32(at), be32(bytes.length));
    data.push(padded);
    at += padded.length;
  }
  const front = join([be32(at), be32(0), be32(0x04200000), ascii("mntrRGB XYZ "), new Uint8Array(12), ascii("acsp"), new Uint8Array(28), ...D50.map(fixed)]);
  return join([front, new Uint8Array(128 - front.length), be32(tags.length), ...table, ...data]);
}

const SRGB_CURVE = join([ascii("para"), be32(0), be16(3), be16(0), ...[2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045].map(fixed)]);
const ADOBE_CURVE = join([ascii("para"), be32(0), be16(0), be16(0), fixed(2.19921875)]);

/** What may stand in the profile's place: bytes, or `null` for none. */
export function neutralProfile(profile: Uint8Array, found: Found): Uint8Array | null {
  try {
    if (startsWith(profile, "RGB ", 16)) {
      if (isNear(profile, SRGB)) return null;
      if (isNear(profile, P3)) return make(P3, SRGB_CURVE);
      if (isNear(profile, ADOBE)) return make(ADOBE, ADOBE_CURVE);
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
  found.removed("device");
  return null;
}
