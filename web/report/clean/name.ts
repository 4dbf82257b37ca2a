/** A file's name says when and with what a picture was taken (`IMG_20240503_101500.jpg`, `WhatsApp Image …`), or whose it is: a neutral one is proposed. */
import type { Kind } from "./types.ts";

const ENDINGS: Partial<Record<Kind, string>> = { jpeg: "jpg", tiff: "tif", old_office: "doc" };
/** Kinds of more than one form: the file's own ending is of use to whoever opens it, and tells little. */
const MANY: Kind[] = ["video", "audio", "old_office", "unknown", "zip", "heic"];

/** `file-3.jpg`; `number` counts the attachments of a report from 1. `file.jpg` without one. */
export function neutralName(kind: Kind, name: string, number?: number): string {
  const own = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase();
  const ending = MANY.includes(kind) && own ? own : (ENDINGS[kind] ?? (kind === "unknown" || kind === "video" || kind === "audio" ? "bin" : kind));
  return `${number === undefined ? "file" : `file-${number}`}.${ending}`;
}
