"""RFC 6455 from outside: Autobahn's case list on both legs of a running proxy.

`UPDATE=1` writes the table into docs/CONFORMANCE.md; without it the table there must be this one.
"""

import contextlib
import json
import os
import queue
import socket
import struct
import threading
import time

import pytest
from autobahn import Case, cases, frame, message
from turnkeeper import PATH, PROGRAM, REPOSITORY, Program
from victim import SETUP, UPGRADE, Service

TABLE = REPOSITORY / "docs/CONFORMANCE.md"
CASES = list(cases())
OUTCOMES = {}
SOON = 30
LAST = message(140, b"!")


class Peer:
    """One end of a connection, read by a thread: whole messages, pongs, the close, the end."""

    def __init__(self, connection, data=b"", mask=None):
        self.connection, self.mask = connection, mask
        self.data, self.at = bytearray(data), 0
        self.messages, self.pongs, self.close, self.is_over = [], [], None, False
        # The end that is sent to answers closes; that of a case says its own.
        self.answers = True
        self.changed = threading.Condition()
        connection.settimeout(2 * SOON)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._read, daemon=True).start()

    def _take(self, count):
        while len(self.data) - self.at < count:
            piece = self.connection.recv(1 << 20)
            if not piece:
                raise EOFError
            del self.data[: self.at]
            self.at = 0
            self.data += piece
        self.at += count
        return bytes(self.data[self.at - count : self.at])

    def _frame(self):
        head = self._take(2)
        length = head[1] & 0x7F
        if length == 126:
            length = struct.unpack("!H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self._take(8))[0]
        mask = self._take(4) if head[1] & 0x80 else b"\0\0\0\0"
        payload = self._take(length)
        if mask != b"\0\0\0\0" and payload:
            whole = (mask * (length // 4 + 1))[:length]
            number = int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")
            payload = number.to_bytes(length, "big")
        return head[0], payload

    def _read(self):
        opcode, parts = 0, []
        try:
            while True:
                first, payload = self._frame()
                with self.changed:
                    kind = first & 0x0F
                    if kind == 10:
                        self.pongs.append(payload)
                    elif kind == 9:
                        self.write(frame(10, payload, mask=self.mask))
                    elif kind == 8:
                        self.close = struct.unpack("!H", payload[:2])[0] if payload else 1005
                        if self.answers:
                            self.write(frame(8, payload, mask=self.mask))
                            self.finish()
                    else:
                        opcode = kind or opcode
                        parts.append(payload)
                        if first & 0x80:
                            self.messages.append((opcode, b"".join(parts)))
                            parts = []
                    self.changed.notify_all()
        except (OSError, EOFError):
            pass
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def write(self, data):
        with contextlib.suppress(OSError):
            self.connection.sendall(data)

    def finish(self):
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)

    def wait(self, condition, seconds=SOON):
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), seconds)


class Hall(Service):
    """A gemini that answers setups and hands its connections over."""

    def __init__(self):
        # By the key that the client comes with, so that no end meets another's.
        self.peers = {}
        super().__init__()

    def talk(self, connection, head, rest):
        self.upgrade(connection, head)
        peer = Peer(connection, rest)
        if peer.wait(lambda peer: peer.messages):
            peer.write(frame(2, b'{"setupComplete":{}}'))
            peer.messages.clear()
            self.peers[head.split(" ")[1].rpartition("key=")[2].encode()].put(peer)


class Legs(Program):
    """The proxy between the two."""

    def __init__(self, directory, service):
        policies = directory / "policies"
        policies.mkdir()
        (policies / "default.yaml").write_text(
            f"upstream: {{ url: 'ws://127.0.0.1:{service.port}' }}\n"
            "limits: { message: 16MiB, buffer: 64MiB, messages_per_second: 100000 }\n"
            "client: { park: 0s }\n"
        )
        self.service, self.count = service, 0
        super().__init__(
            *("serve", "--listen", "127.0.0.1:0", "--admin", "off", "--tls", "off"),
            *("--policies", policies, "--data", directory / "data"),
            log=directory / "proxy.log",
            program=PROGRAM,
        )
        self.listening = self.port("listening on")

    def open(self):
        """Both ends of a conversation that is set up."""
        self.count += 1
        peers = self.service.peers[b"k%d" % self.count] = queue.Queue()
        connection = socket.create_connection(("127.0.0.1", self.listening), timeout=SOON)
        connection.sendall(f"GET {PATH}?key=k{self.count} HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(1 << 16)
            assert piece, data
            data += piece
        assert b" 101 " in data, data
        client = Peer(connection, data.partition(b"\r\n\r\n")[2], mask=b"\x11\x27\xa3\xfe")
        client.write(frame(1, json.dumps(SETUP).encode(), mask=client.mask))
        gemini = peers.get(timeout=SOON)
        assert client.wait(lambda peer: peer.messages)
        client.messages.clear()
        return client, gemini


@pytest.fixture(scope="module")
def legs(tmp_path_factory):
    service = Hall()
    legs = Legs(tmp_path_factory.mktemp("legs"), service)
    yield legs
    legs.assert_alive()
    legs.end()
    service.listener.close()


def written(case, mask):
    """The bytes of a case, write by write."""
    for send in case.sends:
        if send is None:
            yield None
            continue
        if isinstance(send, tuple):
            _, opcode, payload, cut = send
            whole = frame(opcode, payload, mask=mask)
            yield whole[: len(whole) - len(payload) + cut]
            continue
        yield frame(**send, mask=mask)


def play(case: Case, sender: Peer):
    waiting = []
    for data in written(case, sender.mask):
        if data is None:
            sender.write(b"".join(waiting))
            waiting = []
            time.sleep(0.05)
        else:
            waiting.append(data)
    data = b"".join(waiting)
    if not case.chop:
        return sender.write(data)
    for at in range(0, len(data), case.chop):
        sender.write(data[at : at + case.chop])


def outcome(case: Case, sender: Peer, hearer: Peer, is_client: bool):
    """Nothing where all is as it should be, else what is not."""
    gets, ends = case.gets, case.ends
    if is_client and not case.is_json and not ends:
        gets, ends = [], (1007,)
    sender.answers = False
    play(case, sender)
    if not ends:
        sender.write(frame(1, LAST, mask=sender.mask))
        hearer.wait(lambda peer: peer.messages and peer.messages[-1] == (1, LAST) or peer.is_over)
        gets = [*gets, (1, LAST)]
        sender.wait(lambda peer: len(peer.pongs) >= len(case.pongs) or peer.is_over)
        if sender.pongs != case.pongs:
            return f"pongs {sender.pongs[:3]}"
        # Who says goodbye in good order is answered so.
        sender.write(frame(8, struct.pack("!H", 1000), mask=sender.mask))
        ends = (1000,)
    if not sender.wait(lambda peer: peer.close or peer.is_over):
        return "the connection stays"
    if sender.close:
        sender.write(frame(8, struct.pack("!H", 1000), mask=sender.mask))
    if not is_client:
        # A server ends the connection below, a client waits for that (section 7.1.1).
        sender.finish()
    if not sender.wait(lambda peer: peer.is_over):
        return "the connection stays"
    hearer.wait(lambda peer: len(peer.messages) >= len(gets) or peer.is_over)
    if sender.close not in ends:
        return f"closed with {sender.close}, not {ends}"
    if hearer.messages[: len(gets) + 1] != gets:
        return f"got {[(o, p[:40], len(p)) for o, p in hearer.messages[:3]]} of {len(hearer.messages)}"
    return None


@pytest.mark.parametrize("leg", ["client", "gemini"])
@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_case(legs, case, leg):
    client, gemini = legs.open()
    ends = (client, gemini) if leg == "client" else (gemini, client)
    trouble = outcome(case, *ends, leg == "client")
    OUTCOMES[case.id, leg] = "passed" if trouble is None else trouble
    for peer in ends:
        peer.connection.close()
    assert trouble is None, f"{case.id} {case.title}: {trouble}"


def test_the_table_is_that_of_the_cases():
    if len(OUTCOMES) < 2 * len(CASES):
        pytest.skip("not every case was run")
    lines = [
        f"| {case.id} | {case.title.replace('|', ' ')} | {OUTCOMES[case.id, 'client']} "
        f"| {OUTCOMES[case.id, 'gemini']} |"
        for case in CASES
    ]
    head = (
        "# Conformance\n\n"
        "Conformance to RFC 6455 by the case list of the Autobahn testsuite (groups 1 to 7, 9 and 10; 12 and "
        "13 cover compression, which is not offered). The cases are sent from outside, over raw sockets, "
        "through a running proxy, with messages of the Live API as payload. *Client*: a client sends, and "
        "gemini must get it; *gemini*: the other way round. The suite itself does not run on current versions "
        "of Python, so its cases are in `Tests/Attack/autobahn.py`, under its numbers. Written by `UPDATE=1 "
        "make attack`.\n\n"
        "A client's message that is not JSON ends its connection with 1007, as on the service; for an empty "
        "message, that is what *passed* means. Compression is not negotiated with either peer.\n\n"
        f"{len(CASES)} cases, {2 * len(CASES)} runs.\n\n"
        "| case | what is sent | client | gemini |\n|---|---|---|---|\n"
    )
    page = head + "\n".join(lines) + "\n"
    if os.environ.get("UPDATE"):
        TABLE.write_text(page)
    assert TABLE.exists() and TABLE.read_text() == page, "UPDATE=1 writes docs/CONFORMANCE.md anew"
