"""A conversation by a WebSocket library of Python's: python client.py LIBRARY BASE KEY"""

import asyncio
import contextlib
import json
import sys

SERVICE = "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
SETUP = {
    "model": "models/gemini-3.1-flash-live-preview",
    "generationConfig": {"responseModalities": ["AUDIO"]},
    "tools": [
        {"functionDeclarations": [{"name": "get_weather", "description": "Reports the weather."}]}
    ],
}


class Closed(Exception):
    """With code and reason."""


@contextlib.asynccontextmanager
async def with_websocket_client(url, key):
    import websocket

    socket = websocket.create_connection(url, header={"x-goog-api-key": key}, timeout=60)

    def receive():
        while True:
            opcode, data = socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                raise Closed(int.from_bytes(data[:2], "big"), data[2:].decode())
            if opcode in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY):
                return data

    async def send(text):
        socket.send(text)

    async def close():
        socket.close(1000)
        raise Closed(1000, "")

    yield send, lambda: asyncio.to_thread(receive), close


@contextlib.asynccontextmanager
async def with_httpx_ws(url, key):
    from httpx_ws import WebSocketDisconnect, aconnect_ws

    async with aconnect_ws(url, headers={"x-goog-api-key": key}) as socket:

        async def receive():
            try:
                event = await socket.receive(timeout=60)
            except WebSocketDisconnect as closed:
                raise Closed(closed.code, closed.reason or "") from None
            return event.data

        async def close():
            await socket.close(1000)
            raise Closed(1000, "")

        yield socket.send_text, receive, close


@contextlib.asynccontextmanager
async def with_aiohttp(url, key):
    import aiohttp

    # Offers permessage-deflate with the largest window.
    options = {"headers": {"x-goog-api-key": key}, "compress": 15, "autoclose": False}
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url, **options) as socket:

            async def receive():
                message = await socket.receive(timeout=60)
                if message.type == aiohttp.WSMsgType.CLOSE:
                    await socket.close()
                    raise Closed(message.data, message.extra)
                assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
                return message.data

            async def close():
                await socket.close(code=1000)
                raise Closed(socket.close_code, "")

            yield socket.send_str, receive, close


async def converse(send, receive, close):
    questions = ["hello", "call get_weather", "goodbye"]
    sound = 0

    async def ask():
        await send(json.dumps({"realtimeInput": {"text": questions.pop(0)}}))

    await send(json.dumps({"setup": SETUP}))
    while True:
        message = json.loads(await receive())
        if "setupComplete" in message:
            print("set up")
            await ask()
        for call in message.get("toolCall", {}).get("functionCalls", []):
            print("called", call["name"])
            result = {"id": call["id"], "name": call["name"], "response": {"output": "sunny"}}
            await send(json.dumps({"toolResponse": {"functionResponses": [result]}}))
        content = message.get("serverContent", {})
        if "goAway" in message or content.get("interrupted"):
            print("disturbed")
        sound += len(content.get("modelTurn", {}).get("parts", []))
        if content.get("turnComplete"):
            print("answered" if sound else "silent")
            sound = 0
            await (ask() if questions else close())


async def main(library, base, key):
    try:
        async with globals()[f"with_{library}"](f"{base}/ws/{SERVICE}", key) as (send, receive, close):
            await converse(send, receive, close)
    except* Closed as group:
        (closed,) = group.exceptions
        while isinstance(closed, ExceptionGroup):
            (closed,) = closed.exceptions
        print("closed", *closed.args)


asyncio.run(main(*sys.argv[1:]))
