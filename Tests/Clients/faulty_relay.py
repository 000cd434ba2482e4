"""A TCP relay that does to a connection what networks do: it delays, throttles, resets and swallows."""

import asyncio
import contextlib
import socket
import struct


class FaultyRelay:
    """Between the proxy and gemini; its faults may change at any time."""

    def __init__(self, port, host="127.0.0.1"):
        self.to, self.host = port, host
        self.heal()
        self._writers = set()

    def heal(self):
        self.delay, self.rate, self.swallows = 0.0, None, False

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"ws://{self.host}:{self.port}"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        self.reset()

    def reset(self):
        """Every connection there is ends with a reset, both ways."""
        for writer in list(self._writers):
            with contextlib.suppress(OSError):
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    async def _serve(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            return writer.close()
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, far_writer))
                group.create_task(self._pass(far_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.close()

    async def _pass(self, reader, writer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(4096 if self.rate else 65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if self.rate:
                    await asyncio.sleep(len(piece) / self.rate)
                # What was swallowed never comes: the connection is black until it is reset.
                while self.swallows:
                    await asyncio.sleep(0.1)
                writer.write(piece)
                await writer.drain()
        writer.close()
