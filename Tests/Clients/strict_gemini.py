"""An upstream that ends the connection at the first illegal message of manual detection.

Written from the rules alone, apart from the proxy and from its simulator: in manual detection
there is no audio outside an activity, boundaries strictly alternate and start with a start, an
activity without audio is fatal, a setup comes first and once, nothing comes before it is complete,
and `audioStreamEnd` has no place.
"""

import asyncio
import base64
import contextlib
import json
import random

from relay import messages_of
from websockets.exceptions import ConnectionClosed

SETUP, INPUT = "setup", "realtimeInput"
BOUNDARIES = ("activityStart", "activityEnd")


class Illegal(Exception):
    pass


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def members(value):
    """A JSON object with its own keys in lower camel case; what lies below is left alone."""
    if not isinstance(value, dict):
        raise Illegal(f"not an object: {value!r:.60}")
    result = {camel(key): item for key, item in value.items()}
    if len(result) != len(value):
        raise Illegal("one field in two spellings")
    return result


def audio_of(blob):
    blob = members(blob)
    if not blob.get("mimeType", "").startswith("audio/pcm"):
        raise Illegal(f"not audio: {blob.get('mimeType')}")
    data = blob["data"].replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)


class StrictGemini:
    """One connection's ears: what it heard, turn by turn, and what it would not hear."""

    def __init__(self):
        self.turns = []
        # Every piece of audio with the message it came in.
        self.audio = []
        self.illegal = None
        self.is_open = False
        self.is_set_up = False
        self.is_complete = False
        self.ended = asyncio.Event()

    def hear(self, raw):
        """Takes one message in; raises `Illegal` for one that the service would not."""
        message = members(json.loads(raw))
        if len(message) != 1:
            raise Illegal(f"not exactly one member: {sorted(message)}")
        (kind,) = message
        if kind == SETUP:
            if self.is_set_up:
                raise Illegal("a second setup")
            self.is_set_up = True
            return
        if not self.is_complete:
            raise Illegal(f"{kind} before the setup was complete")
        if kind != INPUT:
            raise Illegal(f"unexpected {kind}")
        parts = members(message[INPUT])
        if len(parts) != 1:
            raise Illegal(f"parts without an order: {sorted(parts)}")
        ((part, value),) = parts.items()
        if part == "activityStart":
            if self.is_open:
                raise Illegal("a start inside an activity")
            self.is_open = True
            self.turns.append([])
        elif part == "activityEnd":
            if not self.is_open:
                raise Illegal("an end outside an activity")
            if not self.turns[-1]:
                raise Illegal("an activity without audio")
            self.is_open = False
        elif part in ("audio", "mediaChunks"):
            if not self.is_open:
                raise Illegal("audio outside an activity")
            pcm = audio_of(value[0] if part == "mediaChunks" else value)
            self.turns[-1].append(pcm)
            self.audio.append((pcm, raw))
        else:
            raise Illegal(f"{part} has no place here")

    @property
    def spoken(self):
        """The audio of every turn in which something was said; silence alone is nobody's turn."""
        joined = [b"".join(turn) for turn in self.turns]
        return [turn for turn in joined if any(turn)]

    async def serve(self, connection):
        """Listens, answers each finished activity at once, and closes on what is illegal."""
        dice = random.Random(id(self))
        complete = None
        try:
            async for raw in messages_of(connection):
                was_open = self.is_open
                try:
                    self.hear(raw)
                except (Illegal, KeyError, ValueError, TypeError, AttributeError) as wrong:
                    self.illegal = f"{wrong!r} in {raw!r:.200}"
                    await connection.close(1007, "Request contains an invalid argument.")
                    return
                if self.is_set_up and not complete:
                    complete = asyncio.create_task(self._complete(connection, dice.random() / 20))
                if was_open and not self.is_open:
                    # A client that has hung up is not answered, but heard to the end.
                    with contextlib.suppress(ConnectionClosed):
                        for message in ANSWER:
                            await connection.send(message)
        finally:
            self.ended.set()
            if complete:
                complete.cancel()

    async def _complete(self, connection, delay):
        await asyncio.sleep(delay)
        self.is_complete = True
        await connection.send(b'{"setupComplete":{}}')


ANSWER = [
    b'{"serverContent":{"modelTurn":{"role":"model","parts":[{"inlineData":'
    b'{"mimeType":"audio/pcm;rate=24000","data":"ECAQIBAgECA="}}]}}}',
    b'{"serverContent":{"generationComplete":true}}',
    b'{"serverContent":{"turnComplete":true}}',
]
