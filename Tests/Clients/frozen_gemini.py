"""A gemini in a process of its own, so that it can be frozen as a whole with SIGSTOP."""

import asyncio

from relay import Gemini


async def main():
    """Answers `setup`, then sends back whatever arrives, as bytes."""
    async with Gemini() as gemini:
        print(f"listening on 127.0.0.1:{gemini.port}", flush=True)

        async def echo(connection):
            async for message in connection:
                await connection.send(message.encode())

        echoes = set()
        while True:
            connection = await gemini._connections.get()
            echoes.add(asyncio.create_task(echo(connection)))


asyncio.run(main())
