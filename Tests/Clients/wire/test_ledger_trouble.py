"""A ledger that cannot be written costs records, which are counted and told, and no call."""

import asyncio
import contextlib
import functools
import json
import os
import pathlib
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import urllib.request

import pytest
import watching
from relay import Gemini, Relay, soon
from turnkeeper import Proxy

until = functools.partial(watching.until, seconds=60)

# More than may wait: lines of timelines, 48 MiB of them together.
FLOOD = 30_000
PADDING = "x" * 1900


def metric(proxy, name):
    found = re.search(rf"^turnkeeper_{name} (\S+)$", proxy.metrics(), re.M)
    return float(found.group(1)) if found else 0


async def flood(client, connection):
    """Words of the model, each of which is an entry of the timeline; and all reach the client."""

    async def talk():
        for number in range(FLOOD):
            words = {"serverContent": {"outputTranscription": {"text": f"word {number} {PADDING}"}}}
            await connection.send(json.dumps(words))

    async def listen():
        for number in range(FLOOD):
            assert f"word {number} " in str(await soon(client.recv()))

    await asyncio.gather(talk(), listen())


async def converse_in_trouble(both):
    """Two sessions, one that floods the ledger and one after; both are served as ever."""
    client, connection = await both.session()
    await flood(client, connection)
    await both.assert_passes(client, connection)
    await until(lambda: metric(both.proxy, "ledger_lost_total") > 0)
    assert metric(both.proxy, "ledger_queue") < FLOOD
    other, its_connection = await both.session()
    await both.assert_passes(other, its_connection)
    await until(lambda: "records lost" in both.proxy.log_path.read_text())
    log = both.proxy.log_path.read_text()
    assert log.count("the ledger cannot be written") == 1
    return log


def sessions(ledger):
    """Ids and outcomes in a sound file."""
    with contextlib.closing(sqlite3.connect(ledger)) as books:
        assert books.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return books.execute("SELECT id, outcome FROM sessions").fetchall()


async def test_what_is_no_file_is_not_waited_for(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    for name in ("ledger.db", "state.db"):
        os.mkfifo(data / name)
    async with Gemini() as gemini:
        proxy = Proxy(tmp_path, gemini.url, "")
        try:
            both = Relay(gemini, proxy)
            await both.assert_passes(*await both.session())
            assert proxy.log_path.read_text().count("it is not a file") >= 2
            await until(lambda: "\nturnkeeper_ledger_success 0\n" in proxy.metrics())
        finally:
            proxy.end()


async def test_a_locked_file(start):
    async with Gemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, "", "--drain", "1s"))
        ledger = both.proxy.data / "ledger.db"
        with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            log = await converse_in_trouble(both)
            assert "locked" in log
            other.execute("ROLLBACK")
        # It goes on by itself, and what still waited is not lost.
        await until(lambda: "the ledger is written again" in both.proxy.log_path.read_text())
        await until(lambda: metric(both.proxy, "ledger_queue") == 0)
        lost = metric(both.proxy, "ledger_lost_total")
        client, _ = await both.session()
        await client.close()
        # Asked once: who asks twice is not waited for.
        both.proxy.process.terminate()
        await asyncio.to_thread(both.proxy.process.wait, 30)
        both.proxy.end()
        assert metric_of_log(both.proxy) == lost
        assert len(sessions(ledger)) == 3


def metric_of_log(proxy):
    """What the program says at its end that it lost."""
    found = re.findall(r"records lost records=\d+ ever=(\d+)|records lost records=(\d+)\n", log(proxy))
    return max(float(number) for pair in found for number in pair if number)


def log(proxy):
    return proxy.log_path.read_text()


class Full(Proxy):
    """A proxy whose data directory is a file system of its own, and a small one.

    It lives in a name space of mounts: nobody else sees it, and it goes with the program.
    """

    def launcher(self):
        mount = 'mount -t tmpfs -o size=400k none "$0" && exec "$@"'
        return [*NAMESPACE, "sh", "-c", mount, str(self.data)]


class Limited(Proxy):
    """A proxy that may make no file larger than 400 KiB: for machines that let nobody mount."""

    def launcher(self):
        code = (
            "import os, resource, sys;"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (400 << 10, 400 << 10));"
            "os.execv(sys.argv[1], sys.argv[1:])"
        )
        return [sys.executable, "-c", code]


NAMESPACE = ["unshare", "--mount"]
if os.geteuid() != 0:
    NAMESPACE += ["--user", "--map-root-user"]


def can_mount():
    if not shutil.which("unshare"):
        return False
    tried = subprocess.run(
        [*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, timeout=20
    )
    return tried.returncode == 0


@pytest.mark.parametrize("kind", [Full, Limited])
async def test_a_full_disk(start, kind):
    if kind is Full and not can_mount():
        pytest.skip("this machine lets us mount nothing; the limit of file sizes stands in")
    async with Gemini() as gemini:
        both = Relay(gemini, start(kind, gemini.url))
        said = await converse_in_trouble(both)
        if kind is Full:
            assert "full" in said
            process = both.proxy.process.pid
            data = pathlib.Path(f"/proc/{process}/root{both.proxy.data}")
            copy = both.proxy.data.parent / "copy"
            copy.mkdir()
            for file in data.glob("ledger.db*"):
                shutil.copy(file, copy)
            ledger = copy / "ledger.db"
        else:
            ledger = both.proxy.data / "ledger.db"
        both.proxy.end()
        assert both.proxy.process.returncode == 0
        sessions(ledger)
        assert metric_of_log(both.proxy) > 0


class FullAtStart(Full):
    """One whose file system is full when it starts, until `free` is called."""

    def launcher(self):
        fill = 'mount -t tmpfs -o size=2m none "$0" && ! cat /dev/zero > "$0/fill" && exec "$@"'
        return [*NAMESPACE, "sh", "-c", fill, str(self.data)]

    def free(self):
        os.unlink(f"/proc/{self.process.pid}/root{self.data}/fill")


class LimitedAtStart(Proxy):
    """One that can make no file of more than a page when it starts, until `free` is called."""

    def launcher(self):
        code = (
            "import os, resource, sys;"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 10, resource.RLIM_INFINITY));"
            "os.execv(sys.argv[1], sys.argv[1:])"
        )
        return [sys.executable, "-c", code]

    def free(self):
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (1 << 30, resource.RLIM_INFINITY))


def get(proxy, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{proxy.port('admin on')}{path}", timeout=20) as answer:
        return answer.read().decode()


@pytest.mark.parametrize("kind", [FullAtStart, LimitedAtStart])
async def test_a_disk_that_is_full_at_the_start(start, kind):
    """Records wait, which is told from the first moment on; and are in the books when there is room."""
    if kind is FullAtStart and not can_mount():
        pytest.skip("this machine lets us mount nothing; the limit of file sizes stands in")
    async with Gemini() as gemini:
        # Its log is a file, too.
        proxy = start(kind, gemini.url, "", "--tls", "off", "--log-level", "error")
        assert metric(proxy, "ledger_success") == 0
        assert "; the ledger cannot be written: records wait" in get(proxy, "/readyz")
        await until(lambda: "the ledger cannot be written" in log(proxy))
        assert str(proxy.data / "ledger.db") in log(proxy)
        both = Relay(gemini, proxy)
        for _ in range(3):
            client, connection = await both.session()
            await both.assert_passes(client, connection)
            await client.close()
            await connection.wait_closed()
        assert metric(proxy, "ledger_queue") > 0
        proxy.free()
        await until(lambda: metric(proxy, "ledger_queue") == 0)
        await until(lambda: metric(proxy, "ledger_success") == 1)
        assert get(proxy, "/readyz") == "ready\n"
        assert metric(proxy, "ledger_lost_total") == 0
        client, connection = await both.session()
        await client.close()
        await until(lambda: get(proxy, "/api/sessions?limit=9").count('"outcome":"completed"') == 4)
