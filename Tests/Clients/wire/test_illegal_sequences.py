"""Whatever order a client in manual detection sends things in, gemini sees a legal conversation.

Each sequence is a seed: it says what the client does, and, by a model of its own, what must be
heard. `SEQUENCE=n` repeats one.
"""

import asyncio
import base64
import json
import os
import random

from relay import MANUAL_SETUP, messages_of, soon
from strict_gemini import StrictGemini
from turnkeeper import PATH, Proxy
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

SEQUENCES = 1000
AT_ONCE = 80
# A track counts as dead after 3 s. Where a sequence means that, it waits for twice as long; where
# it does not, all its messages leave within milliseconds, faster than anybody speaks.
DEAD_AIR = "turns: { dead_air: 3s }\nlimits: { messages_per_second: 100000 }"
DEAD_SECONDS = 6


class Sequence:
    """What a client does, step by step, and what must be heard of it."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.seed = seed
        self.steps = []
        self.heard = []
        # Audio that no rule has to touch, and the message it must arrive in.
        self.untouched = {}
        self.is_open = False
        # The client left its activity open and the proxy ended it: audio reopens.
        self.is_dead = False
        self.chunks = 0
        weights = {
            self.start: self.dice.choice((0, 1, 3)),
            self.end: self.dice.choice((1, 3)),
            self.audio: self.dice.choice((2, 6)),
            self.turn: self.dice.choice((1, 2)),
            self.stream_end: self.dice.choice((0, 1)),
            self.combined: self.dice.choice((0, 1)),
            self.dead_air: 1 if self.dice.random() < 0.1 else 0,
        }
        gaps = 2
        for _ in range(self.dice.randrange(5, 40)):
            (step,) = self.dice.choices(list(weights), weights.values())
            if step == self.dead_air:
                gaps -= 1
                if gaps < 0:
                    continue
            step()
        self.turn()

    def send(self, parts):
        """One `realtimeInput`, in one of the spellings that are out there."""
        outer = self.dice.choice(("realtimeInput", "realtime_input"))
        space = self.dice.choice(((",", ":"), (", ", ": ")))
        indent = self.dice.choice((None, None, None, 1))
        message = json.dumps({outer: parts}, separators=space, indent=indent)
        self.steps.append(message.encode() if self.dice.random() < 0.2 else message)
        return self.steps[-1]

    def name(self, camel, snake):
        return self.dice.choice((camel, snake))

    def boundary(self, which):
        return {self.name(f"activity{which}", f"activity_{which.lower()}"): {}}

    def chunk(self):
        """Twenty milliseconds that no other chunk of any sequence equals."""
        self.chunks += 1
        stamp = self.seed.to_bytes(4, "little") + self.chunks.to_bytes(4, "little") + b"\x55" * 8
        return stamp * 40

    def blob(self, pcm):
        encode = self.dice.choice((base64.b64encode, base64.urlsafe_b64encode))
        data = encode(pcm).decode()
        if self.dice.random() < 0.2:
            data = data.rstrip("=")
        return {self.name("mimeType", "mime_type"): "audio/pcm;rate=16000", "data": data}

    def expect(self, pcm):
        if self.is_dead:
            self.is_dead = False
            self.open()
        if self.is_open:
            self.heard[-1] += pcm

    def open(self):
        if not self.is_open:
            self.is_open = True
            self.heard.append(b"")
        self.is_dead = False

    # What a client may do.

    def start(self):
        self.send(self.boundary("Start"))
        self.open()

    def end(self):
        self.send(self.boundary("End"))
        self.is_open = self.is_dead = False

    def audio(self):
        for _ in range(self.dice.randrange(1, 6)):
            pcm = self.chunk()
            if self.dice.random() < 0.1:
                parts = {self.name("mediaChunks", "media_chunks"): [self.blob(pcm)]}
            else:
                parts = {"audio": self.blob(pcm)}
            self.untouched[pcm] = self.send(parts)
            self.expect(pcm)

    def turn(self):
        self.start()
        self.audio()
        self.end()

    def stream_end(self):
        self.send({self.name("audioStreamEnd", "audio_stream_end"): True})

    def combined(self):
        """A boundary and audio in one message: a start comes before its audio, an end after."""
        which = self.dice.choice(("Start", "End"))
        pcm = self.chunk()
        parts = [("audio", self.blob(pcm)), *self.boundary(which).items()]
        self.dice.shuffle(parts)
        self.send(dict(parts))
        if which == "Start":
            self.open()
        self.expect(pcm)
        if which == "End":
            self.is_open = self.is_dead = False

    def dead_air(self):
        self.steps.append(DEAD_SECONDS)
        if self.is_open:
            self.is_open, self.is_dead = False, True

    @property
    def must_be_heard(self):
        return [turn for turn in self.heard if turn]


class Player:
    """The client's side of one sequence."""

    def __init__(self, client):
        self.client = client
        self.is_set_up = asyncio.Event()
        self.reading = asyncio.create_task(self.read())

    async def read(self):
        """Reads on, so that answers do not pile up, and notes that the setup is complete."""
        async for message in messages_of(self.client):
            if b"setupComplete" in message:
                self.is_set_up.set()

    async def play(self, sequence):
        """Everything, in order, and then nothing is held back any more."""
        await self.client.send(json.dumps(MANUAL_SETUP))
        # Half of them do not wait for the setup to be complete.
        if sequence.seed % 2 or DEAD_SECONDS in sequence.steps:
            await soon(self.is_set_up.wait())
        for step in sequence.steps:
            if step == DEAD_SECONDS:
                await asyncio.sleep(step)
            else:
                await self.client.send(step)
        await soon(self.is_set_up.wait())


async def play(sequence, proxy):
    """Plays it and hangs up; returns what stopped it, if anything did."""
    async with connect(proxy.ws + PATH + f"?key={sequence.seed}", proxy=None) as client:
        player = Player(client)
        try:
            await player.play(sequence)
        except (ConnectionClosed, TimeoutError) as stopped:
            return f"{stopped!r}, {client.close_code} {client.close_reason}"
    await soon(player.reading)
    return None


async def test_a_thousand_random_sequences(start):
    """No illegal message arrives; every real turn is heard once, in order, to the last byte."""
    seeds = [int(os.environ["SEQUENCE"])] if "SEQUENCE" in os.environ else range(SEQUENCES)
    ears = {seed: StrictGemini() for seed in seeds}
    wrong = []

    async def listen(connection):
        await ears[int(connection.request.path.partition("?key=")[2])].serve(connection)

    async with serve(listen, "127.0.0.1", 0, ping_interval=None, compression=None) as gemini:
        port = gemini.sockets[0].getsockname()[1]
        proxy = start(Proxy, f"ws://127.0.0.1:{port}", DEAD_AIR)
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(seed):
            async with slots:
                sequence = Sequence(seed)
                trouble = await play(sequence, proxy)
                heard = ears[seed]
                await soon(heard.ended.wait())
                if heard.illegal or trouble:
                    wrong.append((seed, heard.illegal, trouble))
                elif heard.spoken != sequence.must_be_heard:
                    wrong.append((seed, lengths(heard.spoken), lengths(sequence.must_be_heard)))
                elif altered := [
                    raw for pcm, raw in heard.audio if sequence.untouched.get(pcm, raw) != raw
                ]:
                    wrong.append((seed, "altered", altered))

        await asyncio.gather(*(one(seed) for seed in seeds))
    assert not wrong, f"{len(wrong)} of {len(seeds)}, first: {wrong[:5]}"


def lengths(turns):
    return [len(turn) for turn in turns]


def test_the_model_itself_is_refused_what_is_illegal():
    """A canary: sent as they are, without a proxy, most of the sequences are illegal."""
    refused = 0
    for seed in range(200):
        ears = StrictGemini()
        ears.is_complete = True
        ears.hear(json.dumps(MANUAL_SETUP))
        try:
            for step in Sequence(seed).steps:
                if step != DEAD_SECONDS:
                    ears.hear(step)
        except Exception:
            refused += 1
    assert refused > 150


def test_a_legal_sequence_is_heard_as_it_is():
    sequence = Sequence(0)
    sequence.steps.clear()
    sequence.heard.clear()
    for _ in range(3):
        sequence.turn()
    ears = StrictGemini()
    ears.is_complete = True
    ears.hear(json.dumps(MANUAL_SETUP))
    for step in sequence.steps:
        ears.hear(step)
    assert ears.spoken == sequence.must_be_heard and len(ears.spoken) == 3
