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
from watching import until

KEY = "acme-client-key-0123456789"
POLICY = "match: { keys: [env:ACME_KEY] }\nupstream: { url: UPSTREAM }\nbudget: { day_usd: 100 }"


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """The files that make it slow in the one way or the other, and how a program is started on it."""
    compiler = shutil.which("clang") or shutil.which("cc")
    library = tmp_path / "slow_disk.so"
    disk, share = tmp_path / "slow-disk", tmp_path / "slow-share"
    source = REPOSITORY / "Tests/Clients/slow_disk.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True, timeout=60)
    monkeypatch.setenv("ACME_KEY", KEY)

    class OnSlowDisk(Tenants):
        def launcher(self):
            signs = f"SLOW_DISK={disk}", f"SLOW_SHARE={share}"
            return ["/usr/bin/env", f"LD_PRELOAD={library}", *signs]

    yield disk, share, OnSlowDisk
    for sign in (disk, share):
        sign.unlink(missing_ok=True)


def listed(proxy):
    command = [PROGRAM, "sessions", "list", "--json", "--data", proxy.data]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return {session["id"] for session in json.loads(done.stdout)}


async def test_everything_goes_on(start, disk):
    sign, _, kind = disk
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
        # Two at once would be one.
        await until(lambda: not proxy.is_pending(signal.SIGTERM))
        proxy.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(proxy.process.wait, 3)
        assert time.monotonic() - began < 50


async def test_a_share_that_does_not_give_out_a_policy(start, disk):
    """Calls go on, and the process can be ended."""
    _, sign, kind = disk
    async with Gemini() as gemini:
        policy = POLICY.replace("UPSTREAM", gemini.url)
        proxy = start(kind, {"acme.yaml": policy})
        one = await Session.open(proxy, gemini, KEY)
        sign.touch()
        (proxy.policies / "acme.yaml").write_text(policy.replace("100", "200"))
        await asyncio.sleep(3)
        await one.turn(0.1)
        assert not any(line["message"] == "policies reloaded" for line in proxy.log())
        proxy.was_ended = True
        proxy.process.send_signal(signal.SIGTERM)
        # Two at once would be one.
        await until(lambda: not proxy.is_pending(signal.SIGTERM))
        proxy.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(proxy.process.wait, 3)
