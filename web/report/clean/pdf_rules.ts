/** Which entries of a PDF's dictionaries tell about people and devices (ISO 32000-1; 12.5 annotations, 14 interchange). */
import { Dict, type Value } from "./pdf_parse.ts";
import { refuse, type Category, type Found } from "./types.ts";

/** Of the catalogue: what shows and what finds the way. Anything else (metadata, permissions, portfolios, output profiles, web capture) is left out. */
const CATALOGUE = ["Type", "Pages", "PageLabels", "Names", "Dests", "ViewerPreferences", "PageLayout", "PageMode", "Outlines", "OpenAction", "AcroForm", "StructTreeRoot", "MarkInfo", "Lang", "OCProperties"];

const GONE: Record<string, Category> = {
  Metadata: "other", PieceInfo: "software", LastModified: "dates", CreatorInfo: "software", Thumb: "thumbnail", OPI: "other", VP: "place", LGIDict: "place", Measure: "place", GPTS: "place",
  JavaScript: "other", JS: "other", AA: "other", XFA: "other", DefaultRGB: "device", DefaultGray: "device", DefaultCMYK: "device",
};
/** Unpacked for the list by the caller, or of no meaning to a person. */
const SILENT = ["Metadata", "DefaultRGB", "DefaultGray", "DefaultCMYK"];

const MARKUP = ["Text", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly", "StrikeOut", "Stamp", "Caret", "Ink", "Popup", "FileAttachment", "Redact"];
const MEDIA = ["Sound", "Movie", "Screen", "RichMedia", "3D"];
/** Actions that run a program, reach out to the network or name a file of the person's device. */
const ACTIVE = ["Launch", "GoToR", "GoToE", "ImportData", "SubmitForm", "JavaScript", "Rendition", "Movie", "Sound", "Thread"];

type Resolve = (value: Value | undefined) => Value | undefined;

export function catalogue(root: Dict, found: Found): Dict {
  if (root.entries.has("OutputIntents")) found.removed("device");
  const kept = [...root.entries].filter(([key]) => CATALOGUE.includes(key) || key === "Metadata");
  return new Dict(new Map(kept));
}

export function isActive(dict: Dict, resolve: Resolve): boolean {
  const kind = dict.name("S");
  if (ACTIVE.includes(kind) && (dict.entries.size < 8 || dict.name("Type") === "Action")) return true;
  if (kind !== "URI") return false;
  const address = resolve(dict.entries.get("URI"));
  return typeof address === "string" && !/^\((?:https?:|mailto:|tel:|www\.|#)/i.test(address) && !/^<(?:68747470|6d61696c746f)/i.test(address);
}

/** Refuses what can't be cleaned. */
function check(dict: Dict): void {
  if (dict.entries.has("EF") || (dict.entries.has("Rect") && MEDIA.includes(dict.name("Subtype")))) refuse("embedded");
  if (dict.entries.has("ByteRange") || dict.name("Type") === "Sig" || dict.name("Type") === "DocTimeStamp") refuse("signed");
}

function isDate(value: Value | undefined): boolean {
  return typeof value === "string" && /^(?:\(D:\d|<443A3[0-9])/i.test(value);
}

function annotationCategory(key: string): Category | undefined {
  return key === "T" ? "author" : key === "M" || key === "CreationDate" ? "dates" : key === "NM" || key === "RC" ? "other" : undefined;
}

/** The entries that stay. References in values are not followed but to see what they are. */
export function cleanEntries(dict: Dict, resolve: Resolve, found: Found): [string, Value][] {
  check(dict);
  const isMarkup = dict.entries.has("Rect") && MARKUP.includes(dict.name("Subtype"));
  if (isMarkup && dict.name("Subtype") !== "Popup" && dict.entries.has("Contents")) found.kept("comment");
  const kept: [string, Value][] = [];
  for (const [key, value] of dict.entries) {
    const category = GONE[key] ?? (isMarkup ? annotationCategory(key) : undefined) ?? (isDate(resolve(value)) ? "dates" : undefined);
    if (category === undefined) kept.push([key, value]);
    else if (!SILENT.includes(key)) found.removed(category);
  }
  return kept;
}

