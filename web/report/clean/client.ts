/** The page's side of the cleaners: all that the page without attachments has to load of them. */
import type { Result } from "./types.ts";

/** A cheap phone without the JIT takes a minute over a large document; what takes longer is given up. */
const PATIENCE_MS = 180_000;

function failed(why: "failed" | "too_complex"): Result {
  return { kind: "unknown", name: "file.bin", cleaned: null, found: [], why };
}

/** Never rejects: what could not be done is said in `why`. `stop` aborts, and gives `failed`. `script` is the address of the built `worker.ts`. */
export function cleanFile(file: Blob, name: string, script: string, stop?: AbortSignal): Promise<Result> {
  return new Promise((resolve) => {
    let worker: Worker | null = null;
    let timer = 0;
    const end = (result: Result): void => {
      clearTimeout(timer);
      worker?.terminate();
      resolve(result);
    };
    try {
      worker = new Worker(script);
    } catch {
      return end(failed("failed"));
    }
    timer = setTimeout(() => end(failed("too_complex")), PATIENCE_MS) as unknown as number;
    stop?.addEventListener("abort", () => end(failed("failed")));
    worker.onerror = () => end(failed("failed"));
    worker.onmessage = (event: MessageEvent<Result>) => end(event.data);
    worker.postMessage({ file, name });
  });
}
