"""Ports for programs that must be told one, or that leave theirs and come back to it."""

import contextlib
import random
import socket


def free_port(count=1):
    """The first of so many in a row that are free, below those that the system gives to connections: of
    those, any may be somebody's own end by the time it is listened on."""
    for _ in range(1000):
        first = random.randrange(20_000, 32_000)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError("no free port")
