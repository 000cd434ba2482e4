"""The case list of the Autobahn testsuite (groups 1 to 7, 9 and 10) by its own numbers, for one leg of
a proxied conversation: what one peer sends, what the other must get, and how it must end.

Payloads are messages of the Live API: sizes are those of the suite where such a message can be so
short. What is no JSON (an empty message) ends a client's connection with 1007, as the service does;
from the service it passes, since the client may know better.
"""

import dataclasses
import struct

HELLO = b"Hello, world!"
KOSME = "κόσμε".encode()


def frame(opcode, payload=b"", fin=True, reserved=0, mask=None):
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    bit = 0x80 if mask is not None else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 1 << 16:
        head += struct.pack("!BH", bit | 126, len(payload))
    else:
        head += struct.pack("!BQ", bit | 127, len(payload))
    return head + (mask + masked(payload, mask) if mask is not None else payload)


def masked(payload, mask):
    if mask == b"\0\0\0\0" or not payload:
        return payload
    whole = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(
        len(payload), "big"
    )


def message(size, fill=b"*"):
    """A message of exactly `size` bytes; nothing but its own bytes where none is so short."""
    if size < 9:
        return b""
    if size < 125:
        return b'{"x":"' + fill * (size - 8) + b'"}'
    head = b'{"clientContent":{"turns":[{"role":"user","parts":[{"text":"'
    tail = b'"}]}],"turnComplete":false}}'
    return head + fill * (size - len(head) - len(tail)) + tail


def text(content):
    return b'{"x":"' + content + b'"}'


@dataclasses.dataclass
class Case:
    """`sends` are frames (dictionaries for `frame`), bytes of one, or a pause (`None`)."""

    id: str
    title: str
    sends: list
    # What the other peer gets, in order: opcode and payload.
    gets: list = dataclasses.field(default_factory=list)
    pongs: list = dataclasses.field(default_factory=list)
    # Close codes, any of which will do; empty: the connection goes on.
    ends: tuple = ()
    # Bytes of a write, so that frames arrive in pieces.
    chop: int = 0
    # No message of the Live API: who sends it may be the client or the service only.
    is_json: bool = True


def f(opcode, payload=b"", fin=True, reserved=0):
    return {"opcode": opcode, "payload": payload, "fin": fin, "reserved": reserved}


def split(opcode, payload, size):
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
    last = len(pieces) - 1
    return [f(opcode if n == 0 else 0, p, fin=n == last) for n, p in enumerate(pieces)]


def cases():
    yield from framing()
    yield from pings()
    yield from reserved()
    yield from opcodes()
    yield from fragments()
    yield from unicode()
    yield from closes()
    yield from limits()
    whole = message(65536)
    yield Case("10.1.1", "64 KiB in fragments of 1300", split(1, whole, 1300), [(1, whole)])


def framing():
    sizes = [0, 125, 126, 127, 128, 65535, 65536, 65536]
    for group, opcode, kind in ((1, 1, "text"), (2, 2, "binary")):
        for number, size in enumerate(sizes, 1):
            payload = message(size)
            yield Case(
                f"1.{group}.{number}",
                f"{kind} of {size} bytes" + (", in chops of 997" if number == 8 else ""),
                [f(opcode, payload)],
                [(opcode, payload)],
                chop=997 if number == 8 else 0,
                is_json=size > 0,
            )


def pings():
    full, odd = b"\xfe" * 125, bytes([0, 255, 254, 253, 252, 251, 0, 255])
    yield Case("2.1", "ping without payload", [f(9)], pongs=[b""])
    yield Case("2.2", "ping with text", [f(9, HELLO)], pongs=[HELLO])
    yield Case("2.3", "ping with binary payload", [f(9, odd)], pongs=[odd])
    yield Case("2.4", "ping of 125 bytes", [f(9, full)], pongs=[full])
    yield Case("2.5", "ping of 126 bytes", [f(9, full + b"\xfe")], ends=(1002,))
    yield Case("2.6", "ping of 125 bytes, byte by byte", [f(9, full)], pongs=[full], chop=1)
    yield Case("2.7", "unsolicited pong without payload", [f(10)])
    yield Case("2.8", "unsolicited pong with payload", [f(10, b"unsolicited")])
    yield Case(
        "2.9", "unsolicited pong, then ping", [f(10, b"unsolicited"), f(9, HELLO)], pongs=[HELLO]
    )
    ten = [b"payload-%d" % n for n in range(10)]
    for number, chop in ((10, 0), (11, 1)):
        yield Case(
            f"2.{number}",
            "ten pings" + (", byte by byte" if chop else ""),
            [f(9, payload) for payload in ten],
            pongs=ten,
            chop=chop,
        )


def reserved():
    first = message(130)
    after = [f(9, HELLO)]
    bad = f(1, first, reserved=1)
    yield Case("3.1", "RSV 1 on text", [bad], ends=(1002,))
    for number, bits, chop in ((2, 2, 0), (3, 3, 0), (4, 4, 1)):
        yield Case(
            f"3.{number}",
            f"text, then RSV {bits}" + (", byte by byte" if chop else ""),
            [f(1, first), f(1, first, reserved=bits), *after],
            [(1, first)],
            ends=(1002,),
            chop=chop,
        )
    yield Case("3.5", "RSV 5 on binary", [f(2, first, reserved=5)], ends=(1002,))
    yield Case("3.6", "RSV 6 on a ping", [f(9, HELLO, reserved=6)], ends=(1002,))
    yield Case("3.7", "RSV 7 on a close", [f(8, b"", reserved=7)], ends=(1002,))


def opcodes():
    first = message(130)
    for group, numbers in ((1, (3, 4, 5, 6, 7)), (2, (11, 12, 13, 14, 15))):
        for number, opcode in enumerate(numbers, 1):
            payload = HELLO if number in (2, 4, 5) else b""
            before = [f(1, first)] if number > 2 else []
            yield Case(
                f"4.{group}.{number}",
                f"reserved opcode {opcode}" + (" behind a text" if before else ""),
                [*before, f(opcode, payload), f(9)],
                [(1, first)] if before else [],
                ends=(1002,),
                chop=1 if number == 5 else 0,
            )


def fragments():
    whole = message(200)
    parts = [whole[:50], whole[50:90], whole[90:120], whole[120:160], whole[160:]]
    two = [f(1, whole[:60], fin=False), f(0, whole[60:])]
    pinged = [two[0], f(9, HELLO), two[1]]
    other = message(150)
    yield Case("5.1", "ping in two fragments", [f(9, b"a", fin=False), f(0, b"b")], ends=(1002,))
    yield Case("5.2", "pong in two fragments", [f(10, b"a", fin=False), f(0, b"b")], ends=(1002,))
    for number, chop in ((3, 0), (4, 0), (5, 1)):
        yield Case(f"5.{number}", "text in two fragments" + how(number, 3), two, [(1, whole)], chop=chop)
    for number, chop in ((6, 0), (7, 0), (8, 1)):
        yield Case(
            f"5.{number}",
            "text in two fragments, a ping between" + how(number, 6),
            pinged,
            [(1, whole)],
            [HELLO],
            chop=chop,
        )
    for number, fin in ((9, True), (10, True), (11, True), (12, False), (13, False), (14, False)):
        yield Case(
            f"5.{number}",
            f"continuation of nothing, FIN {int(fin)}" + how(number, 9 if fin else 12),
            [f(0, other, fin=fin), f(1, whole)],
            ends=(1002,),
            chop=1 if number in (11, 14) else 0,
        )
    yield Case(
        "5.15",
        "two fragments, then a continuation of nothing",
        [*two, f(0, other, fin=False), f(1, other)],
        [(1, whole)],
        ends=(1002,),
    )
    for number, fin in ((16, False), (17, True)):
        yield Case(
            f"5.{number}",
            f"continuation of nothing, FIN {int(fin)}, before a text, twice",
            2 * [f(0, b"a", fin=fin), f(1, whole, fin=False), f(0, b"")],
            ends=(1002,),
        )
    yield Case("5.18", "text within a text", [two[0], f(1, other)], ends=(1002,))
    for number in (19, 20):
        sends = [f(1 if n == 0 else 0, p, fin=n == 4) for n, p in enumerate(parts)]
        sends[2:2] = [f(9, b"one")]
        if number == 20:
            sends[3:3] = [None]
        sends[-1:-1] = [f(9, b"two")]
        yield Case(
            f"5.{number}",
            "five fragments, two pings between" + (", a pause" if number == 20 else ""),
            sends,
            [(1, whole)],
            [b"one", b"two"],
        )


def how(number, first):
    return ["", ", one write each", ", byte by byte"][number - first]


def legible(id, title, content, **options):
    payload = text(content)
    return Case(id, title, [f(1, payload)], [(1, payload)], **options)


def illegible(id, title, content, **options):
    return Case(id, title, [f(1, text(content))], ends=(1007,), **options)


def unicode():
    greek = "Hello-µ@ßöäüàá-UTF-8!!".encode()
    yield Case("6.1.1", "text without payload", [f(1)], [(1, b"")], is_json=False)
    for number, pieces in ((2, [b"", b"", b""]), (3, [b"", b"middle frame payload", b""])):
        payload = b"".join(pieces)
        yield Case(
            f"6.1.{number}",
            "three fragments, " + ("all empty" if number == 2 else "the first and last empty"),
            [f(1, pieces[0], fin=False), f(0, pieces[1], fin=False), f(0, pieces[2])],
            [(1, payload)],
            is_json=False,
        )
    whole = text(greek)
    yield legible("6.2.1", "valid", greek)
    yield Case("6.2.2", "valid, in two fragments", split(1, whole, 18), [(1, whole)])
    yield Case("6.2.3", "valid, a fragment a byte", split(1, whole, 1), [(1, whole)])
    ancient = text(KOSME)
    yield Case("6.2.4", "valid, a fragment a byte", split(1, ancient, 1), [(1, ancient)])
    bad = KOSME + b"\xed\xa0\x80edited"
    yield illegible("6.3.1", "a surrogate", bad)
    yield Case("6.3.2", "a surrogate, a fragment a byte", split(1, text(bad), 1), ends=(1007,))
    start, stray, rest = text(KOSME)[:-2], b"\xf4\x90\x80\x80", b'edited"}'
    yield Case(
        "6.4.1",
        "fails at the fragment, not at the end",
        [f(1, start, fin=False), None, f(0, stray, fin=False), None],
        ends=(1007,),
    )
    yield Case(
        "6.4.2",
        "fails in the midst of a code point",
        [f(1, start + stray[:2], fin=False), None],
        ends=(1007,),
    )
    for number, cut in ((3, len(start) + 4), (4, len(start) + 2)):
        yield Case(
            f"6.4.{number}",
            "fails within a frame, before all of it is there",
            [("frame", 1, start + stray + rest, cut), None],
            ends=(1007,),
        )
    for number, content in enumerate(("hello$world", "hello¢world", "hello€world", "hello𤭢world"), 1):
        yield legible(f"6.5.{number}", "valid: " + content, content.encode())
    yield legible("6.5.5", "valid: κόσμε", KOSME)
    for number in range(1, 12):
        cut = bytes.fromhex("cebae1bdb9cf83cebcceb5")[:number]
        whole_points = number in (2, 5, 7, 9, 11)
        make = legible if whole_points else illegible
        yield make(f"6.6.{number}", f"0x{cut.hex()}", cut)
    yield from tables()


def tables():
    """Groups 6.7 to 6.23: boundaries, sequences that are too long or impossible, surrogates."""
    edges = ["00", "c280", "e0a080", "f0908080"]
    for number, content in enumerate(edges, 1):
        yield legible(
            f"6.7.{number}",
            f"first of its length: 0x{content}",
            bytes.fromhex(content),
            is_json=content != "00",
        )
    groups = {
        8: (False, ["f888808080", "fc8480808080"]),
        9: (True, ["7f", "dfbf", "efbfbf", "f48fbfbf"]),
        10: (False, ["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"]),
        11: (True, ["ed9fbf", "ee8080", "efbfbd", "f48fbfbf"]),
        12: (False, ["80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf",
                     "".join(f"{n:02x}" for n in range(0x80, 0xC0))]),
        13: (False, ["".join(f"{n:02x}20" for n in r) for r in (
            range(0xC0, 0xE0), range(0xE0, 0xF0), range(0xF0, 0xF8), range(0xF8, 0xFC),
            range(0xFC, 0xFE))]),
        14: (False, ["c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf",
                     "fbbfbfbf", "fdbfbfbfbf"]),
        15: (False, ["c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf"]),
        16: (False, ["fe", "ff", "fefeffff"]),
        17: (False, ["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"]),
        18: (False, ["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"]),
        19: (False, ["c080", "e08080", "f0808080", "f880808080", "fc8080808080"]),
        20: (False, ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"]),
        21: (False, ["eda080edb080", "eda080edbfbf", "edadbfedb080", "edadbfedbfbf",
                     "edae80edb080", "edae80edbfbf", "edafbfedb080", "edafbfedbfbf"]),
        22: (True, [chr(plane << 16 | low).encode().hex() for plane in range(17)
                    for low in (0xFFFE, 0xFFFF)]),
        23: (True, ["efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"]),
    }
    for group, (valid, contents) in groups.items():
        for number, content in enumerate(contents, 1):
            make = legible if valid else illegible
            shown = content if len(content) <= 24 else content[:24] + "..."
            yield make(f"6.{group}.{number}", f"0x{shown}", bytes.fromhex(content))
    past = bytes.fromhex("f4908080")
    yield illegible("6.11.5", "past the last code point: 0xf4908080", past)


def close(code=None, reason=b""):
    return f(8, b"" if code is None else struct.pack("!H", code) + reason)


def closes():
    first, large = message(130), message(256 << 10)
    yield Case("7.1.1", "text, then close", [f(1, first), close(1000)], [(1, first)], ends=(1000,))
    yield Case("7.1.2", "two closes", [close(1000), close(1000)], ends=(1000,))
    yield Case("7.1.3", "a ping behind the close", [close(1000), f(9)], ends=(1000,))
    yield Case("7.1.4", "a text behind the close", [close(1000), f(1, first)], ends=(1000,))
    yield Case(
        "7.1.5",
        "the rest of a text behind the close",
        [f(1, first[:50], fin=False), close(1000), f(0, first[50:])],
        ends=(1000,),
    )
    yield Case(
        "7.1.6",
        "256 KiB, close, ping",
        [f(1, large), close(1000), f(9)],
        [(1, large)],
        ends=(1000,),
    )
    yield Case("7.3.1", "close without payload", [close()], ends=(1000, 1005))
    yield Case("7.3.2", "close with one byte", [f(8, b"a")], ends=(1002,))
    yield Case("7.3.3", "close with a code", [close(1000)], ends=(1000,))
    yield Case("7.3.4", "close with a reason", [close(1000, HELLO)], ends=(1000,))
    yield Case("7.3.5", "close with 123 bytes of reason", [close(1000, b"*" * 123)], ends=(1000,))
    yield Case("7.3.6", "close of 126 bytes", [close(1000, b"*" * 124)], ends=(1002,))
    bad = KOSME + b"\xed\xa0\x80edited"
    yield Case("7.5.1", "a reason that is no UTF-8", [close(1000, bad)], ends=(1007, 1002))
    good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
    for number, code in enumerate(good, 1):
        yield Case(f"7.7.{number}", f"close {code}", [close(code)], ends=(code,))
    for number, code in enumerate([0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999], 1):
        yield Case(f"7.9.{number}", f"close {code}, which none may send", [close(code)], ends=(1002,))
    for number, code in enumerate([5000, 65535], 1):
        yield Case(f"7.13.{number}", f"close {code}, of no range", [close(code)], ends=(1002,))


def limits():
    sizes = [64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20, 16 << 20]
    for group, opcode, kind in ((1, 1, "text"), (2, 2, "binary")):
        for number, size in enumerate(sizes, 1):
            payload = message(size)
            yield Case(
                f"9.{group}.{number}",
                f"{kind} of {size >> 10} KiB",
                [f(opcode, payload)],
                [(opcode, payload)],
            )
    payload = message(4 << 20)
    for group, opcode, kind in ((3, 1, "text"), (4, 2, "binary")):
        for number, size in enumerate((64 << 2 * n for n in range(9)), 1):
            yield Case(
                f"9.{group}.{number}",
                f"{kind} of 4 MiB in fragments of {size}",
                split(opcode, payload, size),
                [(opcode, payload)],
            )
    payload = message(1 << 20)
    for group, opcode, kind in ((5, 1, "text"), (6, 2, "binary")):
        for number, chop in enumerate((64, 128, 256, 512, 1024, 2048), 1):
            yield Case(
                f"9.{group}.{number}",
                f"{kind} of 1 MiB in chops of {chop}",
                [f(opcode, payload)],
                [(opcode, payload)],
                chop=chop,
            )
    for group, opcode, kind in ((7, 1, "text"), (8, 2, "binary")):
        for number, size in enumerate((0, 16, 64, 256, 1024, 4096), 1):
            payload = message(size)
            count = 1 if size == 0 else 1000
            yield Case(
                f"9.{group}.{number}",
                f"{count} {kind} messages of {size} bytes",
                count * [f(opcode, payload)],
                count * [(opcode, payload)],
                is_json=size > 0,
            )
