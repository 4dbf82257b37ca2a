/**
 * The cleaners in a thread of their own, built as `clean.js` and loaded only when a file is attached: the page stays alive,
 * a file that takes too long can be given up, and the memory is given back when the thread ends.
 */
import { clean, LIMIT, neutralName, sniff, type Result } from "./index.ts";

interface Scope {
  onmessage: ((event: MessageEvent<{ file: Blob; name: string }>) => void) | null;
  postMessage(result: Result, transfer: Transferable[]): void;
}

const scope = self as unknown as Scope;
const FRONT = 4096;

/** `Blob.arrayBuffer` is younger than the oldest phones. */
function read(blob: Blob): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new Uint8Array(reader.result as ArrayBuffer));
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(blob);
  });
}

async function run(file: Blob, name: string): Promise<Result> {
  if (file.size <= LIMIT) return clean(await read(file), name);
  const kind = sniff(await read(file.slice(0, FRONT)));
  return { kind, name: neutralName(kind, name), cleaned: null, found: [], why: "too_large" };
}

scope.onmessage = (event) => {
  const { file, name } = event.data;
  run(file, name)
    .catch((): Result => ({ kind: "unknown", name: neutralName("unknown", name), cleaned: null, found: [], why: "failed" }))
    .then((result) => scope.postMessage(result, result.cleaned && result.cleaned.byteLength === result.cleaned.buffer.byteLength ? [result.cleaned.buffer as ArrayBuffer] : []))
    .catch(() => undefined);
};
