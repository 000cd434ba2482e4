"""A plain relay in the proxy's place, which lies on request: each lie breaks one law, and the oracle must see it."""

import asyncio
import contextlib
import json
import types

import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

END = json.dumps({"serverContent": {"turnComplete": True}}).encode()


class Relay:
    """Has what the adversary uses of a proxy. `lie` names what it does wrong; empty: nothing."""

    def __init__(self, upstream_port: int, lie: str = "", is_plain: bool = False):
        self.upstream_port, self.lie, self.is_plain = upstream_port, lie, is_plain
        self.tokens: list[int] = []
        self.waiting: list = []
        self.pictures = 0

    async def __aenter__(self) -> "Relay":
        self.server = await serve(self._relay, "127.0.0.1", 0, max_size=None, ping_interval=None, compression=None)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_) -> None:
        self.server.close(close_connections=True)
        await self.server.wait_closed()

    async def show(self, session: str) -> dict:
        if self.lie == "I12 leaves no row":
            return {}
        tokens = self.tokens[:-1] if self.lie == "I11 forgets a receipt" else self.tokens
        return {"outcome": "completed", "ended": "now", "events": [], "turns": [
            {"outcome": "answered", "tokens": {"total": each}} for each in tokens]}

    async def held(self) -> int:
        return sum(map(len, self.waiting))

    async def _dial(self, request):
        headers = {"Authorization": request.headers["authorization"]} if "authorization" in request.headers else {}
        return await connect(f"ws://127.0.0.1:{self.upstream_port}{request.path}", max_size=None,
                             ping_interval=None, compression=None, proxy=None, additional_headers=headers)

    async def _relay(self, client) -> None:
        state = types.SimpleNamespace(gemini=await self._dial(client.request), setup=None, turns=0, ends=0, hidden=0,
                                      line=asyncio.Lock())
        downward = asyncio.ensure_future(self._down(client, state))
        try:
            async for payload in client:
                state.setup = state.setup or self._with_handles(payload)
                if "setup" in json.loads(payload) and not self.is_plain:
                    payload = state.setup
                for each in self._upward(json.loads(payload), payload, state):
                    async with state.line:
                        await state.gemini.send(each)
        except websockets.ConnectionClosed:
            pass
        finally:
            downward.cancel()
            if self.is_plain and client.state is websockets.State.OPEN:     # nothing could be sent any more
                await self._pass_on(state.gemini, client, 1011)
            await self._pass_on(client, state.gemini, 1000)

    async def _pass_on(self, ended, other, otherwise: int) -> None:
        """The close of one leg, on the other; a plain relay ends a leg without a frame if it saw none."""
        code, reason = ended.close_code, ended.close_reason or ""
        with contextlib.suppress(Exception):
            if self.is_plain and code == 1006:
                other.transport.abort()
            else:
                await other.close(otherwise if code in (None, 1005, 1006) else code, reason)

    @staticmethod
    def _with_handles(payload: str) -> str:
        message = json.loads(payload)
        message["setup"].setdefault("sessionResumption", {})
        return json.dumps(message)

    def _upward(self, message: dict, payload, state) -> list:
        realtime = message.get("realtimeInput") or {}
        if "activityEnd" in realtime:
            state.turns += 1
            if self.lie == "I1 sends sound after the end":
                return [payload, state.last]
            if self.lie == "I2 starts twice":
                return [self.start, payload]
            if self.lie == "I4 drops a message":
                return [payload]
        if "audio" in realtime:
            first, state.last = not hasattr(state, "last"), payload
            if self.lie == "I4 drops a message" and first:
                return []
            if self.lie == "I3 sends the end early" and first:
                return [json.dumps({"realtimeInput": {"activityEnd": {}}}), payload]
            if self.lie == "I4 changes bytes":
                return [json.dumps(message, separators=(",", ":"))]
        if "video" in realtime:
            if self.lie == "I10 drops without a word":
                self.pictures += 1
                return [payload] if self.pictures % 2 else []
            if self.lie == "I10 stops showing" and state.turns > 1:
                return []
            if self.lie == "I16 holds without bound":
                self.waiting.append(payload)
                return []
        if "activityStart" in realtime:
            self.start = payload
        if "toolResponse" in message and self.lie == "I8 drops a result":
            return []
        if "toolResponse" in message and self.lie == "I8 tells a result twice":
            return [payload, payload]
        return [payload]

    async def _down(self, client, state) -> None:
        try:
            async for payload in state.gemini:
                message = json.loads(payload)
                if "sessionResumptionUpdate" in message and not self.is_plain:
                    continue
                for each in self._downward(message, payload, state):
                    await client.send(each)
                await self._between(message, client, state)
        except websockets.ConnectionClosed:
            pass
        await self._pass_on(state.gemini, client, 1011)

    def _downward(self, message: dict, payload, state) -> list:
        content = message.get("serverContent") or {}
        if "usageMetadata" in message:
            self.tokens.append(message["usageMetadata"]["totalTokenCount"])
        is_end = content.get("turnComplete")
        state.ends += bool(is_end)
        if is_end and self.lie == "I13 makes up an end" and state.ends == 1:
            return [END, payload]
        if is_end and self.lie == "I14 loses a rider":
            return [END]
        if is_end and self.lie == "I7 hides an end":
            return []
        if content.get("modelTurn"):
            if self.lie == "I5 repeats a message":
                return [payload, payload]
            if self.lie == "I7 swallows an answer" and state.ends == 1:
                return []
            if self.lie == "I4 sends text for binary":
                return [payload.decode()]
        if "toolCall" in message and self.lie == "I8 asks for a tool twice":
            return [payload, payload]
        return [payload]

    async def _between(self, message: dict, client, state) -> None:
        content = message.get("serverContent") or {}
        if content.get("modelTurn") and self.lie == "I9 nudges a speaking model" and not state.hidden:
            state.hidden = 1
            await state.gemini.send(json.dumps({"realtimeInput": {"text": " "}}))
        if not content.get("turnComplete") or state.ends != 1:
            return
        if self.lie == "I6 closes for no reason":
            await client.close(1011, "nothing in particular")
        if self.lie == "I9 nudges an idle model":
            await state.gemini.send(json.dumps({"realtimeInput": {"text": " "}}))
        if self.lie in ("I15 forgets what was said", "I17 moves a healthy session"):
            async with state.line:
                await state.gemini.close()
                state.gemini = await self._dial(client.request)
                await state.gemini.send(state.setup)
                while "setupComplete" not in json.loads(await state.gemini.recv()):
                    pass
            asyncio.ensure_future(self._down(client, state))
            await asyncio.sleep(3600)


LIES = [
    "I1 sends sound after the end", "I2 starts twice", "I3 sends the end early", "I4 drops a message",
    "I4 changes bytes", "I4 sends text for binary", "I5 repeats a message", "I6 closes for no reason",
    "I7 swallows an answer", "I7 hides an end", "I8 asks for a tool twice", "I8 drops a result",
    "I8 tells a result twice", "I9 nudges a speaking model", "I9 nudges an idle model",
    "I10 drops without a word", "I10 stops showing", "I11 forgets a receipt", "I12 leaves no row",
    "I13 makes up an end", "I14 loses a rider", "I15 forgets what was said", "I16 holds without bound",
    "I17 moves a healthy session",
]
