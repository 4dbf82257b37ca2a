/** Deflate (RFC 1951) in its plainest form: matches within 32 KiB, the fixed codes. Some parts of a hundred larger than zlib's; the reporter pays for her line, so it is worth having. */
import { be16, be32, join, le16 } from "./read.ts";

const WINDOW = 32768;
const HASH_BITS = 15;
const CHAIN = 32;
const MATCH_MIN = 3;
const MATCH_MAX = 258;

class Bits {
  private out: Uint8Array;
  private length = 0;
  private held = 0;
  private count = 0;

  constructor(size: number) {
    this.out = new Uint8Array(size);
  }

  /** Lowest bit first. */
  put(value: number, bits: number): void {
    this.held |= value << this.count;
    this.count += bits;
    while (this.count >= 8) this.byte();
  }

  private byte(): void {
    if (this.length === this.out.length) {
      const larger = new Uint8Array(2 * this.length + 64);
      larger.set(this.out);
      this.out = larger;
    }
    this.out[this.length++] = this.held & 255;
    this.held >>>= 8;
    this.count -= 8;
  }

  end(): Uint8Array {
    if (this.count > 0) {
      this.count = 8;
      this.byte();
    }
    return this.out.subarray(0, this.length);
  }
}

function turn(code: number, bits: number): number {
  let turned = 0;
  for (let i = 0; i < bits; i++) turned = (turned << 1) | ((code >>> i) & 1);
  return turned;
}

const LITERALS = Array.from({ length: 288 }, (_, symbol): [number, number] => {
  if (symbol < 144) return [turn(0x30 + symbol, 8), 8];
  if (symbol < 256) return [turn(0x190 + symbol - 144, 9), 9];
  return symbol < 280 ? [turn(symbol - 256, 7), 7] : [turn(0xc0 + symbol - 280, 8), 8];
});

/** Symbol, extra bits, their value. Lengths come in groups of 4 that double, distances in groups of 2; 258 has a symbol of its own. */
function lengthSymbol(length: number): [number, number, number] {
  if (length === MATCH_MAX) return [285, 0, 0];
  const over = length - MATCH_MIN;
  if (over < 8) return [257 + over, 0, 0];
  const extra = 29 - Math.clz32(over);
  return [257 + 4 * extra + (over >>> extra), extra, over & ((1 << extra) - 1)];
}

function distanceSymbol(distance: number): [number, number, number] {
  const over = distance - 1;
  if (over < 4) return [over, 0, 0];
  const extra = 30 - Math.clz32(over);
  return [2 * extra + (over >>> extra), extra, over & ((1 << extra) - 1)];
}

class Matcher {
  private readonly head = new Int32Array(1 << HASH_BITS).fill(-1);
  private readonly before = new Int32Array(WINDOW);

  constructor(private readonly bytes: Uint8Array) {}

  private hash(at: number): number {
    const { bytes } = this;
    return (Math.imul(((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number), 0x9e3779b1) >>> (32 - HASH_BITS)) & ((1 << HASH_BITS) - 1);
  }

  add(at: number): void {
    if (at + MATCH_MIN > this.bytes.length) return;
    const hash = this.hash(at);
    this.before[at & (WINDOW - 1)] = this.head[hash] as number;
    this.head[hash] = at;
  }

  /** Length and distance of the best match before `at`; length 0 if there is none. */
  find(at: number): [number, number] {
    const { bytes } = this;
    const most = Math.min(MATCH_MAX, bytes.length - at);
    if (most < MATCH_MIN) return [0, 0];
    let best = 0;
    let distance = 0;
    let from = this.head[this.hash(at)] as number;
    for (let tries = 0; tries < CHAIN && from >= 0 && at - from <= WINDOW - MATCH_MAX; tries++) {
      let length = 0;
      while (length < most && bytes[from + length] === bytes[at + length]) length++;
      if (length > best) [best, distance] = [length, at - from];
      const next = this.before[from & (WINDOW - 1)] as number;
      if (best === most || next >= from) break;
      from = next;
    }
    return best >= MATCH_MIN ? [best, distance] : [0, 0];
  }
}

export function deflate(bytes: Uint8Array): Uint8Array {
  const bits = new Bits((bytes.length >>> 2) + 64);
  const literal = (symbol: number): void => bits.put(...(LITERALS[symbol] as [number, number]));
  const matcher = new Matcher(bytes);
  bits.put(1, 1);
  bits.put(1, 2);
  for (let at = 0; at < bytes.length; ) {
    const [length, distance] = matcher.find(at);
    if (length === 0) {
      literal(bytes[at] as number);
      matcher.add(at++);
      continue;
    }
    const [symbol, extra, value] = lengthSymbol(length);
    literal(symbol);
    bits.put(value, extra);
    const [which, more, rest] = distanceSymbol(distance);
    bits.put(turn(which, 5), 5);
    bits.put(rest, more);
    for (const end = at + length; at < end; at++) matcher.add(at);
  }
  literal(256);
  return bits.end();
}

function adler(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; at++) {
    a = (a + (bytes[at] as number)) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

export function deflateZlib(bytes: Uint8Array): Uint8Array {
  return join([Uint8Array.of(0x78, 0x9c), deflate(bytes), be32(adler(bytes))]);
}

/** A zlib stream without compression, for a few bytes. */
export function storedZlib(bytes: Uint8Array): Uint8Array {
  return join([be16(0x7801), Uint8Array.of(1), le16(bytes.length), le16(bytes.length ^ 0xffff), bytes, be32(adler(bytes))]);
}
