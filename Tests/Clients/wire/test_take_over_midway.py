"""Connections that are being set up while the next process takes over: none is cut."""

import asyncio
import json

from relay import SETUP, Gemini, Raw, frame, upgrade_request
from turnkeeper import Proxy
from wire.test_take_over import successor

REQUEST, WORDS = upgrade_request(), frame(0x1, json.dumps(SETUP).encode())
# What has been sent by then, and in whose answer's wake the setup follows.
BEFORE = {"nothing": b"", "half a head": REQUEST[:60], "no setup": REQUEST, "half a setup": REQUEST + WORDS[:20]}


async def test_whoever_is_being_set_up_is_served(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "", "--drain", "20s")
        waiting = {kind: await Raw.open(proxy) for kind in BEFORE}
        for kind, raw in waiting.items():
            raw.send(BEFORE[kind])
            if BEFORE[kind].startswith(REQUEST):
                assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
        heir = await asyncio.to_thread(successor, proxy, tmp_path)
        try:
            assert proxy.process.poll() is None
            for kind, raw in waiting.items():
                raw.send((REQUEST + WORDS)[len(BEFORE[kind]) :])
                if not BEFORE[kind].startswith(REQUEST):
                    assert (await raw.head()).startswith(b"HTTP/1.1 101 "), kind
                opcode, payload = await raw.frame()
                assert (opcode, json.loads(payload)) == (2, {"setupComplete": {}}), kind
                raw.writer.transport.abort()
            await asyncio.to_thread(proxy.process.wait, 60)
            proxy.was_ended = True
        finally:
            heir.end()
