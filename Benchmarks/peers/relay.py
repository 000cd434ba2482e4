"""A relay as one is written in an afternoon: `websockets` on both sides, every message parsed.

A stand-in for gateways written in Python; it is none of them.
Usage: relay.py PORT UPSTREAM_URL [CA_FILE]
"""

import asyncio
import json
import ssl
import sys

import uvloop
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

port, upstream_url = int(sys.argv[1]), sys.argv[2]
tls = ssl.create_default_context(cafile=sys.argv[3]) if len(sys.argv) > 3 else None


async def pump(source, destination):
    async for message in source:
        json.loads(message)
        await destination.send(message)


async def relay(client):
    headers = {"x-goog-api-key": "upstream"}
    address = upstream_url + client.request.path
    async with connect(
        address, ssl=tls, compression=None, max_size=None, additional_headers=headers
    ) as upstream:
        pumps = [
            asyncio.create_task(pump(client, upstream)),
            asyncio.create_task(pump(upstream, client)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def main():
    async with serve(relay, "127.0.0.1", port, compression=None, max_size=None, backlog=4096):
        await asyncio.get_running_loop().create_future()


uvloop.run(main())
