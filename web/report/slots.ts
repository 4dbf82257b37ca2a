/** Slots: one seed, a box for each recipient, filler that looks the same (docs/protocol/envelope.md). */
import { concat, readU32, refuse, same, type Bytes } from "./bytes.ts";
import { box0Open, box0Seal, boxKey, derive, deriveLong, isWeakBox, shared, type BoxKey } from "./crypto.ts";

export const SLOT = 48;

export function ephemeral(seed: Bytes): BoxKey {
  return boxKey(derive(seed, "ephemeral"));
}

function filler(seed: Bytes, position: number): Bytes {
  return deriveLong(SLOT, derive(seed, "filler"), "filler", Uint8Array.of(position));
}

/** Recipient k stands at `order[k]`. */
function order(seed: Bytes, count: number): number[] {
  const stream = deriveLong(64, derive(seed, "slot order"), "slot order");
  const places = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = readU32(stream, 4 * (count - 1 - i)) % (i + 1);
    [places[i], places[j]] = [places[j] as number, places[i] as number];
  }
  return places;
}

function slotKey(secret: Bytes, use: string, context: Bytes, recipient: Bytes): Bytes {
  return derive(secret, use, context, recipient);
}

export function buildSlots(seed: Bytes, context: Bytes, recipients: Bytes[], count: number): Bytes {
  if (recipients.length > count) refuse("too_large");
  const own = ephemeral(seed);
  const slots = Array.from({ length: count }, (_, position) => filler(seed, position));
  const places = order(seed, count);
  recipients.forEach((to, k) => {
    slots[places[k] as number] = box0Seal(slotKey(shared(own, to), "slot", context, to), seed);
  });
  return concat(...slots);
}

/** The seed, if one of the slots is for this key and the seed commits to the ephemeral key. A weak ephemeral key opens nothing. */
export function openSlots(own: BoxKey, use: string, ephemeralPk: Bytes, context: Bytes, slots: Bytes): Bytes | null {
  if (isWeakBox(ephemeralPk)) return null;
  const key = slotKey(shared(own, ephemeralPk), use, context, own.pk);
  for (let at = 0; at + SLOT <= slots.length; at += SLOT) {
    const seed = box0Open(key, slots.slice(at, at + SLOT));
    if (seed) return same(ephemeral(seed).pk, ephemeralPk) ? seed : null;
  }
  return null;
}
