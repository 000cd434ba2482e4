"""The server: many sessions on one port, told apart by the key their clients present."""

import asyncio
import contextlib
import urllib.parse

import websockets
from websockets.asyncio.server import serve

from .connection import Connection
from .world import World


class Service:
    def __init__(self):
        self.worlds: dict[str, World] = {}
        self.strangers: list[str] = []

    async def __aenter__(self) -> "Service":
        self.server = await serve(
            self._serve, "127.0.0.1", 0, max_size=None, ping_interval=None, compression=None,
            process_request=self._admit, write_limit=2**22,
        )
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_) -> None:
        self.server.close(close_connections=True)
        with contextlib.suppress(TimeoutError):     # one that never answers its setup sleeps on
            await asyncio.wait_for(self.server.wait_closed(), 3)

    def add(self, world: World) -> World:
        self.worlds[world.key] = world
        return world

    def _world(self, request) -> World | None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(request.path).query)
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        key = bearer or request.headers.get("x-goog-api-key") or (query.get("key") or query.get("access_token") or [""])[0]
        return self.worlds.get(key.removeprefix("auth_tokens/"))

    def _admit(self, socket, request):
        world = self._world(request)
        if world is None:
            return None
        refused = world.setups.get(len(world.connections), {}).get("refused")
        if refused:
            world.connections.append(None)
            world.note(len(world.connections) - 1, "refused", status=refused)
            return socket.respond(refused, "Too many requests\n")
        return None

    async def _serve(self, socket) -> None:
        world = self._world(socket.request)
        if world is None:
            self.strangers.append(socket.request.path)
            await socket.close(1008, "Method doesn't allow unregistered callers")
            return
        if "BidiGenerateMusic" in socket.request.path:
            async for payload in socket:        # another service, of which nobody here knows anything
                await socket.send(payload)
            return
        connection = Connection(world, socket)
        try:
            await connection.run()
        except websockets.ConnectionClosed:
            pass
        finally:
            await connection.ended()
