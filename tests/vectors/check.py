"""A third client: reads the vectors with what docs/protocol says and nothing of the program's or the page's code.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install pynacl==1.6.2 && /tmp/v/bin/python tests/vectors/check.py

Nothing else needs it. directory.json, routing.json and score.json are not read here.
"""
import base64, hashlib, json, pathlib, re, sys, unicodedata
import nacl.bindings as na
import nacl.exceptions, nacl.pwhash.argon2id as argon

HERE = pathlib.Path(__file__).parent
SIZES = [16384, 65536, 262144]
KNOWN = "format must_understand lang directory questionnaire key_day answers recipients removed attachments vault text seen".split()
LAST_DAY = 2932896


class Refused(Exception):
    def __init__(self, code, **about):
        self.code, self.about = code, about or None


def need(good, code):
    if not good:
        raise Refused(code)


# Primitives (README.md)
u16, u32, u64 = (lambda n: n.to_bytes(2, "big")), (lambda n: n.to_bytes(4, "big")), (lambda n: n.to_bytes(8, "big"))
num = lambda b: int.from_bytes(b, "big")
tag = lambda use: u16(len("amparo v1 " + use)) + b"amparo v1 " + use.encode()
blake = lambda m, size=32, key=b"": hashlib.blake2b(m, digest_size=size, key=key).digest()
digest = lambda use, *m: blake(tag(use) + b"".join(m))
derive = lambda k, use, *c, size=32: blake(tag(use) + b"".join(c), size, k)
sign_pk = lambda seed: na.crypto_sign_seed_keypair(seed)[0]
box_pk = na.crypto_scalarmult_base
ZERO = bytes(24)


def strong_sign(pk):
    try:
        return bool(na.crypto_sign_ed25519_pk_to_curve25519(pk))
    except Exception:
        return False


def shared(sk, pk):
    try:
        return na.crypto_scalarmult(sk, pk)
    except Exception:
        raise Refused("weak_key")


def strong_box(pk):
    try:
        return bool(shared(b"\x09" * 32, pk))
    except Refused:
        return False


def verifies(pk, use, deployment, signature, *m):
    try:
        return strong_sign(pk) and na.crypto_sign_open(signature + tag(use) + deployment + b"".join(m), pk) is not None
    except nacl.exceptions.BadSignatureError:
        return False


def sign(seed, use, deployment, *m):
    return na.crypto_sign(tag(use) + deployment + b"".join(m), na.crypto_sign_seed_keypair(seed)[1])[:64]


def box0_open(k, sealed):
    try:
        return na.crypto_secretbox_open(sealed, ZERO, k)
    except Exception:
        raise Refused("cannot_open")


box0 = lambda k, m: na.crypto_secretbox(m, ZERO, k)


def stream_open(k, header, ad, sealed):
    try:
        state = na.crypto_secretstream_xchacha20poly1305_state()
        na.crypto_secretstream_xchacha20poly1305_init_pull(state, header, k)
        plain, its = na.crypto_secretstream_xchacha20poly1305_pull(state, sealed, ad)
    except Exception:
        raise Refused("cannot_open")
    need(its == na.crypto_secretstream_xchacha20poly1305_TAG_FINAL, "cannot_open")
    return plain


# Slots (envelope.md)
ephemeral = lambda seed: derive(seed, "ephemeral")


def slots(seed, ctx, to, count):
    need(len(to) <= count, "too_large")
    r, perm = derive(derive(seed, "slot order"), "slot order", size=64), list(range(count))
    for i in range(count - 1, 0, -1):
        at = 4 * (count - 1 - i)
        j = num(r[at:at + 4]) % (i + 1)
        perm[i], perm[j] = perm[j], perm[i]
    made = [derive(derive(seed, "filler"), "filler", bytes([p]), size=48) for p in range(count)]
    for k, pk in enumerate(to):
        made[perm[k]] = box0(derive(shared(ephemeral(seed), pk), "slot", ctx, pk), seed)
    return b"".join(made)


def open_slots(sk, use, eph, ctx, all_slots):
    need(strong_box(eph), "cannot_open")
    key = derive(shared(sk, eph), use, ctx, box_pk(sk))
    for at in range(0, len(all_slots), 48):
        try:
            seed = box0_open(key, all_slots[at:at + 48])
        except Refused:
            continue
        need(box_pk(ephemeral(seed)) == eph, "cannot_open")
        return seed
    raise Refused("cannot_open")


# Framed JSON
def unframe(plain, tail=0):
    n = num(plain[:4])
    need(4 + n + tail <= len(plain) and not any(plain[4 + n + tail:]), "not_canonical")
    return plain[4:4 + n], plain[4 + n:4 + n + tail]


def read_json(raw, known):
    need(raw[:1] == b"{", "bad_json")
    try:
        value = json.loads(raw.decode())
    except ValueError:
        raise Refused("bad_json")
    must = value.get("must_understand", [])
    need(isinstance(must, list) and all(isinstance(m, str) for m in must), "bad_json")
    need(all(m in known for m in must), "must_understand")
    return value


# Envelopes
def check_header(h):
    need(len(h) == 1024, "wrong_length")
    need(h[0] == 1, "unknown_version")
    need(h[1] == 1, "unknown_suite")
    need(h[2] in (1, 2), "unknown_kind")
    need(1 <= h[3] <= 3, "not_canonical")
    number = num(h[36:40])
    need((h[2] == 1) == (number == 0) and (number or not any(h[40:72])), "not_canonical")
    need(h[4:36] == digest("mailbox", h[72:104]), "bad_seal")


def head_holds(head, deployment):
    return verifies(head[72:104], "seal", deployment, head[1056:], head[:1024], head[1024:1056])


def link(head):
    return digest("envelope", head[:1024], head[1056:])


def open_envelope(whole, own, deployment):
    need(len(whole) >= 1088, "wrong_length")
    h, seal, body = whole[:1024], whole[1024:1088], whole[1088:]
    check_header(h)
    need(len(body) == SIZES[h[3] - 1], "wrong_length")
    ctx = digest("slot context", deployment, h[:232], h[1000:])
    seed = open_slots(own, "slot", h[200:232], ctx, h[232:1000])
    if h[2] == 1:
        need(h[136:168] == sign_pk(derive(seed, "case sign")) and h[168:200] == box_pk(derive(seed, "case box")), "cannot_open")
    need(head_holds(h + digest("body", body) + seal, deployment), "bad_seal")
    plain = stream_open(derive(seed, "content"), h[1000:], h, body)
    raw, _ = unframe(plain)
    need(h[3] == 1 or len(raw) + 4 > SIZES[h[3] - 2] - 17, "not_canonical")
    value = read_json(raw, KNOWN)
    need(value.get("format") == ("amparo-report-1" if h[2] == 1 else "amparo-follow-up-1"), "bad_json")
    if h[2] == 1:
        to = value.get("recipients")
        need(isinstance(to, list), "bad_json")
        need(all(isinstance(r, dict) and re.fullmatch("[0-9a-f]{64}", r.get("pk", "")) for r in to), "bad_json")
        need(1 <= len(to) <= 16, "not_canonical")
        to = [bytes.fromhex(r["pk"]) for r in to]
    else:
        to = [h[168:200]]
    same = all(map(strong_box, to)) and slots(seed, ctx, to, 16) == h[232:1000]
    says = value["answers"]["account"] if h[2] == 1 else value["text"]
    return {"seed": seed.hex(), "says": says, "recipients": len(to), "slots_differ": not same}


def read_head(c, b):
    need(len(b) == 1120, "wrong_length")
    check_header(b[:1024])
    need(head_holds(b, bytes.fromhex(c["deployment"])), "bad_seal")
    return link(b).hex()


def open_vault(c, b):
    need(len(b) == 1265, "wrong_length")
    need(b[0] == 1, "unknown_version")
    own, deployment, mailbox = (bytes.fromhex(c[m]) for m in ("own", "deployment", "mailbox_id"))
    ctx = digest("vault context", deployment, mailbox, u32(c["number"]), b[1:33])
    seed = open_slots(own, "slot", b[1:33], ctx, b[33:225])
    raw, _ = unframe(box0_open(derive(seed, "vault content", ctx), b[225:]))
    value = read_json(raw, "format must_understand name contact contact_safe custodians".split())
    need(value["format"] == "amparo-vault-1" and isinstance(value.get("custodians"), list), "bad_json")
    return {"name": value["name"], "contact": value["contact"], "custodians": len(value["custodians"])}


# Receipt
def fold(word):
    return "".join(c for c in unicodedata.normalize("NFD", word) if not "\u0300" <= c <= "\u036f").lower()


LISTS = {code: (HERE / f"../../src/words/bip39/{code}.txt").read_text().split("\n")[:2048] for code in ("es", "pt", "en")}
EXACT = {code: {fold(w): i for i, w in enumerate(words)} for code, words in LISTS.items()}
PREFIX = {code: {fold(w)[:4]: i for i, w in enumerate(words)} for code, words in LISTS.items()}


def index(code, typed):
    word = fold(typed)
    return EXACT[code].get(word, PREFIX[code].get(word[:4]) if len(word) >= 4 else None)


def is_letter(c):
    # Python has no `Alphabetic`; this holds for what the vectors type.
    return unicodedata.category(c)[0] == "L" or unicodedata.category(c) == "Nl" or "\u24b6" <= c <= "\u24e9" or "\u05b0" <= c <= "\u05bf" or "\u0300" <= c <= "\u036f"


def type_words(c, _):
    words = "".join(x if is_letter(x) else " " for x in c["typed"]).split()
    if len(words) != 8:
        raise Refused("wrong_count", count=len(words))
    tries = {code: [index(code, w) for w in words] for code in ([c["language"]] if c["language"] else LISTS)}
    good = [code for code, found in tries.items() if None not in found]
    need(len(good) < 2, "ambiguous")
    if not good:
        best = max(tries.values(), key=lambda found: (8 - found.count(None), found.index(None)))
        at = best.index(None)
        raise Refused("unknown_word", position=at + 1, word=words[at])
    found, deployment = tries[good[0]], bytes.fromhex(c["deployment"])
    bits = 0
    for i in found:
        bits = bits << 11 | i
    root = argon.kdf(32, bits.to_bytes(11, "big"), blake(tag("receipt") + deployment, 16), opslimit=1, memlimit=8 << 20)
    sk = sign_pk(derive(root, "reporter sign"))
    return {"language": good[0], "phrase": " ".join(LISTS[good[0]][i] for i in found), "sign_pk": sk.hex(),
            "box_pk": box_pk(derive(root, "reporter box")).hex(), "mailbox_id": digest("mailbox", sk).hex()}


# Work, mailbox, replies, epochs (api.md, case.md)
def solved(c, i, s):
    front = tag("work") + bytes.fromhex(c["nonce"]) + bytes.fromhex(c["subject"]) + bytes([i])
    return 256 - num(blake(front + u64(s))).bit_length() >= c["bits"]


def solve(c, _):
    need(c["bits"] <= 28, "too_much_work")
    first = lambda i: next(s for s in range(1 << 62) if solved(c, i, s))
    return b"".join(u64(first(i)) for i in range(16)).hex()


def check_work(c, _):
    raw = bytes.fromhex(c["solutions"])
    need(all(solved(c, i, num(raw[8 * i:8 * i + 8])) for i in range(16)), "work_insufficient")
    return True


def request(c, _):
    seed = bytes.fromhex(c["sign"])
    front = bytes([1, {"read": 1, "destroy": 2}[c["verb"]]]) + u16(c["page"]) + sign_pk(seed) + bytes.fromhex(c["nonce"])
    return (front + sign(seed, "mailbox request", bytes.fromhex(c["deployment"]), front)).hex()


def some_of(b, start, end, each, count):
    need(start + each * count <= end and not any(b[start + each * count:end]), "not_canonical")
    return [b[start + n * each:start + (n + 1) * each] for n in range(count)]


def check_record(r):
    need(len(r) == 140, "wrong_length")
    need(num(r[:4]) > 0 and num(r[4:8]) <= LAST_DAY and not any(r[136:]), "not_canonical")


def check_reply(b):
    need(len(b) == 4096, "wrong_length")
    need(b[0] == 1, "unknown_version")
    need(b[1] == 1, "unknown_suite")
    need(b[2] == 4, "unknown_kind")
    need(b[3] in (1, 2) and num(b[36:40]) > 0 and num(b[44:48]) <= LAST_DAY, "not_canonical")


def answer(c, b):
    need(len(b) == 40960, "wrong_length")
    need(any(b), "no_mailbox")
    need(b[:4] == b"\1\0\0\0", "not_canonical")
    number, total, page = num(b[4:8]), num(b[4492:4496]), num(b[4496:4500])
    check_header(b[8:1032])
    lasts = some_of(b, 1128, 2248, 1120, min(number, 1))
    for last in lasts:
        check_header(last[:1024])
    records = some_of(b, 2252, 4492, 140, num(b[2248:2252]))
    list(map(check_record, records))
    replies = some_of(b, 4500, 37268, 4096, max(0, min(8, total - 8 * page)))
    list(map(check_reply, replies))
    need(not any(b[37268:]), "not_canonical")
    report, last = b[8:1128], (lasts or [b[8:1128]])[0]
    for head in (report, last):
        need(head[72:104] == sign_pk(bytes.fromhex(c["sign"])) and head_holds(head, bytes.fromhex(c["deployment"])), "not_ours")
    need(num(report[36:40]) == 0 and num(last[36:40]) == number, "not_ours")
    return {"last_number": number, "report": link(report).hex(), "last": link(last).hex(), "epochs": len(records), "total": total,
            "replies": [num(r[36:40]) for r in replies]}


def open_reply(c, b):
    check_reply(b)
    own, deployment, gate, case = (bytes.fromhex(c[m]) for m in ("own", "deployment", "gate_pk", "case_sign_pk"))
    ctx = digest("reply context", deployment, b[:80])
    if c["do"] == "open":
        seed = open_slots(own, "reply slot", b[48:80], ctx, b[80:128])
    else:
        seed = box0_open(derive(own, "reply wrap", ctx), b[128:176])
        need(box_pk(ephemeral(seed)) == b[48:80], "cannot_open")
    raw, signatures = unframe(box0_open(derive(seed, "reply content", ctx), b[176:]), 128)
    v = read_json(raw, "format must_understand directory seen text status".split())
    text, status = v.get("text"), v.get("status")
    words = "received read question team paused ended care".split()
    fits = (isinstance(text, str) and status is None) if b[3] == 1 else (status in words and text is None)
    is_u32 = lambda n: type(n) is int and 0 <= n < 1 << 32
    need(v.get("format") == "amparo-reply-1" and is_u32(v.get("directory")) and is_u32(v.get("seen")) and fits, "bad_json")
    subject = b[3:4] + b[4:36] + b[40:44] + b[36:40] + u32(v["directory"]) + digest("reply", raw)
    good = verifies(gate, "reply gate", deployment, signatures[:64], subject) and verifies(case, "reply case", deployment, signatures[64:], subject)
    need(good, "bad_signature")
    return {"what": "text" if b[3] == 1 else "status", "number": num(b[36:40]), "epoch": num(b[40:44]), "directory": v["directory"],
            "says": text if b[3] == 1 else status}


def walk(c, _):
    records = [bytes.fromhex(r) for r in c["records"]]
    list(map(check_record, records))
    need(len(records) <= 16, "too_large")
    keys = [c["first"]]
    for n, r in enumerate(records):
        need(num(r[:4]) == n + 1, "wrong_chain")
        former = bytes.fromhex(keys[-1]["sign_pk"])
        need(verifies(former, "epoch", bytes.fromhex(c["deployment"]), r[72:136], bytes.fromhex(c["mailbox_id"]), r[:72]), "bad_signature")
        need(strong_sign(r[8:40]) and strong_box(r[40:72]), "weak_key")
        keys.append({"sign_pk": r[8:40].hex(), "box_pk": r[40:72].hex()})
    return keys


def primitive(c, _):
    raw = {m: bytes.fromhex(v) for m, v in c.items() if m in "key pk signature deployment sealed header ad own ephemeral_pk context slots seed".split()}
    parts, do, use = [bytes.fromhex(p) for p in c.get("parts", [])], c["do"], c.get("use")
    if do == "hash": return digest(use, *parts).hex()
    if do == "derive": return derive(raw["key"], use, *parts).hex()
    if do == "publics": return {"sign": sign_pk(raw["key"]).hex(), "box": box_pk(raw["key"]).hex()}
    if do == "verify": return need(verifies(raw["pk"], use, raw["deployment"], raw["signature"], *parts), "bad_signature") or True
    if do == "strength": return need(strong_sign(raw["pk"]), "weak_key") or True
    if do == "shared": return shared(raw["key"], raw["pk"]).hex()
    if do == "open_box": return box0_open(raw["key"], raw["sealed"]).hex()
    if do == "open_stream": return stream_open(raw["key"], raw["header"], raw["ad"], raw["sealed"]).hex()
    if do == "slots": return slots(raw["seed"], raw["context"], [bytes.fromhex(p) for p in c["recipients"]], c["count"]).hex()
    return open_slots(raw["own"], use, raw["ephemeral_pk"], raw["context"], raw["slots"]).hex()


envelope = lambda c, b: open_envelope(b, bytes.fromhex(c["own"]), bytes.fromhex(c["deployment"]))
READERS = {
    "primitives": dict.fromkeys("hash derive publics verify strength shared open_box open_stream slots open_slots".split(), primitive),
    "receipt": {"type": type_words},
    "envelope": {"open_report": envelope, "open_follow_up": envelope, "head": read_head},
    "vault": {"open": open_vault},
    "work": {"subject": lambda c, _: digest("work subject", bytes.fromhex(c["rest"])).hex(), "solve": solve, "check": check_work},
    "mailbox": {"request": request, "answer": answer},
    "reply": {"open": open_reply, "open_as_desk": open_reply},
    "epochs": {"walk": walk},
}


def bytes_of(told, cases):
    if isinstance(told, str):
        return base64.b64decode(told, validate=True)
    made = bytearray(bytes_of(cases[told["like"]]["bytes"], cases)) if "like" in told else bytearray()
    length = told.get("length", len(made))
    made = (made + bytes(max(0, length - len(made))))[:length]
    for at, put in told.get("put", []):
        made[at:at + len(put) // 2] = bytes.fromhex(put)
    return bytes(made)


def main():
    failed = 0
    for what, readers in READERS.items():
        whole = json.loads((HERE / f"{what}.json").read_text())
        cases = {c["name"]: c for c in whole["cases"]}
        # What only a desk reads of a body's members, and what is about sealing, is passed over.
        mine = [c for c in cases.values() if c["do"] in readers and not (what == "envelope" and c.get("reader") == "desk")]
        for c in mine:
            try:
                got = (True, readers[c["do"]](c, bytes_of(c["bytes"], cases) if "bytes" in c else None), None)
            except Refused as error:
                got = (False, error.code, error.about)
            if got != (c["ok"], c["expect"] if c["ok"] else c["error"], c.get("about")):
                failed += 1
                print(f"{what}, {c['name']}: got {str(got)[:200]}, wanted {c.get('error', 'ok')}")
        print(f"{what}: {len(mine)} of {len(cases)} read")
    sys.exit(1 if failed else 0)


main()
