"""A crowd that means harm, all at once, against a process with little memory."""

import asyncio
import contextlib
import sys

import pytest
from relay import frame, upgrade_request
from tenants import Session, tenants
from watching import get, resident, until

ACME, NEIGHBOUR = "acme-client-key", "neighbour-client-key"

MIB = 1 << 20
SILENT, HALVES, HEADS = 1000, 1000, 10_000

# In processes of their own: this one's descriptors and time are for the neighbour.
CROWD = """
import asyncio, contextlib, resource, sys
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
kind, count, port, head, rest = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), bytes.fromhex(sys.argv[4]), bytes.fromhex(sys.argv[5])

async def one(gate):
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        if kind == "halves":
            await reader.readuntil(b"\\r\\n\\r\\n")
            writer.write(rest + b"h" * 900_000)
        if kind == "heads":
            with contextlib.suppress(OSError):
                for _ in range(3):
                    await asyncio.sleep(1)
                    writer.write(b"x")
        while await reader.read(65536):
            pass

async def main():
    gate = asyncio.Semaphore(100)
    try:
        async with asyncio.timeout(float(sys.argv[6])):
            await asyncio.gather(*[one(gate) for _ in range(count)])
    except TimeoutError:
        pass

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", ACME)
    monkeypatch.setenv("NEIGHBOUR_KEY", NEIGHBOUR)


async def test_a_crowd_takes_nothing_from_its_neighbours(start):
    policies = {
        name: f"match: {{ keys: [env:{key}] }}\nupstream: {{ url: UPSTREAM }}\n"
        "stalls: { soft: off, hard: off, nudges: 0 }"
        for name, key in (("acme.yaml", "ACME_KEY"), ("neighbour.yaml", "NEIGHBOUR_KEY"))
    }
    async with tenants(start, policies, "--memory", "512MiB") as (gemini, proxy):
        neighbour = await Session.open(proxy, gemini, NEIGHBOUR)
        before = resident(proxy)
        gemini.answers_setup = False
        upgrade = upgrade_request(headers=[f"x-goog-api-key: {ACME}"])
        half = frame(0x1, length=1_000_000, mask=b"\0\0\0\0")
        crowd = [
            ("silent", SILENT, upgrade, b""),
            ("halves", HALVES, upgrade, half),
            ("heads", HEADS, upgrade[:60], b""),
        ]
        running = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", CROWD, kind, str(count), str(proxy.listening)),
                *(head.hex(), rest.hex(), "15"),
            )
            for kind, count, head, rest in crowd
        ]
        most, turns = 0, 0
        try:
            while any(process.returncode is None for process in running):
                async with asyncio.timeout(30):
                    await neighbour.turn()
                turns += 1
                most = max(most, resident(proxy))
                assert await asyncio.to_thread(get, proxy.http + "/healthz", 60) == "ok\n"
                assert await asyncio.to_thread(get, proxy.admin + "/healthz", 60)
                await asyncio.sleep(0.2)
        finally:
            for process in running:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        assert turns > 0
        assert most < 512 * MIB * 1.1, most // MIB
        await until(lambda: resident(proxy) < before + 100 * MIB, 60)
        while not gemini._connections.empty():
            gemini._connections.get_nowait()
        gemini.answers_setup = True
        async with asyncio.timeout(30):
            await neighbour.turn()
            await Session.open(proxy, gemini, ACME)
