/** Office Open XML (ISO/IEC 29500): docx, xlsx, pptx. */
import { cleanPicture } from "./inner.ts";
import { bodyRules } from "./ooxml_rules.ts";
import { isPublicLink, People } from "./people.ts";
import { sniff } from "./sniff.ts";
import { refuse, type Budget, type Category, type Found } from "./types.ts";
import { decodeXml, rewrite, type Rules } from "./xml.ts";
import { unpack, ZipWriter, type Entry } from "./zip.ts";

/** What becomes of a part, by its name; the first that fits. `null`: it stays. */
const REFUSED: [RegExp, "signed" | "macros" | "embedded"][] = [
  [/^_xmlsignatures\//, "signed"],
  [/vbaproject|vbadata|macrosheets\//, "macros"],
  [/\/activex\/|\/ctrlprops\//, "embedded"],
];
const LEFT_OUT: [RegExp, Category][] = [
  [/^docprops\/thumbnail/, "thumbnail"],
  [/^docprops\//, "author"],
  [/\/(?:printersettings|presprops\/printer)/, "device"],
  [/^word\/people\.xml$/, "author"],
  [/^ppt\/(?:changesinfos\/|revisioninfo)/, "history"],
  [/^xl\/revisions\//, "history"],
  [/^(?:customxml|docmetadata|usercustomization|customui)\//, "other"],
];
const XML_PARTS = /^(?:\[content_types\]\.xml|_rels\/\.rels|(?:word|xl|ppt)\/.*\.(?:xml|rels|vml))$/;
const PICTURES = /^(?:word|xl|ppt)\/(?:media|drawings)\//;
const FONTS = /\.(?:odttf|fntdata|ttf|otf)$/;
const NESTED = /^(?:word|xl|ppt)\/embeddings\//;

type Fate = "xml" | "picture" | "font" | "nested" | "out";

function fate(name: string, found: Found): Fate {
  const lower = name.toLowerCase();
  for (const [pattern, why] of REFUSED) if (pattern.test(lower)) refuse(why);
  for (const [pattern, category] of LEFT_OUT) {
    if (!pattern.test(lower)) continue;
    found.removed(category);
    return "out";
  }
  if (XML_PARTS.test(lower)) return "xml";
  if (PICTURES.test(lower)) return "picture";
  if (FONTS.test(lower)) return "font";
  if (NESTED.test(lower)) return "nested";
  found.removed("other");
  return "out";
}

/** The part that a relationship in `rels` names, in lower case. */
function resolve(rels: string, target: string): string {
  const folder = target.startsWith("/") ? [] : rels.split("/").slice(0, -2);
  for (const step of target.split("/")) {
    if (step === "..") folder.pop();
    else if (step !== "." && step !== "") folder.push(step);
  }
  return folder.join("/").toLowerCase();
}

function relsRules(name: string, kept: Set<string>, found: Found): Rules {
  return {
    tag: (tag) => {
      if (tag.local !== "Relationship") return "keep";
      const target = tag.attributes.get("Target") ?? "";
      if (/\/attachedTemplate$/.test(tag.attributes.get("Type") ?? "")) return "drop";
      if (tag.attributes.get("TargetMode") !== "External") return kept.has(resolve(name, target)) || target.startsWith("#") ? "keep" : "drop";
      if (!isPublicLink(target)) {
        tag.attributes.set("Target", "about:blank");
        found.removed("other");
      }
      return "keep";
    },
  };
}

function typesRules(kept: Set<string>): Rules {
  return { tag: (tag) => (tag.local === "Override" && !kept.has((tag.attributes.get("PartName") ?? "").slice(1).toLowerCase()) ? "drop" : "keep") };
}

const PROPERTIES: Record<string, Category> = {
  creator: "author", lastModifiedBy: "author", Manager: "author", Company: "author", created: "dates", modified: "dates", lastPrinted: "dates",
  Application: "software", AppVersion: "software", Template: "software", revision: "history", TotalTime: "history", title: "comment", subject: "comment", description: "comment", keywords: "comment", category: "comment",
};

/** What the properties that are left out told. */
function noteProperties(entry: Entry, found: Found, budget: Budget): void {
  if (!/^docprops\/(?:core|app|custom)\.xml$/i.test(entry.name)) return;
  rewrite(decodeXml(unpack(entry, budget)), {
    tag: () => "keep",
    text: (text, path) => {
      const category = PROPERTIES[path[path.length - 1] ?? ""] ?? (/custom/i.test(entry.name) ? "other" : undefined);
      if (category && text.trim() !== "") found.removed(category);
      return text;
    },
  });
}

interface Work {
  found: Found;
  budget: Budget;
  people: People;
  kept: Set<string>;
  nested: (bytes: Uint8Array) => Uint8Array;
}

function rulesFor(name: string, work: Work): Rules {
  if (/\.rels$/i.test(name)) return relsRules(name, work.kept, work.found);
  if (/^\[content_types\]\.xml$/i.test(name)) return typesRules(work.kept);
  return bodyRules(name.toLowerCase(), work.people, work.found);
}

function cleanPart(entry: Entry, fate: Fate, work: Work): Uint8Array {
  const bytes = unpack(entry, work.budget);
  if (fate === "xml") return new TextEncoder().encode(rewrite(decodeXml(bytes), rulesFor(entry.name, work)));
  if (fate === "picture") return cleanPicture(bytes, work.found);
  if (fate === "nested") return sniff(bytes) === "zip" ? work.nested(bytes) : refuse("embedded");
  return bytes;
}

export function cleanOoxml(entries: Entry[], found: Found, budget: Budget, nested: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const fates = entries.map((entry) => fate(entry.name, found));
  const staying = entries.filter((_, i) => fates[i] !== "out");
  const work: Work = { found, budget, people: new People(), kept: new Set(staying.map((entry) => entry.name.toLowerCase())), nested };
  const writer = new ZipWriter();
  entries.forEach((entry, i) => {
    const what = fates[i] ?? "out";
    if (what === "out") noteProperties(entry, found, budget);
    else writer.add(entry.name, cleanPart(entry, what, work), what === "picture" || what === "nested");
  });
  return writer.end();
}

