/** OpenDocument (ISO/IEC 26300): odt, ods, odp. */
import { cleanPicture } from "./inner.ts";
import { isFileName, isNeutral, isPublicLink, People } from "./people.ts";
import { ascii } from "./read.ts";
import { refuse, type Budget, type Category, type Found } from "./types.ts";
import { decodeXml, local, rewrite, type Rules, type Tag } from "./xml.ts";
import { unpack, ZipWriter, type Entry } from "./zip.ts";

const LEFT_OUT: [RegExp, Category][] = [
  [/^thumbnails\//, "thumbnail"],
  [/^(?:configurations2\/|layout-cache$|manifest\.rdf$)/, "other"],
];
const XML_PARTS = /(?:^|\/)(?:content|styles|settings|meta)\.xml$|^meta-inf\/manifest\.xml$/;
const PICTURES = /^(?:pictures|media|objectreplacements)\//;
const FONTS = /^fonts\//;
const SETTINGS = /printer|rsid|database|url|path|user|lastsaved/i;
const NO_DATE = "2000-01-01T00:00:00";
const META: Record<string, Category> = {
  "initial-creator": "author", creator: "author", "printed-by": "author", "creation-date": "dates", date: "dates", "print-date": "dates", generator: "software", title: "comment", subject: "comment", description: "comment", keyword: "comment",
  "editing-cycles": "history", "editing-duration": "history", "user-defined": "other", template: "other",
};

function fate(name: string, found: Found): "xml" | "picture" | "font" | "out" {
  const lower = name.toLowerCase();
  if (/^meta-inf\/.*signatures/.test(lower)) refuse("signed");
  if (/^(?:basic|scripts)\//.test(lower)) refuse("macros");
  const out = LEFT_OUT.find(([pattern]) => pattern.test(lower));
  if (out) found.removed(out[1]);
  if (out) return "out";
  if (XML_PARTS.test(lower)) return "xml";
  if (PICTURES.test(lower)) return "picture";
  if (FONTS.test(lower)) return "font";
  // An OLE object has no name that tells it apart.
  return refuse("embedded");
}

/** All that the properties say goes; the part itself stays, readers expect it. */
function metaRules(found: Found): Rules {
  return {
    tag: (tag) => {
      if (tag.path[tag.path.length - 1] !== "meta") return "keep";
      const category = META[tag.local];
      if (category) found.removed(category);
      return "drop";
    },
  };
}

function settingsRules(found: Found): Rules {
  return {
    tag: (tag) => {
      const name = tag.attributes.get("config:name") ?? "";
      if (!SETTINGS.test(name)) return "keep";
      found.removed(/printer/i.test(name) ? "device" : "history");
      return "drop";
    },
  };
}

function manifestRules(kept: Set<string>): Rules {
  return {
    tag: (tag) => {
      if (tag.local === "encryption-data") refuse("encrypted");
      const path = tag.attributes.get("manifest:full-path") ?? tag.attributes.get("full-path");
      return tag.local !== "file-entry" || path === undefined || path.endsWith("/") || kept.has(path) ? "keep" : "drop";
    },
  };
}

function bodyAttribute(tag: Tag, name: string, value: string, found: Found): void {
  const key = local(name);
  if (/rsid$/.test(key)) {
    tag.attributes.delete(name);
    found.removed("history");
  } else if (key === "href" && !isPublicLink(value) && isOutside(value)) {
    tag.attributes.set(name, "about:blank");
    found.removed("other");
  } else if (name === "draw:name" && isFileName(value)) {
    tag.attributes.delete(name);
    found.removed("other");
  } else if (key === "display" && value === "collapse") found.kept("hidden");
}

function isOutside(href: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|\/|\\|\.\.[\\/]\.\.|\.\.\/)/i.test(href);
}

function bodyText(text: string, path: string[], people: People, found: Found): string {
  const inside = path[path.length - 1];
  const isNote = path.includes("annotation") || path.includes("change-info");
  if (!isNote || text.trim() === "") return text;
  if (inside === "creator") {
    if (!isNeutral(text)) found.removed("author");
    return people.neutral(text);
  }
  if (inside === "creator-initials" || inside === "sender-initials") return "A";
  if (inside === "date" || inside === "date-string") {
    if (text !== NO_DATE) found.removed("dates");
    return inside === "date" ? NO_DATE : "";
  }
  return people.inText(text);
}

function bodyRules(people: People, found: Found): Rules {
  return {
    tag: (tag) => {
      if (tag.local === "annotation") found.kept("comment");
      if (tag.local === "changed-region" || tag.local === "cell-content-change") found.kept("history");
      for (const [name, value] of [...tag.attributes]) bodyAttribute(tag, name, value, found);
      return "keep";
    },
    text: (text, path) => bodyText(text, path, people, found),
  };
}

function rulesFor(name: string, kept: Set<string>, people: People, found: Found): Rules {
  if (/(?:^|\/)meta\.xml$/i.test(name)) return metaRules(found);
  if (/settings\.xml$/i.test(name)) return settingsRules(found);
  if (/manifest\.xml$/i.test(name)) return manifestRules(kept);
  return bodyRules(people, found);
}

export function cleanOdf(entries: Entry[], type: string, found: Found, budget: Budget): Uint8Array {
  const parts = entries.filter((entry) => entry.name !== "mimetype").map((entry) => ({ entry, what: fate(entry.name, found) }));
  const staying = parts.filter(({ what }) => what !== "out");
  const kept = new Set(staying.map(({ entry }) => entry.name));
  const people = new People();
  const writer = new ZipWriter();
  // First and plain, so that the type can be read off the file (part 2, 3.3).
  writer.add("mimetype", ascii(type), true);
  for (const { entry, what } of staying) {
    const bytes = unpack(entry, budget);
    if (what === "xml") writer.add(entry.name, new TextEncoder().encode(rewrite(decodeXml(bytes), rulesFor(entry.name, kept, people, found))));
    else writer.add(entry.name, what === "picture" ? cleanPicture(bytes, found) : bytes, what === "picture");
  }
  return writer.end();
}
