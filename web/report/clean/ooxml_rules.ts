/** What Word, Excel and PowerPoint write about people into the text itself. Sources: ISO/IEC 29500-1 and Microsoft's [MS-DOCX], [MS-XLSX], [MS-PPTX]. */
import { isFileName, isNeutral, isPublicLink, type People } from "./people.ts";
import type { Category, Found } from "./types.ts";
import { local, type Rules, type Tag } from "./xml.ts";

/** Elements that go with all that is in them. */
const DROPPED: Record<string, Category> = {
  rsids: "history", docId: "other", docVars: "other", mailMerge: "other", attachedTemplate: "other", saveThroughXslt: "other",
  absPath: "author", revisionPtr: "history", fileVersion: "software", fileSharing: "author", presenceInfo: "author",
};
/** Attributes that go, wherever they stand. */
const GONE: Record<string, Category> = {
  dateUtc: "dates", dT: "dates", refreshedDate: "dates", refreshedDateIso: "dates", lastEdited: "software", userId: "author", providerId: "author", odcFile: "other", sourceFile: "other",
};
/** Attributes that hold a person's name. */
const NAMES = ["author", "userName", "refreshedBy", "lastModifiedBy"];
/** Elements whose `name` or `displayName` is a person's (a table has a `displayName` too, and formulas need it). */
const PERSONS = ["cmAuthor", "author", "person", "userInfo", "customWorkbookView"];
/** Elements with a date that readers insist on. */
const NO_DATE = "2000-01-01T00:00:00Z";
const CHANGES = ["ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange"];
const PICTURES = ["docPr", "cNvPr", "imagedata", "shape", "fill"];

function dates(tag: Tag, name: string, attribute: string, found: Found): void {
  const hasPerson = [...tag.attributes.keys()].some((key) => local(key) === "author");
  if ((attribute === "date" && hasPerson) || (attribute === "dt" && tag.local === "cm")) {
    tag.attributes.delete(name);
    found.removed("dates");
  } else if ((attribute === "created" && tag.attributes.has("authorId")) || (attribute === "dateTime" && tag.local === "userInfo")) {
    if (tag.attributes.get(name) === NO_DATE) return;
    tag.attributes.set(name, NO_DATE);
    found.removed("dates");
  }
}

function persons(tag: Tag, name: string, attribute: string, value: string, people: People, found: Found): void {
  if (NAMES.includes(attribute) || (/^(?:displayN|n)ame$/.test(attribute) && PERSONS.includes(tag.local))) {
    if (isNeutral(value)) return;
    tag.attributes.set(name, people.neutral(value));
    found.removed("author");
  } else if (attribute === "initials" && value !== "" && value !== "A") {
    tag.attributes.set(name, "A");
    found.removed("author");
  }
}

/** Old names of pictures, and paths of the device they came from. */
function pictures(tag: Tag, name: string, attribute: string, value: string, found: Found): void {
  const fileName = PICTURES.includes(tag.local) && ["name", "descr", "title", "alt"].includes(attribute) && isFileName(value);
  const path = ["href", "src"].includes(attribute) && value !== "" && !isPublicLink(value) && isFileName(value);
  if (!fileName && !path) return;
  tag.attributes.set(name, attribute === "name" ? "image" : "");
  found.removed("other");
}

function noteWhatStays(tag: Tag, part: string, found: Found): void {
  if (part.startsWith("word/") && CHANGES.includes(tag.local)) found.kept("history");
  if (/^(?:word|xl|ppt)\/(?:threaded)?comments?/.test(part)) found.kept("comment");
  const state = tag.attributes.get("state");
  const isHidden = (tag.local === "sheet" && state !== undefined && state !== "visible") || (tag.local === "sld" && tag.attributes.get("show") === "0") || tag.local === "vanish";
  if (isHidden) found.kept("hidden");
}

/** `part`: the part's name in lower case. */
export function bodyRules(part: string, people: People, found: Found): Rules {
  const isExcelComment = /^xl\/comments/.test(part);
  return {
    tag: (tag) => {
      const category = DROPPED[tag.local];
      if (category) {
        found.removed(category);
        return "drop";
      }
      noteWhatStays(tag, part, found);
      for (const [name, value] of [...tag.attributes]) attribute(tag, name, value, people, found);
      return "keep";
    },
    text: (text, path) => {
      if (!isExcelComment) return text;
      if (path[path.length - 1] !== "author") return people.inText(text);
      if (!isNeutral(text)) found.removed("author");
      return people.neutral(text);
    },
  };
}

function attribute(tag: Tag, name: string, value: string, people: People, found: Found): void {
  const key = local(name);
  const gone = /^rsid/.test(key) ? "history" : (key === "uid" && name !== key) ? "other" : GONE[key];
  // The printer's settings are gone, and with them what this points at.
  if (gone || (tag.local === "pageSetup" && name === "r:id")) {
    tag.attributes.delete(name);
    if (gone) found.removed(gone);
    return;
  }
  dates(tag, name, key, found);
  persons(tag, name, key, value, people, found);
  pictures(tag, name, key, value, found);
}
