/** XML rewritten in one pass, without a tree: what no rule touches is copied letter by letter. Names are compared without their prefix, which a writer is free to choose. */
import { refuse } from "./types.ts";

const DEPTH_MAX = 2000;

export interface Tag {
  /** As written, with prefix. */
  name: string;
  local: string;
  kind: "start" | "end" | "empty";
  /** Names as written; values still escaped. Removing or changing one rewrites the tag. */
  attributes: Map<string, string>;
  /** Local names of the elements around it, outermost first. */
  path: string[];
}

export interface Rules {
  /** `drop` takes the element out with all that is in it. */
  tag: (tag: Tag) => "keep" | "drop";
  /** Text directly in the element whose path is given; escaped. */
  text?: (text: string, path: string[]) => string;
}

export function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** UTF-8, or UTF-16 with its mark. */
export function decodeXml(bytes: Uint8Array): string {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(wide, { fatal: true }).decode(bytes);
  } catch {
    return refuse("damaged");
  }
}

function parseTag(inner: string, path: string[]): Tag {
  const kind = inner.startsWith("/") ? "end" : inner.endsWith("/") ? "empty" : "start";
  const body = kind === "end" ? inner.slice(1) : kind === "empty" ? inner.slice(0, -1) : inner;
  const name = /^[^\s/>=]+/.exec(body)?.[0] ?? refuse("damaged");
  const attributes = new Map<string, string>();
  for (const [, key, value] of body.slice(name.length).matchAll(/\s([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')/g)) attributes.set(key ?? "", (value ?? "").slice(1, -1));
  return { name, local: local(name), kind, attributes, path };
}

function writeTag(tag: Tag): string {
  const attributes = [...tag.attributes].map(([key, value]) => ` ${key}="${value.replace(/"/g, "&quot;")}"`).join("");
  return `<${tag.name}${attributes}${tag.kind === "empty" ? "/" : ""}>`;
}

/** The end of the tag that starts at `from`, after its `>`; quotes may hold a `>`. */
function tagEnd(text: string, from: number): number {
  for (let at = from, quote = ""; at < text.length; at++) {
    const letter = text.charAt(at);
    if (quote !== "") quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === ">") return at + 1;
  }
  return refuse("damaged");
}

class Rewriter {
  private readonly out: string[] = [];
  private readonly path: string[] = [];
  /** Depth of the element that is being dropped; -1: none. */
  private dropping = -1;

  constructor(private readonly source: string, private readonly rules: Rules) {}

  run(): string {
    const { source } = this;
    let at = source.charCodeAt(0) === 0xfeff ? 1 : 0;
    while (at < source.length) {
      const open = source.indexOf("<", at);
      this.text(source.slice(at, open < 0 ? source.length : open));
      if (open < 0) break;
      at = this.markup(open);
    }
    if (this.path.length > 0) refuse("damaged");
    return this.out.join("");
  }

  private text(text: string): void {
    // Outside of the root there is nothing but line ends.
    if (this.dropping >= 0 || text === "" || this.path.length === 0) return;
    this.out.push(this.rules.text ? this.rules.text(text, this.path) : text);
  }

  private past(mark: string, from: number): number {
    const at = this.source.indexOf(mark, from);
    return at < 0 ? refuse("damaged") : at + mark.length;
  }

  private markup(at: number): number {
    const { source } = this;
    // Comments and instructions are notes of whoever wrote the file.
    if (source.startsWith("<!--", at)) return this.past("-->", at + 4);
    if (source.startsWith("<?", at)) return this.past("?>", at);
    if (source.startsWith("<![CDATA[", at)) {
      const end = this.past("]]>", at);
      this.text(source.slice(at + 9, end - 3).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;"));
      return end;
    }
    // Nothing that is Office has a document type, and entities are a way to explode.
    if (source.startsWith("<!", at)) refuse("damaged");
    const end = tagEnd(source, at + 1);
    this.tag(source.slice(at, end));
    return end;
  }

  private tag(written: string): void {
    const tag = parseTag(written.slice(1, -1), this.path);
    if (tag.kind === "end") {
      if (this.path.pop() !== tag.local) refuse("damaged");
      if (this.dropping < 0) this.out.push(written);
      else if (this.dropping === this.path.length) this.dropping = -1;
      return;
    }
    if (this.dropping < 0) this.begin(tag, written);
    if (tag.kind === "start" && this.path.push(tag.local) > DEPTH_MAX) refuse("too_complex");
  }

  private begin(tag: Tag, written: string): void {
    const before = [...tag.attributes].join("\n");
    if (this.rules.tag(tag) === "drop") {
      if (tag.kind === "start") this.dropping = this.path.length;
      return;
    }
    this.out.push([...tag.attributes].join("\n") === before ? written : writeTag(tag));
  }
}

/** Well-formed in, well-formed out; anything else is `damaged`. */
export function rewrite(source: string, rules: Rules): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${new Rewriter(source, rules).run()}`;
}
