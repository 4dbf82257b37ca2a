// The cleaners without tools from outside: our own packing against zlib's, small files made here, and hostile bytes.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { crc32 as zlibCrc, deflateRawSync, deflateSync, inflateRawSync, inflateSync, constants } from "node:zlib";
import { build } from "esbuild";

const web = new URL("..", import.meta.url).pathname;

async function load(entry) {
  const cache = join(web, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "clean-"));
  try {
    const outfile = join(folder, "bundle.mjs");
    await build({ stdin: { contents: entry, resolveDir: join(web, "report/clean") }, outfile, bundle: true, format: "esm", platform: "node", target: "node20", logLevel: "error" });
    return await import(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { index, inflate, deflate, zip, types, jpeg, read } = await load(["index", "inflate", "deflate", "zip", "types", "jpeg", "read"].map((room) => `export * as ${room} from "./${room}.ts";`).join("\n"));

/** The same numbers at each run (mulberry32). */
function dice(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const ascii = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 255);
const latin1 = (bytes) => Buffer.from(bytes).toString("latin1");
const segment = (marker, content) => read.join([Uint8Array.of(255, marker), read.be16(content.length + 2), content]);
const chunk = (name, content) => read.join([read.be32(content.length), ascii(name), content, read.be32(read.crc32(read.join([ascii(name), content])))]);
const riffChunk = (name, content) => read.join([ascii(name), read.le32(content.length), content, new Uint8Array(content.length & 1)]);

const EXIF = read.join([ascii("Exif\0\0MM"), read.be16(42), read.be32(8), read.be16(3), read.be16(0x010f), read.be16(2), read.be32(4), ascii("ACME"), read.be16(0x0112), read.be16(3), read.be32(1), read.be16(6), read.be16(0), read.be16(0x8825), read.be16(4), read.be32(1), read.be32(0), read.be32(0)]);
const JPEG = read.join([ascii("\xff\xd8"), segment(0xe0, ascii("JFIF\0\x01\x02\0\0\x01\0\x01\0\0")), segment(0xe1, EXIF), segment(0xfe, ascii("CANARY")), segment(0xdb, new Uint8Array(65)), segment(0xc0, ascii("\x08\0\x01\0\x01\x01\x01\x11\0")), segment(0xda, ascii("\x01\x01\0\0\x3f\0")), ascii("\x12\xff\0\x34\xff\xd0\x56\xff\xd9"), ascii("CANARY")]);
const PNG = read.join([ascii("\x89PNG\r\n\x1a\n"), chunk("IHDR", ascii("\0\0\0\x01\0\0\0\x01\x08\0\0\0\0")), chunk("tEXt", ascii("Author\0CANARY")), chunk("prVt", ascii("CANARY")), chunk("IDAT", deflateSync(Buffer.from([0, 7]))), chunk("IEND", new Uint8Array(0))]);
const webpBody = read.join([ascii("WEBP"), riffChunk("VP8X", ascii("\x0c\0\0\0\0\0\0\0\0\0")), riffChunk("VP8L", ascii("\x2f\0\0\0\0")), riffChunk("EXIF", EXIF.subarray(6)), riffChunk("XMP ", ascii("dc:creator CANARY"))]);
const WEBP = read.join([ascii("RIFF"), read.le32(webpBody.length), webpBody]);

/** A PDF of one page; `updates` append newer versions of object 4. */
function pdf(updates = [], swap = ["", ""]) {
  let text = "%PDF-1.4\n";
  const offsets = [];
  const objects = ["<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/PieceInfo<</A<</LastModified(D:20240101)/Private(CANARY)>>>>>>", "<</Length 7>>stream\n(OLD) T\nendstream", "<</Type/Metadata/Length 18>>stream\ndc:creator CANARY \nendstream", "<</Author(CANARY)/CreationDate(D:20240503)>>"].map((object) => object.replace(...swap));
  objects.forEach((object, i) => {
    offsets.push(text.length);
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
  });
  let start = text.length;
  text += `xref\n0 7\n0000000000 65535 f \n${offsets.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("")}trailer\n<</Size 7/Root 1 0 R/Info 6 0 R/ID[<AA><BB>]>>\nstartxref\n${start}\n%%EOF\n`;
  for (const update of updates) {
    const at = text.length;
    text += `4 0 obj\n<</Length ${update.length}>>stream\n${update}\nendstream\nendobj\n`;
    const table = text.length;
    text += `xref\n4 1\n${String(at).padStart(10, "0")} 00000 n \ntrailer\n<</Size 7/Root 1 0 R/Info 6 0 R/Prev ${start}>>\nstartxref\n${table}\n%%EOF\n`;
    start = table;
  }
  return ascii(text);
}

function zipped(members) {
  const writer = new zip.ZipWriter();
  for (const [name, content] of Object.entries(members)) writer.add(name, ascii(content));
  return writer.end();
}

const DOCX_PARTS = {
  "[Content_Types].xml": '<Types><Default Extension="xml" ContentType="application/xml"/><Override PartName="/docProps/core.xml" ContentType="x"/></Types>',
  "_rels/.rels": '<Relationships><Relationship Id="1" Type="a" Target="word/document.xml"/><Relationship Id="2" Type="b" Target="docProps/core.xml"/></Relationships>',
  "docProps/core.xml": "<cp:coreProperties><dc:creator>CANARY</dc:creator></cp:coreProperties>",
  "word/document.xml": '<?xml version="1.0"?><!-- CANARY --><w:document><w:p w:rsidR="00CANARY"><w:ins w:author="CANARY" w:date="2024-05-03"><w:t a="x &gt; y">told &amp; kept</w:t></w:ins><ns0:del ns0:author=\'Other CANARY\'/></w:p></w:document>',
};
const DOCX = zipped(DOCX_PARTS);
const ODT = zipped({ mimetype: "application/vnd.oasis.opendocument.text", "meta.xml": "<o:document-meta><o:meta><dc:creator>CANARY</dc:creator></o:meta></o:document-meta>", "content.xml": "<o:c><o:annotation><dc:creator>CANARY</dc:creator></o:annotation><t:p>told</t:p></o:c>", "META-INF/manifest.xml": "<m:manifest/>" });
const SAMPLES = { jpeg: JPEG, png: PNG, webp: WEBP, pdf: pdf(["(NEW) T"]), docx: DOCX, odt: ODT };

const refusal = (why) => (error) => error instanceof types.Refused && error.why === why;

describe("packing", () => {
  const roll = dice(1);
  const texts = [0, 1, 2, 3, 257, 258, 259, 32767, 32768, 70000, 300000].flatMap((length) => [
    Uint8Array.from({ length }, () => roll(256)),
    Uint8Array.from({ length }, () => 97 + roll(3)),
    new Uint8Array(length).fill(7),
    Uint8Array.from({ length }, (_, i) => (i * i) >>> 7),
  ]);

  test("what zlib packs is unpacked", () => {
    for (const text of texts) {
      for (const options of [{ level: 0 }, { level: 1 }, { level: 9 }, { strategy: constants.Z_FIXED }, { strategy: constants.Z_HUFFMAN_ONLY }]) {
        assert.deepEqual(Buffer.from(inflate.inflate(deflateRawSync(text, options), 400000)), Buffer.from(text));
        assert.deepEqual(Buffer.from(inflate.inflateZlib(deflateSync(text, options), 400000)), Buffer.from(text));
      }
    }
  });

  test("zlib unpacks what is packed", () => {
    for (const text of texts) {
      assert.deepEqual(inflateRawSync(deflate.deflate(text)), Buffer.from(text));
      assert.deepEqual(inflateSync(deflate.deflateZlib(text)), Buffer.from(text));
    }
    if (zlibCrc) assert.equal(read.crc32(ascii("123456789")), zlibCrc("123456789"));
    assert.equal(read.crc32(ascii("123456789")), 0xcbf43926);
  });

  test("a bomb stops at the limit", () => {
    const bomb = deflateRawSync(new Uint8Array(50_000_000));
    assert.throws(() => inflate.inflate(bomb, 1_000_000), refusal("too_complex"));
  });

  test("a stream that asks for a new table every few bytes is refused", () => {
    // A block with a table for the end alone, 92 bits, lowest first: RFC 1951, 3.2.7.
    const low = (value, count) => Array.from({ length: count }, (_, i) => (value >> i) & 1);
    const order = [0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    const block = [0, ...low(2, 2), ...low(0, 10), ...low(14, 4), ...order.flatMap((length) => low(length, 3)), 0, ...low(127, 7), 0, ...low(107, 7), 1, 1, 1, 0, 0];
    const end = [1, ...low(1, 2), ...low(0, 7)];
    const stream = (blocks) => {
      const bits = [...Array.from({ length: blocks }, () => block).flat(), ...end];
      return Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) => bits.slice(8 * i, 8 * i + 8).reduce((byte, bit, at) => byte | (bit << at), 0));
    };
    assert.equal(inflate.inflate(stream(200), 1000).length, 0);
    assert.throws(() => inflate.inflate(stream(2000), 1000), refusal("too_complex"));
  });
});

describe("cleaning", () => {
  for (const [kind, bytes] of Object.entries(SAMPLES)) {
    test(`${kind}: nothing of the person is left, and the bytes handed in are as they were`, () => {
      const before = bytes.slice();
      assert.ok(kind === "docx" || kind === "odt" || latin1(bytes).includes("CANARY"));
      const result = index.clean(bytes, "CANARY.xyz");
      assert.deepEqual([result.kind, result.why], [kind, undefined]);
      const all = result.name + latin1(result.cleaned) + (kind === "docx" || kind === "odt" ? members(result.cleaned) : "") + (kind === "pdf" ? packed(result.cleaned) : "");
      for (const trace of ["CANARY", "ACME", "20240503", "2024-05-03", "OLD"]) assert.ok(!all.includes(trace), trace);
      assert.ok(result.found.length > 0);
      assert.deepEqual(bytes, before);
    });
  }

  /** What the streams of a PDF hold when they are unpacked. */
  function packed(bytes) {
    const streams = [...latin1(bytes).matchAll(/FlateDecode[^]*?stream\n([^]*?)\nendstream/g)].map(([, data]) => latin1(inflateSync(Buffer.from(data, "latin1"))));
    assert.ok(streams.some((text) => text.includes("/Catalog")));
    return streams.join("\n");
  }

  function members(bytes) {
    const budget = new types.Budget();
    return zip.readZip(bytes, new types.Found()).map((entry) => `${entry.name}\n${latin1(zip.unpack(entry, budget))}`).join("\n");
  }

  test("the way up is kept and is all that Exif says", () => {
    const cleaned = latin1(index.clean(JPEG, "").cleaned);
    assert.ok(cleaned.includes("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"));
    assert.ok(!latin1(jpeg.cleanJpeg(JPEG, new types.Found(), false)).includes("Exif"));
  });

  test("the compressed picture of a JPEG is copied to the byte", () => {
    assert.ok(latin1(index.clean(JPEG, "").cleaned).endsWith("\x12\xff\0\x34\xff\xd0\x56\xff\xd9"));
  });

  test("an older version of a PDF is gone and said to have been there", () => {
    const { cleaned, found } = index.clean(pdf(["(MIDDLE) T", "(NEW) T"]), "");
    const text = latin1(cleaned);
    assert.ok(text.includes("(NEW) T") && !text.includes("MIDDLE") && !text.includes("OLD"));
    assert.ok(found.some((finding) => finding.category === "history"));
    assert.ok(!index.clean(pdf(), "").found.some((finding) => finding.category === "history"));
  });

  test("a document keeps its text and tells writers apart by number", () => {
    const text = members(index.clean(DOCX, "").cleaned);
    assert.ok(text.includes('<w:t a="x &gt; y">told &amp; kept</w:t>'));
    assert.ok(text.includes('<w:ins w:author="Author 1">') && text.includes('<ns0:del ns0:author="Author 2"/>'));
    assert.ok(!text.includes("docProps") && !text.includes("rsid"));
  });

  test("files that can not be cleaned are named so", () => {
    const why = (bytes) => index.clean(bytes, "a.jpg").why;
    assert.equal(why(new Uint8Array(0)), "empty");
    assert.equal(why(ascii("GIF89a")), "unsupported");
    assert.equal(why(new Uint8Array(index.LIMIT + 1)), "too_large");
    assert.equal(why(zipped({ ...DOCX_PARTS, "word/vbaProject.bin": "x" })), "macros");
    assert.equal(why(zipped({ ...DOCX_PARTS, "_xmlsignatures/a.xml": "<a/>" })), "signed");
    assert.equal(why(zipped({ ...DOCX_PARTS, "word/a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>' })), "damaged");
    assert.equal(why(zipped({ ...DOCX_PARTS, "WORD/document.xml": "<a/>" })), "damaged");
    assert.equal(why(ascii(latin1(pdf()).replace("/Info 6 0 R", "/Encrypt<<>>"))), "encrypted");
    assert.equal(why(ascii(latin1(pdf()).replace("/PieceInfo", "/ByteRange"))), "signed");
  });

  test("a neutral name has the ending of what the file is", () => {
    assert.equal(index.neutralName("jpeg", "Maria.PNG", 2), "file-2.jpg");
    assert.equal(index.neutralName("video", "VID_20240503.MP4", 1), "file-1.mp4");
    assert.equal(index.neutralName("unknown", "maria", 1), "file-1.bin");
  });
});

describe("hostile bytes", () => {
  const rounds = process.env.AMPARO_LONG === "1" ? 20000 : 1500;

  function mutate(bytes, roll) {
    let out = Uint8Array.from(bytes);
    for (let times = 1 + roll(6); times > 0; times--) {
      const at = roll(out.length || 1);
      const kind = roll(5);
      if (kind === 0) out[at] = roll(256);
      else if (kind === 1) out[at] = [0, 0xff, 0x7f, 0x80][roll(4)];
      else if (kind === 2) out = out.slice(0, at + 1);
      else if (kind === 3) out = read.join([out.subarray(0, at), out.subarray(roll(out.length))]);
      else out.set([255, 255, 255, 255].slice(0, out.length - at), at);
    }
    return out;
  }

  for (const [kind, bytes] of Object.entries(SAMPLES)) {
    test(`${kind}: ${rounds} damaged files neither throw nor hang`, () => {
      const roll = dice(bytes.length);
      let cleaned = 0;
      for (let round = 0; round < rounds; round++) {
        const damaged = mutate(bytes, roll);
        const begun = performance.now();
        const result = index.clean(damaged, "a");
        assert.ok(performance.now() - begun < 3000, `round ${round}`);
        assert.equal(result.cleaned === null, typeof result.why === "string");
        if (result.cleaned) cleaned++;
      }
      assert.ok(cleaned > 0 && cleaned < rounds);
    });
  }

  test("text inside of a zip is attacked too, behind right checksums", () => {
    const roll = dice(9);
    for (let round = 0; round < rounds; round++) {
      const name = ["word/document.xml", "_rels/.rels", "[Content_Types].xml"][roll(3)];
      const result = index.clean(zipped({ ...DOCX_PARTS, [name]: latin1(mutate(ascii(DOCX_PARTS[name]), roll)) }), "a");
      assert.equal(result.cleaned === null, typeof result.why === "string");
    }
  });

  test("deep, circular and endless PDFs end", () => {
    const why = (from, to) => index.clean(pdf([], [from, to]), "a").why;
    assert.equal(why("/MediaBox[0 0 9 9]", `/A${"[".repeat(50)}${"]".repeat(50)}`), undefined);
    assert.equal(why("/MediaBox[0 0 9 9]", `/A${"[".repeat(150)}${"]".repeat(150)}`), "too_complex");
    assert.equal(why("/MediaBox[0 0 9 9]", `/A${"[".repeat(5000)}${"]".repeat(5000)}`), "too_complex");
    assert.equal(why("/Kids[3 0 R]", "/Kids[2 0 R 3 0 R]"), undefined);
    assert.equal(why("/Length 7>>", "/Length 4 0 R>>"), "damaged");
    const text = latin1(pdf());
    assert.equal(index.clean(ascii(text.replace("/Root 1 0 R", `/Prev ${text.indexOf("xref")}/Root 1 0 R`)), "a").why, undefined);
  });

  test("markup that never ends takes time in proportion", () => {
    for (const text of [`<a ${"b ".repeat(300000)}>`, `<a ${"b".repeat(600000)}>`, `<a ${" ".repeat(600000)}b>`, `<a b="${"c".repeat(600000)}`, "<a>".repeat(200000), `<!--${"-".repeat(600000)}`]) {
      const begun = performance.now();
      index.clean(zipped({ ...DOCX_PARTS, "word/document.xml": text }), "a");
      assert.ok(performance.now() - begun < 4000, text.slice(0, 10));
    }
  });
});
