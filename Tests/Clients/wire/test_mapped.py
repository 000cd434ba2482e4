"""What the kernel lets a process map (`ulimit -v`, `LimitAS=`) bounds it as a control group would."""

import asyncio
import contextlib
import json
import re
import socket
import subprocess
import sys

import pytest
from ports import free_port
from relay import SETUP, Gemini, Relay, soon
from turnkeeper import PROGRAM, Proxy
from watching import get, is_said
from websockets.exceptions import ConnectionClosed, InvalidStatus

MIB = 1 << 20
LARGE = {"setup": {**SETUP["setup"], "systemInstruction": {"parts": [{"text": "x" * 900_000}]}}}


def limited(kind, size):
    code = (
        f"import os, resource, sys; resource.setrlimit(resource.{kind}, ({size}, {size}));"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", code]


class Limited(Proxy):
    size = 512 * MIB

    def launcher(self):
        return limited(self.kind, self.size)


class OfAddressSpace(Limited):
    kind = "RLIMIT_AS"


class OfData(Limited):
    kind = "RLIMIT_DATA"


def bound(proxy):
    return proxy.count("memory_limit_bytes")


@pytest.mark.parametrize("kind", [OfAddressSpace, OfData])
async def test_more_than_may_be_mapped_is_refused_and_ends_nobody(start, kind):
    async with Gemini() as gemini:
        proxy = start(kind, gemini.url, "limits: { sessions: 5000 }", "--workers", "2")
        both = Relay(gemini, proxy)
        assert 64 * MIB <= bound(proxy) < kind.size
        assert not is_said(proxy, "--memory is")
        clients, refusals = [await both.session()], set()
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(1500):
                proxy.assert_alive()
                try:
                    client = await stack.enter_async_context(both.connect())
                    await client.send(json.dumps(LARGE))
                    assert "setupComplete" in str(await soon(client.recv()))
                except InvalidStatus as error:
                    refusals.add(error.response.status_code)
                    break
                except ConnectionClosed as error:
                    refusals.add(error.rcvd.code)
                    break
            assert refusals and refusals <= {503, 1013}
            assert proxy.count("memory_bytes") < kind.size
            assert get(f"http://127.0.0.1:{proxy.port('admin on')}/healthz") == "ok\n"
            proxy.assert_alive()
            await both.assert_passes(*clients[0])


async def test_what_is_asked_for_and_may_not_be_mapped_is_told(start):
    async with Gemini() as gemini:
        proxy = start(OfAddressSpace, gemini.url, "", "--memory", "2GiB")
        assert bound(proxy) < OfAddressSpace.size
        assert is_said(proxy, "--memory is") and is_said(proxy, "ulimit -v (LimitAS=) is 512MiB")
        proxy = start(OfAddressSpace, gemini.url, "", "--memory", "64MiB")
        assert bound(proxy) == 64 * MIB
        assert not is_said(proxy, "--memory is")


@pytest.mark.parametrize("kind", ["RLIMIT_AS", "RLIMIT_DATA"])
async def test_too_little_is_refused_before_the_port_is_opened(tmp_path, kind):
    """And what is said to suffice does."""
    (tmp_path / "policies").mkdir()
    async with Gemini() as gemini:
        (tmp_path / "policies" / "default.yaml").write_text(f"upstream: {{ url: {gemini.url} }}\n")
        port = free_port()
        serve = [PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--admin", "off", "--workers", "2"]
        serve += ["--policies", tmp_path / "policies", "--data", tmp_path / "data"]
        serve = list(map(str, serve))
        size = 96 * MIB
        process = subprocess.Popen([*limited(kind, size), *serve], stderr=subprocess.PIPE, text=True)
        answered = 0
        while process.poll() is None:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                answered += 1
        said = process.stderr.read()
        process.stderr.close()
        assert process.returncode == 1 and answered == 0, said
        least = int(re.search(r"at least (\d+) MiB", said)[1])
        assert "ulimit -" in said and 96 < least < 400, said
        proxy = subprocess.Popen([*limited(kind, least * MIB), *serve], stdout=subprocess.PIPE, text=True)
        try:
            line = await asyncio.to_thread(proxy.stdout.readline)
            assert line.startswith("listening on"), line
            both = Relay(gemini, proxy)
            proxy.ws = f"ws://127.0.0.1:{port}"
            await both.assert_passes(*await both.session())
        finally:
            proxy.terminate()
            assert await asyncio.to_thread(proxy.wait, 40) == 0
            proxy.stdout.close()
