"""Hears what clients are told that are no part of this process: browsers, programs in other languages."""

import contextlib
import socket
import threading


@contextlib.contextmanager
def tapped(port):
    """A port that leads to that one. What comes from there is kept, as `heard` keeps all that this process
    reads; it must not be encrypted."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, port), daemon=True).start()
        yield listener.getsockname()[1]
        # Wakes the thread up, which closing does not.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener, port):
    with contextlib.suppress(OSError):
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", port))
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_pass, args=ends, daemon=True).start()


def _pass(source, target):
    with contextlib.suppress(OSError):
        while piece := source.recv(1 << 16):
            target.sendall(piece)
    # The other direction may go on.
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
