/** What the cleaners say. Codes only: the page has the words for them (locales, `clean_*`), the manifest of a report carries them. */

export type Kind =
  | "jpeg" | "png" | "webp" | "pdf" | "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp"
  | "gif" | "tiff" | "heic" | "avif" | "bmp" | "svg" | "video" | "audio" | "zip" | "old_office" | "rtf" | "unknown";

/** `video`: the moving picture with sound that phones hide in a photo. `hidden`: sheets, slides or text that are not shown. `pictures`: pictures inside of a form that can't be cleaned. */
export type Category =
  | "place" | "device" | "author" | "dates" | "software" | "thumbnail" | "comment" | "history" | "video" | "hidden" | "pictures" | "other";

/** `removed: false` is content that stays and that the person should know of (tracked changes, comments, hidden sheets). */
export interface Finding {
  category: Category;
  removed: boolean;
}

export type Why =
  | "empty" /* nothing in it */
  | "too_large" /* over `LIMIT` */
  | "unsupported" /* a form that no cleaner knows */
  | "damaged" /* not what its first bytes say */
  | "encrypted" /* with a password */
  | "signed" /* a signature names the signer, and cleaning would break it */
  | "embedded" /* another file inside that can't be cleaned */
  | "macros" /* a program inside */
  | "too_complex" /* would take more memory or time than a phone has */
  | "failed"; /* the cleaner itself could not be loaded or was stopped */

export interface Result {
  kind: Kind;
  /** A name that tells nothing, with the ending that the kind asks for: `file.jpg`. */
  name: string;
  /** The same content without what tells about the person; `null` when it can't be done, and `why` says so. */
  cleaned: Uint8Array | null;
  found: Finding[];
  why?: Why;
}

export class Refused extends Error {
  constructor(readonly why: Why) {
    super(why);
  }
}

export function refuse(why: Why): never {
  throw new Refused(why);
}

/** Each category once, in the order in which it was found. */
export class Found {
  private readonly seen = new Map<string, Finding>();

  removed(category: Category): void {
    this.seen.set(`${category}-`, { category, removed: true });
  }

  kept(category: Category): void {
    this.seen.set(`${category}+`, { category, removed: false });
  }

  list(): Finding[] {
    return [...this.seen.values()];
  }
}

/** What a whole file may unpack to, however deep: memory and time of a cheap phone. Units: bytes. */
export class Budget {
  private left = 192 * 1024 * 1024;
  /** No single part may be larger than this. */
  static readonly PART = 48 * 1024 * 1024;

  /** The most that the next part may have. */
  get most(): number {
    return Math.min(this.left, Budget.PART);
  }

  spend(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) refuse("too_complex");
  }
}
