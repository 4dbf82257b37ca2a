/** libsodium's primitives out of noble: the same bytes as the Rust side (docs/protocol/README.md, "Primitives"). */
import { chacha20, hchacha } from "@noble/ciphers/chacha.js";
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { montgomery } from "@noble/curves/abstract/montgomery.js";
import { pow } from "@noble/curves/abstract/modular.js";
import * as ed25519 from "@noble/ed25519";
import { argon2id } from "@noble/hashes/argon2.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { ascii, concat, random, refuse, same, u16, type Bytes } from "./bytes.ts";

// Signatures come from noble's small build, and X25519 from its Montgomery curve alone: half the bytes of the general one.
ed25519.hashes.sha512 = sha512;
const P = 2n ** 255n - 19n;

/** RFC 7748, section 5: the scalar's three low bits off, the highest off, the next on. */
function clamp(scalar: Bytes): Bytes {
  scalar[0] = (scalar[0] ?? 0) & 248;
  scalar[31] = ((scalar[31] ?? 0) & 127) | 64;
  return scalar;
}

const x25519 = montgomery({ P, type: "x25519", adjustScalarBytes: clamp, powPminus2: (x) => pow(x, P - 2n, P) });
const ZERO_NONCE = new Uint8Array(24);
const EMPTY = new Uint8Array(0);
const TAG_FINAL = 3;
export const STREAM_OVERHEAD = 17;

function tag(use: string): Bytes {
  const text = ascii(`amparo v1 ${use}`);
  return concat(u16(text.length), text);
}

/** BLAKE2b-32 without a domain string: whole files. */
export function blake2b256(...parts: Bytes[]): Bytes {
  return blake2b(concat(...parts), { dkLen: 32 });
}

export function hash(use: string, ...parts: Bytes[]): Bytes {
  return blake2b(concat(tag(use), ...parts), { dkLen: 32 });
}

export function derive(key: Bytes, use: string, ...parts: Bytes[]): Bytes {
  return deriveLong(32, key, use, ...parts);
}

export function deriveLong(length: number, key: Bytes, use: string, ...parts: Bytes[]): Bytes {
  return blake2b(concat(tag(use), ...parts), { dkLen: length, key });
}

/** What a signature covers. */
function signed(use: string, deployment: Bytes, parts: Bytes[]): Bytes {
  return concat(tag(use), deployment, ...parts);
}

export interface SignKey {
  seed: Bytes;
  pk: Bytes;
}

export function signKey(seed: Bytes): SignKey {
  return { seed, pk: ed25519.getPublicKey(seed) };
}

export function sign(key: SignKey, use: string, deployment: Bytes, ...parts: Bytes[]): Bytes {
  return ed25519.sign(signed(use, deployment, parts), key.seed);
}

export function verifies(pk: Bytes, use: string, deployment: Bytes, signature: Bytes, ...parts: Bytes[]): boolean {
  return verifiesRaw(pk, signed(use, deployment, parts), signature);
}

export function verifiesRaw(pk: Bytes, message: Bytes, signature: Bytes): boolean {
  try {
    // noble forgives a small part in key and R; libsodium does not.
    return !isWeakSign(pk) && !isWeakSign(signature.slice(0, 32)) && ed25519.verify(signature, message, pk, { zip215: false });
  } catch {
    return false;
  }
}

/** Small order, or off the main subgroup. */
export function isWeakSign(pk: Bytes): boolean {
  try {
    const point = ed25519.Point.fromBytes(pk, false);
    return point.isSmallOrder() || !point.isTorsionFree();
  } catch {
    return true;
  }
}

export function isWeakBox(pk: Bytes): boolean {
  try {
    x25519.getSharedSecret(new Uint8Array(32).fill(9), pk);
    return false;
  } catch {
    return true;
  }
}

export interface BoxKey {
  sk: Bytes;
  pk: Bytes;
}

export function boxKey(sk: Bytes): BoxKey {
  return { sk, pk: x25519.getPublicKey(sk) };
}

/** An all-zero secret is refused. */
export function shared(own: BoxKey, theirs: Bytes): Bytes {
  try {
    return x25519.getSharedSecret(own.sk, theirs);
  } catch {
    return refuse("weak_key");
  }
}

/** A secretbox with a zero nonce: each key is used once. */
export function box0Seal(key: Bytes, plain: Bytes): Bytes {
  return xsalsa20poly1305(key, ZERO_NONCE).encrypt(plain);
}

export function box0Open(key: Bytes, sealed: Bytes): Bytes | null {
  try {
    return xsalsa20poly1305(key, ZERO_NONCE).decrypt(sealed);
  } catch {
    return null;
  }
}

const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);

function words(bytes: Bytes): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}

function unwords(numbers: Uint32Array): Bytes {
  const bytes = new Uint8Array(4 * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((word, i) => view.setUint32(4 * i, word, true));
  return bytes;
}

function le64(value: number): Bytes {
  return unwords(Uint32Array.of(value % 2 ** 32, Math.floor(value / 2 ** 32)));
}

/** Key and nonce of the first message of crypto_secretstream_xchacha20poly1305. */
function streamState(key: Bytes, header: Bytes): { key: Bytes; nonce: Bytes } {
  const out = new Uint32Array(8);
  hchacha(SIGMA, words(key), words(header.slice(0, 16)), out);
  return { key: unwords(out), nonce: concat(Uint8Array.of(1, 0, 0, 0), header.slice(16, 24)) };
}

function pad16(length: number): Bytes {
  return new Uint8Array((16 - (length % 16)) % 16);
}

/** The tag over associated data, the encrypted tag block and the ciphertext; libsodium's own pad length after the message. */
function streamMac(state: { key: Bytes; nonce: Bytes }, ad: Bytes, block: Bytes, sealed: Bytes): Bytes {
  const macKey = chacha20(state.key, state.nonce, new Uint8Array(64), undefined, 0).slice(0, 32);
  const pad = new Uint8Array((16 - 64 + sealed.length) & 15);
  return poly1305(concat(ad, pad16(ad.length), block, sealed, pad, le64(ad.length), le64(64 + sealed.length)), macKey);
}

/** A stream of exactly one message with tag FINAL. */
export function streamSeal(key: Bytes, header: Bytes, ad: Bytes, plain: Bytes): Bytes {
  const state = streamState(key, header);
  const block = new Uint8Array(64);
  block[0] = TAG_FINAL;
  const tagBlock = chacha20(state.key, state.nonce, block, undefined, 1);
  const sealed = chacha20(state.key, state.nonce, plain, undefined, 2);
  return concat(tagBlock.slice(0, 1), sealed, streamMac(state, ad, tagBlock, sealed));
}

export function streamOpen(key: Bytes, header: Bytes, ad: Bytes, whole: Bytes): Bytes | null {
  if (whole.length < STREAM_OVERHEAD) return null;
  const state = streamState(key, header);
  const sealed = whole.slice(1, -16);
  // The tag byte decrypts to itself xor the keystream; the rest of its block is keystream over zeros.
  const keystream = chacha20(state.key, state.nonce, new Uint8Array(64), undefined, 1);
  const opened = (whole[0] ?? 0) ^ (keystream[0] ?? 0);
  const block = concat(whole.slice(0, 1), keystream.slice(1));
  if (!same(streamMac(state, ad, block, sealed), whole.slice(-16)) || opened !== TAG_FINAL) return null;
  return chacha20(state.key, state.nonce, sealed, undefined, 2);
}

/** Argon2id of a receipt: one pass over 8 MiB. */
export function receiptRoot(entropy: Bytes, deployment: Bytes): Bytes {
  const salt = blake2b(concat(tag("receipt"), deployment), { dkLen: 16 });
  return argon2id(entropy, salt, { t: 1, m: 8192, p: 1, dkLen: 32, version: 0x13 });
}

/** The bytes whose BLAKE2b-32 a puzzle is about, without the solution. */
export function workFront(nonce: Bytes, subject: Bytes, index: number): Bytes {
  return concat(tag("work"), nonce, subject, Uint8Array.of(index));
}

export { EMPTY, random };
