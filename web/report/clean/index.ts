/** Removes from a file what tells about the person, on her own device, before it is sealed. Pure: bytes in, bytes out. */
import { cleanJpeg } from "./jpeg.ts";
import { cleanOffice } from "./office.ts";
import { neutralName } from "./name.ts";
import { cleanPdf } from "./pdf.ts";
import { cleanPng } from "./png.ts";
import { sniff } from "./sniff.ts";
import { Budget, Found, Refused, refuse, type Finding, type Kind, type Result, type Why } from "./types.ts";
import { cleanWebp } from "./webp.ts";

export { neutralName } from "./name.ts";
export { sniff } from "./sniff.ts";
export type { Category, Finding, Kind, Result, Why } from "./types.ts";

/** Files over this are not cleaned: original, copy and work space have to fit a cheap phone. */
export const LIMIT = 50 * 1024 * 1024;

function run(kind: Kind, bytes: Uint8Array, found: Found, tell: (kind: Kind) => void): Uint8Array {
  const budget = new Budget();
  if (kind === "jpeg") return cleanJpeg(bytes, found);
  if (kind === "png") return cleanPng(bytes, found);
  if (kind === "webp") return cleanWebp(bytes, found);
  if (kind === "pdf") return cleanPdf(bytes, found, budget);
  if (kind === "zip") return cleanOffice(bytes, found, budget, tell);
  return refuse("unsupported");
}

/** What stopped the cleaning. Anything that is not a refusal of ours is a fault of the file all the same (memory, depth), and the page goes on. */
function reason(error: unknown): Why {
  if (error instanceof Refused) return error.why;
  return error instanceof RangeError ? "too_complex" : "damaged";
}

/** Never throws. The bytes handed in are not changed; what comes out may share memory with them. `name` is asked for its ending only. */
export function clean(bytes: Uint8Array, name: string): Result {
  let kind = bytes.length === 0 ? "unknown" : sniff(bytes);
  const end = (cleaned: Uint8Array | null, found: Finding[], why?: Why): Result => ({ kind, name: neutralName(kind, name), cleaned, found, ...(why ? { why } : {}) });
  if (bytes.length === 0) return end(null, [], "empty");
  if (bytes.length > LIMIT) return end(null, [], "too_large");
  const found = new Found();
  try {
    const cleaned = run(kind, bytes, found, (known) => (kind = known));
    return end(cleaned, found.list());
  } catch (error) {
    return end(null, [], reason(error));
  }
}
