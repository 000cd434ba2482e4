"""Keeps what this process's own clients are told, by the port that told them, and what commands print
that it runs, to be searched later.

Every Python client ends in one of four methods of the standard library, and every command in another;
they are wrapped once, on import. Browsers and programs in other languages are heard by `tap.py`.
"""

import collections
import ssl
import socket
import subprocess
import threading

# Of one port. A flood of sound says nothing new after so many bytes.
MOST = 32 << 20
# Where TLS hides the port: a client may have spoken to any program.
SECURE = 0
# What commands print that look into books, and what the tests' own database holds of them.
PRINTED = 1

_heard = collections.defaultdict(bytearray)
_lock = threading.Lock()


def of(ports):
    """What clients were told by programs that listen there."""
    with _lock:
        return b"\n".join(bytes(_heard[port]) for port in {SECURE, PRINTED, *ports} if port in _heard)


def forget():
    """Begins anew: ports are used again."""
    with _lock:
        _heard.clear()


def keep(data):
    """What stands elsewhere."""
    _keep(PRINTED, data)


def _keep(port, data):
    with _lock:
        kept = _heard[port]
        kept += data[: max(0, MOST - len(kept))]


def _port(connection):
    try:
        return connection.getpeername()[1]
    except (OSError, IndexError):
        return None


def _plain(read):
    def recv(self, *arguments, **options):
        data = read(self, *arguments, **options)
        if data and (port := _port(self)):
            _keep(port, data)
        return data

    return recv


def _plain_into(read):
    def recv_into(self, buffer, *arguments, **options):
        count = read(self, buffer, *arguments, **options)
        if count and (port := _port(self)):
            _keep(port, memoryview(buffer).cast("B")[:count])
        return count

    return recv_into


def _secure(read):
    def read_(self, len=1024, buffer=None):
        found = read(self, len, buffer) if buffer is not None else read(self, len)
        if found and not self.server_side:
            _keep(SECURE, memoryview(buffer).cast("B")[:found] if buffer is not None else found)
        return found

    return read_


def _printed(wait):
    def communicate(self, *arguments, **options):
        streams = wait(self, *arguments, **options)
        for said in filter(None, streams):
            _keep(PRINTED, said.encode() if isinstance(said, str) else said)
        return streams

    return communicate


subprocess.Popen.communicate = _printed(subprocess.Popen.communicate)
socket.socket.recv = _plain(socket.socket.recv)
socket.socket.recv_into = _plain_into(socket.socket.recv_into)
ssl.SSLSocket.read = _secure(ssl.SSLSocket.read)
ssl.SSLObject.read = _secure(ssl.SSLObject.read)
