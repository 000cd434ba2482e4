"""Attacks with headers of the PROXY protocol: whoever says whose a connection is must be listed."""

import random
import socket
import struct
import time

from attacks import attack, status
from attacks_passing import resident
from turnkeeper import PATH
from victim import UPGRADE

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LINE = b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"
LISTED = ("--balancers", "127.0.0.1,::1")
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
# A session without a known key is refused, and the log says whose it was.
SESSION = f"GET {PATH}?key=nobodys HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n".encode()


def binary(command, family, addresses, length=None):
    count = len(addresses) if length is None else length
    return SIGNATURE + struct.pack("!BBH", command, family, count) + addresses


CLIENT4 = socket.inet_aton("192.0.2.7") + socket.inet_aton("198.51.100.1") + struct.pack("!HH", 56324, 443)
CLIENT6 = (
    socket.inet_pton(socket.AF_INET6, "2001:db8::7")
    + socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    + struct.pack("!HH", 56324, 443)
)
GOOD = [
    (LINE, "192.0.2.7"),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n", "2001:db8::7"),
    (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
    (b"PROXY UNKNOWN " + b"x" * 91 + b"\r\n", "127.0.0.1"),
    (binary(0x21, 0x11, CLIENT4), "192.0.2.7"),
    (binary(0x21, 0x12, CLIENT4), "192.0.2.7"),
    (binary(0x21, 0x21, CLIENT6), "2001:db8::7"),
    (binary(0x21, 0x11, CLIENT4 + b"\x04\0\x03abc" + b"\x02\0\x0bvoice.local"), "192.0.2.7"),
    (binary(0x21, 0x11, CLIENT4 + b"\x04" + struct.pack("!H", 2017) + b"\0" * 2017), "192.0.2.7"),
    (binary(0x21, 0x31, b"/run/x".ljust(216, b"\0")), "127.0.0.1"),
    (binary(0x21, 0x00, b""), "127.0.0.1"),
    (binary(0x20, 0x00, b""), "127.0.0.1"),
    (binary(0x20, 0x11, CLIENT4), "127.0.0.1"),
]
BAD = [
    b"PROXY\r\n",
    b"PROXY \r\n",
    b"PROXY TCP4\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 \r\n",
    b"PROXY  TCP4 192.0.2.7 198.51.100.1 56324 443\r\n",
    b"PROXY TCP4 192.0.2.7\0.1 198.51.100.1 56324 443\r\n",
    b"PROXY TCP4 127.1 198.51.100.1 56324 443\r\n",
    b"PROXY TCP4 0x7f.0.0.1 198.51.100.1 56324 443\r\n",
    b"PROXY TCP4 ::1 ::1 56324 443\r\n",
    b"PROXY TCP6 192.0.2.7 198.51.100.1 56324 443\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 -1 443\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n",
    b"PROXY TCP4 192.0.2.7 198.51.100.1 99999999999999999999 443\r\n",
    b"PROXY " + b"x" * 200 + b"\r\n",
    binary(0x11, 0x11, CLIENT4),
    binary(0x22, 0x11, CLIENT4),
    binary(0x21, 0x13, CLIENT4),
    binary(0x21, 0x41, CLIENT6),
    binary(0x21, 0x11, CLIENT4[:-1]),
    binary(0x21, 0x21, CLIENT4),
    binary(0x21, 0x11, CLIENT4 + b"\x04\xff\xff"),
    binary(0x21, 0x11, CLIENT4 + b"\x04"),
    binary(0x21, 0x11, b"", length=65535),
    binary(0x20, 0x00, b"", length=2033),
]


def clients(victim):
    """Whose sessions were refused, as the log has it, without ports."""
    lines = [line for line in victim.log_path.read_text().splitlines() if "session refused" in line]
    found = [line.split(" client=")[1].split()[0].strip('"') for line in lines]
    return [address.rpartition(":")[0].strip("[]") for address in found]


def are_clients(victim, addresses):
    """The log is written behind the answer."""
    deadline = time.monotonic() + 20
    while len(clients(victim)) < len(addresses) and time.monotonic() < deadline:
        time.sleep(0.05)
    return clients(victim) == addresses


@attack("client", "whom nobody listed cannot say that it is another")
def headers_of_strangers(victim):
    for header, _ in GOOD:
        assert status(victim.ask(header + HEALTH)) == 400, header
        victim.ask(header + SESSION)
    # Each refusal names who really asked.
    assert are_clients(victim, ["127.0.0.1"] * (2 * len(GOOD)))
    assert status(victim.ask(HEALTH)) == 200
    return 2 * len(GOOD)


@attack("balancer", "the client is the header's, in both versions, families and with fields", arguments=LISTED)
def headers_of_a_balancer(victim):
    for header, client in GOOD:
        assert status(victim.ask(header + HEALTH)) == 200, header
        before = clients(victim)
        victim.ask(header + SESSION + b"\x81\x80\0\0\0\0")
        assert are_clients(victim, [*before, client]), (header, clients(victim))
    return 2 * len(GOOD)


@attack("balancer's client", "one header counts, and what the client itself writes behind it does not", arguments=LISTED)
def headers_behind_headers(victim):
    for second in (LINE, binary(0x21, 0x11, CLIENT4), SIGNATURE):
        assert status(victim.ask(LINE + second + HEALTH)) == 400
    forged = SESSION.replace(b"Host: a\r\n", b"Host: a\r\nX-Forwarded-For: 203.0.113.9\r\n")
    victim.ask(LINE + forged + b"\x81\x80\0\0\0\0")
    assert are_clients(victim, ["192.0.2.7"] * 4)
    return 4


@attack("balancer", "a malformed header is refused, and nothing behind it is read", arguments=LISTED)
def malformed_headers(victim):
    for header in BAD:
        answer = victim.ask(header + HEALTH)
        assert status(answer) == 400, (header, answer)
        assert b"\r\n\r\n" in answer and answer.count(b"HTTP/1.1") == 1
    return len(BAD)


@attack("balancer", "a header may come in any pieces, and garbage of any kind is answered or ended", arguments=LISTED)
def headers_in_pieces(victim):
    for header, _ in GOOD[:8]:
        with victim.connect() as connection:
            for byte in header + HEALTH:
                connection.sendall(bytes([byte]))
            assert status(connection.recv(1 << 16)) == 200
    random_ = random.Random(49)
    for _ in range(400):
        header = bytearray(random_.choice(GOOD)[0])
        for _ in range(random_.randrange(1, 4)):
            header[random_.randrange(len(header))] = random_.randrange(256)
        answer = victim.ask(bytes(header[: random_.randrange(1, len(header) + 1)]) + HEALTH * 60)
        assert not answer or status(answer) in (200, 400, 404, 405, 414, 431, 408), answer
    return 408


@attack("balancer", "half a header holds a socket and a few bytes, and no longer than a request", arguments=LISTED)
def half_headers(victim):
    before = resident(victim)
    halves = [header[: len(header) // 2] for header, _ in GOOD if len(header) > 20] * 30
    held = []
    for half in halves:
        held.append(victim.connect())
        held[-1].sendall(half)
    assert status(victim.ask(LINE + HEALTH)) == 200
    assert resident(victim) - before < len(halves) * 8192 + (4 << 20)
    for connection in held:
        try:
            answer = connection.recv(1 << 16)
        except ConnectionResetError:
            answer = b""
        assert answer == b"" or status(answer) == 408, answer
        connection.close()
    return len(halves)
