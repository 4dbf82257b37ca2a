/** Office files: a zip of XML parts and pictures. Every part is either understood and written anew, or left out, or the file is refused. */
import { cleanOdf } from "./odf.ts";
import { cleanOoxml } from "./ooxml.ts";
import { latin1 } from "./read.ts";
import { refuse, type Budget, type Found, type Kind } from "./types.ts";
import { readZip, unpack } from "./zip.ts";

/** A chart in a presentation holds a workbook, which can hold a chart. */
const NESTED_MAX = 3;

const ODF: [RegExp, Kind][] = [
  [/^application\/vnd\.oasis\.opendocument\.text$/, "odt"],
  [/^application\/vnd\.oasis\.opendocument\.spreadsheet$/, "ods"],
  [/^application\/vnd\.oasis\.opendocument\.presentation$/, "odp"],
];
const OOXML: [string, Kind][] = [["word/", "docx"], ["xl/", "xlsx"], ["ppt/", "pptx"]];

/** `kind` is told as soon as it is known, so that a refusal can name it. */
export function cleanOffice(bytes: Uint8Array, found: Found, budget: Budget, kind: (kind: Kind) => void, depth = 0): Uint8Array {
  if (depth > NESTED_MAX) refuse("embedded");
  const entries = readZip(bytes, found);
  const mime = entries.find((entry) => entry.name === "mimetype");
  if (mime) {
    const type = latin1(unpack(mime, budget), 0, 200).trim();
    const odf = ODF.find(([pattern]) => pattern.test(type));
    if (!odf) refuse("unsupported");
    kind((odf as [RegExp, Kind])[1]);
    return cleanOdf(entries, type, found, budget);
  }
  const names = entries.map((entry) => entry.name.toLowerCase());
  const ooxml = names.includes("[content_types].xml") ? OOXML.find(([folder]) => names.some((name) => name.startsWith(folder))) : undefined;
  if (!ooxml) refuse("unsupported");
  kind((ooxml as [string, Kind])[1]);
  return cleanOoxml(entries, found, budget, (inner) => cleanOffice(inner, found, budget, () => undefined, depth + 1));
}
