/** Nobody's name: none, or one that a cleaner gave before. */
export function isNeutral(name: string): boolean {
  return name.trim() === "" || /^Author \d{1,5}$/.test(name);
}

/** Names of people inside a document: each becomes "Author 1", "Author 2" …, so that a conversation in comments can still be followed. */
export class People {
  private readonly names = new Map<string, string>();

  /** `name` as it stands in XML, escaped. */
  neutral(name: string): string {
    if (isNeutral(name)) return name;
    const known = this.names.get(name) ?? `Author ${this.names.size + 1}`;
    this.names.set(name, known);
    return known;
  }

  /** Excel begins a comment's text with its writer's name. */
  inText(text: string): string {
    for (const [name, neutral] of this.names) if (text.trimStart().startsWith(name)) return text.replace(name, neutral);
    return text;
  }
}

const FILE_NAME = /(?:^|[\\/])[^\\/]{1,200}\.[A-Za-z0-9]{2,5}$/;
const PATH = /^(?:[A-Za-z]:[\\/]|\\\\|file:|\/(?:home|users|mnt|media|volumes|private|var|tmp|storage|sdcard)\/|~\/|\.\.[\\/])/i;

/** The name a picture had on the person's device, or a path there. */
export function isFileName(text: string): boolean {
  return text.length < 1000 && (FILE_NAME.test(text.trim()) || PATH.test(text.trim()));
}

const ADDRESS = /^(?:https?:|mailto:|tel:|about:blank$|#)/i;

/** Whether a link leads to where everybody can go, and not into somebody's folders. */
export function isPublicLink(target: string): boolean {
  return ADDRESS.test(target.trim());
}
