"""A running program seen from outside: its memory, its pages, and what becomes true of it."""

import asyncio
import pathlib
import resource
import signal
import time
import urllib.request


def resident(program):
    """Bytes of memory that it has."""
    with open(f"/proc/{program.process.pid}/statm") as figures:
        return int(figures.read().split()[1]) * resource.getpagesize()


def freeze(process):
    """It stands still when this returns: a thread may go on for a while after the signal, on a busy machine."""
    process.send_signal(signal.SIGSTOP)
    deadline = time.monotonic() + 10
    tasks = pathlib.Path(f"/proc/{process.pid}/task")
    while {(task / "stat").read_text().rsplit(") ")[1][0] for task in tasks.iterdir()} != {"T"}:
        assert time.monotonic() < deadline, "it does not stop"
        time.sleep(0.001)


def get(url, seconds=10):
    with urllib.request.urlopen(url, timeout=seconds) as answer:
        return answer.read().decode()


async def until(condition, seconds=30):
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.1)


def is_said(node, words):
    return words in node.log_path.read_text(errors="replace")


def shares(node):
    """Whether it has the PostgreSQL that nodes share."""
    with urllib.request.urlopen(node.admin + "/readyz", timeout=10) as answer:
        return b"cut off" not in answer.read()
