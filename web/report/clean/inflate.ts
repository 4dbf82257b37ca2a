/**
 * Inflate (RFC 1951) with a hard limit on what comes out. Our own and not the browser's: DecompressionStream is missing in
 * browsers of before 2023, has no limit, and can't be called from code that works in one go.
 */
import { refuse } from "./types.ts";

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_EXTRA = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const BITS_MAX = 15;

/** All codes of one alphabet, by the next bits of the stream: symbol << 4 | length; 0 is no code. */
interface Codes {
  table: Uint16Array;
  bits: number;
}

function makeCodes(lengths: ArrayLike<number>): Codes {
  const counts = new Uint16Array(BITS_MAX + 1);
  for (let i = 0; i < lengths.length; i++) counts[lengths[i] as number] = (counts[lengths[i] as number] as number) + 1;
  counts[0] = 0;
  const next = new Uint16Array(BITS_MAX + 2);
  let bits = 1;
  let left = 1;
  for (let length = 1; length <= BITS_MAX; length++) {
    left = 2 * left - (counts[length] as number);
    if (left < 0) refuse("damaged");
    next[length + 1] = ((next[length] as number) + (counts[length] as number)) << 1;
    if (counts[length]) bits = length;
  }
  const table = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] as number;
    if (length === 0) continue;
    let code = next[length] as number;
    next[length] = code + 1;
    let turned = 0;
    for (let i = 0; i < length; i++, code >>>= 1) turned = (turned << 1) | (code & 1);
    for (let at = turned; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length;
  }
  return { table, bits };
}

function range(from: number, to: number, value: number): number[] {
  return new Array<number>(to - from).fill(value);
}

const FIXED_LITERALS = makeCodes([...range(0, 144, 8), ...range(144, 256, 9), ...range(256, 280, 7), ...range(280, 288, 8)]);
const FIXED_DISTANCES = makeCodes(range(0, 30, 5));

class Inflater {
  private at = 0;
  private held = 0;
  private count = 0;
  private out: Uint8Array;
  private length = 0;

  constructor(private readonly bytes: Uint8Array, private readonly limit: number) {
    this.out = new Uint8Array(Math.min(limit, Math.max(1024, bytes.length * 4)));
  }

  private need(bits: number): void {
    while (this.count < bits) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) refuse("damaged");
      this.held |= (byte as number) << this.count;
      this.count += 8;
    }
  }

  private take(bits: number): number {
    if (bits === 0) return 0;
    this.need(bits);
    const value = this.held & ((1 << bits) - 1);
    this.held >>>= bits;
    this.count -= bits;
    return value;
  }

  /** Near the end of the stream fewer bits than the longest code may be left: zeros stand in, and are never counted as used. */
  private symbol(codes: Codes): number {
    while (this.count < codes.bits && this.at < this.bytes.length) {
      this.held |= (this.bytes[this.at++] as number) << this.count;
      this.count += 8;
    }
    const entry = codes.table[this.held & ((1 << codes.bits) - 1)] as number;
    const length = entry & 15;
    if (length === 0 || length > this.count) refuse("damaged");
    this.held >>>= length;
    this.count -= length;
    return entry >>> 4;
  }

  private room(more: number): void {
    const wanted = this.length + more;
    if (wanted > this.limit) refuse("too_complex");
    if (wanted <= this.out.length) return;
    const larger = new Uint8Array(Math.min(this.limit, Math.max(wanted, 2 * this.out.length)));
    larger.set(this.out.subarray(0, this.length));
    this.out = larger;
  }

  private stored(): void {
    // Whole bytes that were read ahead go back.
    this.at -= this.count >>> 3;
    this.held = this.count = 0;
    const length = this.take(16);
    if (this.take(16) !== (length ^ 0xffff)) refuse("damaged");
    if (this.at + length > this.bytes.length) refuse("damaged");
    this.room(length);
    this.out.set(this.bytes.subarray(this.at, this.at + length), this.length);
    this.length += length;
    this.at += length;
  }

  private dynamic(): [Codes, Codes] {
    const literals = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const used = this.take(4) + 4;
    const lengths = new Uint8Array(19);
    for (let i = 0; i < used; i++) lengths[ORDER[i] as number] = this.take(3);
    const codes = makeCodes(lengths);
    const all = new Uint8Array(literals + distances);
    for (let i = 0; i < all.length; ) {
      const symbol = this.symbol(codes);
      if (symbol < 16) {
        all[i++] = symbol;
        continue;
      }
      const value = symbol === 16 ? (all[i - 1] ?? refuse("damaged")) : 0;
      const times = symbol === 16 ? 3 + this.take(2) : symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
      if (i + times > all.length) refuse("damaged");
      all.fill(value, i, i + times);
      i += times;
    }
    return [makeCodes(all.subarray(0, literals)), makeCodes(all.subarray(literals))];
  }

  private copy(symbol: number, distances: Codes): void {
    const length = (LENGTH_BASE[symbol - 257] ?? refuse("damaged")) + this.take(LENGTH_EXTRA[symbol - 257] as number);
    const which = this.symbol(distances);
    const distance = (DISTANCE_BASE[which] ?? refuse("damaged")) + this.take(DISTANCE_EXTRA[which] as number);
    if (distance > this.length) refuse("damaged");
    this.room(length);
    const { out } = this;
    for (let end = this.length + length; this.length < end; this.length++) out[this.length] = out[this.length - distance] as number;
  }

  private block(literals: Codes, distances: Codes): void {
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol === 256) return;
      if (symbol > 256) this.copy(symbol, distances);
      else {
        if (this.length === this.out.length) this.room(1);
        this.out[this.length++] = symbol;
      }
    }
  }

  run(): Uint8Array {
    // A table costs far more than the bytes that ask for it: no honest stream makes a new one every few bytes.
    let tables = 256 + this.bytes.length / 256;
    for (let last = 0; last === 0; ) {
      last = this.take(1);
      const type = this.take(2);
      if (type === 0) this.stored();
      else if (type === 1) this.block(FIXED_LITERALS, FIXED_DISTANCES);
      else if (type === 2) {
        if (--tables < 0) refuse("too_complex");
        this.block(...this.dynamic());
      } else refuse("damaged");
    }
    return this.out.subarray(0, this.length);
  }
}

/** A raw stream; more than `limit` bytes are `too_complex`. */
export function inflate(bytes: Uint8Array, limit: number): Uint8Array {
  return new Inflater(bytes, limit).run();
}

/** A zlib stream (RFC 1950). The checksum is not looked at: readers of PDF forgive a wrong one, and what comes out is written anew. */
export function inflateZlib(bytes: Uint8Array, limit: number): Uint8Array {
  const front = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if ((front & 0x0f00) !== 0x0800 || front % 31 !== 0 || front & 0x20) refuse("damaged");
  return inflate(bytes.subarray(2), limit);
}
