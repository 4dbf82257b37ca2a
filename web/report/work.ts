/** Proof of work in slices, so that the page stays alive (docs/protocol/api.md, "Work"). */
import { blake2b } from "@noble/hashes/blake2.js";
import { concat, type Bytes } from "./bytes.ts";
import { hash, workFront } from "./crypto.ts";

export const PUZZLES = 16;
const BITS_MAX = 28;
const SLICE_MS = 40;

export function workSubject(rest: Bytes): Bytes {
  return hash("work subject", rest);
}

function isSolved(digest: Bytes, bits: number): boolean {
  let left = bits;
  for (const byte of digest) {
    if (left <= 0) return true;
    if (left < 8) return byte >>> (8 - left) === 0;
    if (byte !== 0) return false;
    left -= 8;
  }
  return left <= 0;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** All 16 solutions, 128 bytes; `null` if the server asks too much. `progress` is told how many are solved. */
export async function solve(nonce: Bytes, subject: Bytes, bits: number, progress: (solved: number) => void = () => undefined): Promise<Bytes | null> {
  if (!Number.isInteger(bits) || bits < 0 || bits > BITS_MAX) return null;
  const solutions: Bytes[] = [];
  let slice = performance.now();
  for (let index = 0; index < PUZZLES; index++) {
    const front = workFront(nonce, subject, index);
    const message = concat(front, new Uint8Array(8));
    const view = new DataView(message.buffer);
    for (let solution = 0; ; solution++) {
      view.setUint32(front.length, Math.floor(solution / 2 ** 32));
      view.setUint32(front.length + 4, solution >>> 0);
      if (isSolved(blake2b(message, { dkLen: 32 }), bits)) break;
      if (performance.now() - slice > SLICE_MS) {
        await pause();
        slice = performance.now();
      }
    }
    solutions.push(message.slice(front.length));
    progress(index + 1);
  }
  return concat(...solutions);
}
