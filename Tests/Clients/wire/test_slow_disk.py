"""A disk that takes a minute to have what it was given holds up no call, no record and no signal."""

import asyncio
import json
import shutil
import signal
import subprocess
import time

import pytest
from relay import Gemini
from tenants import Session, Tenants
from turnkeeper import PROGRAM, REPOSITORY

KEY = "acme-client-key-0123456789"
POLICY = "match: { keys: [env:ACME_KEY] }\nupstream: { url: UPSTREAM }\nbudget: { day_usd: 100 }"


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """The file that makes it slow, and how a program is started on it."""
    compiler = shutil.which("clang") or shutil.which("cc")
    library, sign = tmp_path / "slow_disk.so", tmp_path / "slow"
    source = REPOSITORY / "Tests/Clients/slow_disk.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True, timeout=60)
    monkeypatch.setenv("ACME_KEY", KEY)

    class OnSlowDisk(Tenants):
        def launcher(self):
            return ["/usr/bin/env", f"LD_PRELOAD={library}", f"SLOW_DISK={sign}"]

    yield sign, OnSlowDisk
    sign.unlink(missing_ok=True)


def listed(proxy):
    command = [PROGRAM, "sessions", "list", "--json", "--data", proxy.data]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return {session["id"] for session in json.loads(done.stdout)}


async def test_everything_goes_on(start, disk):
    sign, kind = disk
    async with Gemini() as gemini:
        policies = {"acme.yaml": POLICY.replace("UPSTREAM", gemini.url)}
        proxy = start(kind, policies)
        one = await Session.open(proxy, gemini, KEY)
        await one.turn(0.1)
        await asyncio.sleep(2)
        sign.touch()
        # What is spent is written down by now, or would be.
        await one.turn(0.1)
        await asyncio.sleep(2)
        began = time.monotonic()
        other = await Session.open(proxy, gemini, KEY)
        await other.turn(0.1)
        async with asyncio.timeout(20):
            while other.id not in await asyncio.to_thread(listed, proxy):
                await asyncio.sleep(0.1)
        await proxy.reload({"acme.yaml": policies["acme.yaml"].replace("100", "200")})
        await one.turn(0.1)
        # Asked twice, it leaves at once, though the disk has not answered.
        proxy.was_ended = True
        proxy.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        proxy.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(proxy.process.wait, 20)
        assert time.monotonic() - began < 50
