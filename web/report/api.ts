/** The line to the server: a few requests, tried again with the same bytes when the line drops. */
import { base64, concat, fromBase64, isZero, ProtocolError, refuse, u32, type Bytes } from "./bytes.ts";
import { solve, workSubject } from "./work.ts";

const TRIES = 4;
const PAUSE_MS = 700;

/** No answer came: what was sent may or may not have arrived. */
export class Unreachable extends Error {}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function ask(path: string, init: RequestInit = {}): Promise<Bytes> {
  let answer: Response;
  try {
    answer = await fetch(path, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", redirect: "error", ...init });
  } catch {
    throw new Unreachable();
  }
  let body: Bytes;
  try {
    body = new Uint8Array(await answer.arrayBuffer());
  } catch {
    throw new Unreachable();
  }
  if (answer.ok) return body;
  const code = codeOf(body);
  if (answer.status === 503) throw new Unreachable(code);
  return refuse(code);
}

function codeOf(body: Bytes): string {
  try {
    const { code } = JSON.parse(new TextDecoder().decode(body)) as { code?: unknown };
    return typeof code === "string" && /^[a-z0-9_]{1,40}$/.test(code) ? code : "strange_answer";
  } catch {
    return "strange_answer";
  }
}

async function again<T>(act: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Unreachable) || round >= TRIES) throw error;
      await pause(PAUSE_MS * 2 ** (round - 1));
    }
  }
}

export function get(path: string): Promise<Bytes> {
  return again(() => ask(path));
}

export async function getJson(path: string): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await get(path))) as unknown;
}

function post(path: string, body: Bytes): Promise<Bytes> {
  const init = { method: "POST", headers: { "content-type": "application/octet-stream" }, body: body as Uint8Array<ArrayBuffer> };
  return again(() => ask(path, init));
}

async function challenge(): Promise<{ nonce: Bytes; bits: number }> {
  const { nonce, bits } = (await getJson("/api/v1/challenge")) as { nonce: string; bits: number };
  const bytes = fromBase64(nonce);
  return bytes.length === 36 ? { nonce: bytes, bits } : refuse("strange_answer");
}

/** Works, then sends; the same bytes again until the server says that they are on disk. */
export async function sendEnvelope(envelope: Bytes, directoryVersion: number, danger: boolean, progress: (solved: number) => void): Promise<void> {
  const { nonce, bits } = await challenge();
  const rest = concat(u32(directoryVersion), Uint8Array.of(danger ? 1 : 0), envelope);
  const solutions = (await solve(nonce, workSubject(rest), bits, progress)) ?? refuse("too_much_work");
  await post("/api/v1/reports", concat(nonce, solutions, rest));
}

/** Asks the mailbox; the request is made anew for each nonce. */
export async function askMailbox(make: (nonce: Bytes) => Bytes): Promise<Bytes> {
  const { nonce } = await challenge();
  return post("/api/v1/mailbox", make(nonce));
}

export { base64, isZero, ProtocolError };
