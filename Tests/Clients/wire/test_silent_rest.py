"""A REST upstream that says nothing, or next to nothing: its clients are told within a bounded time."""

import asyncio
import contextlib
import http.client
import json
import time

import pytest
from tenants import Tenants
from watching import until

KEY = "acme-client-key"
# How long gemini may be silent, here.
SILENCE = 2
# What that may become on a busy machine; the standard is ten minutes.
BOUND = 60
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n"


class Upstream:
    """Takes a request, says `first` at once and then `rest` a byte at a time, and stays."""

    def __init__(self, first=b"", rest=b"", pause=0.3):
        self.first, self.rest, self.pause = first, rest, pause
        self.requests, self.open = 0, 0

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def serve(self, reader, writer):
        self.requests += 1
        self.open += 1
        saying = asyncio.create_task(self.say(writer))
        with contextlib.suppress(ConnectionError):
            while await reader.read(65536):
                pass
        saying.cancel()
        writer.close()
        self.open -= 1

    async def say(self, writer):
        writer.write(self.first)
        for byte in self.rest:
            await asyncio.sleep(self.pause)
            writer.write(bytes([byte]))


def ask(proxy):
    """Status, what came of the body, and whether that was all of it."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.listening, timeout=BOUND)
    connection.request("POST", "/v1beta/models/gemini-a:generateContent", b"{}", {"x-goog-api-key": KEY})
    answer = connection.getresponse()
    body = b""
    with contextlib.suppress(ConnectionError):
        while piece := answer.read1():
            body += piece
    return answer.status, body, len(body) == int(answer.headers["Content-Length"])


@contextlib.asynccontextmanager
async def proxied(start, monkeypatch, upstream, own=False, silence=SILENCE):
    """A tenant with two places, and its proxy."""
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("GEMINI_KEY", "the-real-gemini-key")
    async with upstream:
        key = "key: env:GEMINI_KEY, " if own else ""
        policy = (
            f"match: {{ keys: [env:ACME_KEY] }}\nlimits: {{ sessions: 2 }}\n"
            f"upstream: {{ url: {upstream.url}, {key}rest: pass, rest_silence: {silence}s }}"
        )
        yield start(Tenants, {"acme.yaml": policy})


SLOW_HEAD = b"HTTP/1.1 200 OK\r\n" + b"X-More: and more\r\n" * 50
SLOW_ERROR = b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n"
AGAIN = b"HTTP/1.1 100 Continue\r\n\r\n" * 50


@pytest.mark.parametrize(
    "upstream, own",
    [
        (Upstream(), False),
        (Upstream(rest=SLOW_HEAD), False),
        (Upstream(rest=AGAIN, pause=0.02), False),
        # What is read as a whole, because it may quote our key.
        (Upstream(), True),
    ],
    ids=["nothing", "a head by bytes", "nothing but 100", "nothing to our key"],
)
async def test_an_answer_that_does_not_begin(start, monkeypatch, upstream, own):
    async with proxied(start, monkeypatch, upstream, own) as proxy:
        # More at once than there are places for, if one were not given back.
        for _ in range(2):
            for status, body, is_whole in await asyncio.gather(*(asyncio.to_thread(ask, proxy) for _ in range(2))):
                error = json.loads(body)["error"]
                assert (status, error["code"], is_whole) == (504, 504, True), body
                assert "gemini has neither sent nor read anything for 2s" in error["message"]
        assert upstream.requests == 4
        await until(lambda: upstream.open == 0)
        await until(lambda: proxy.count("rest_requests_total", tenant="acme", outcome="unanswered") == 4)

        def told():
            lines = [line for line in proxy.log() if line["message"] == "REST request ended"]
            return [(line["level"], line["status"]) for line in lines]

        # Lines are written behind the back of who is answered.
        await until(lambda: len(told()) == 4)
        assert told() == [("info", 504)] * 4


async def test_an_answer_that_stops(start, monkeypatch):
    """Its client has the head already, so it is cut off where it stopped."""
    async with proxied(start, monkeypatch, Upstream(HEAD + b"half")) as proxy:
        for _ in range(3):
            assert await asyncio.to_thread(ask, proxy) == (200, b"half", False)
        await until(lambda: proxy.count("rest_requests_total", outcome="unanswered") == 3)


async def test_an_error_that_stops(start, monkeypatch):
    """To our key, so it is read as a whole before anything of it is shown."""
    async with proxied(start, monkeypatch, Upstream(SLOW_ERROR, b"x" * 1000), own=True) as proxy:
        for _ in range(3):
            status, body, is_whole = await asyncio.to_thread(ask, proxy)
            assert (status, is_whole) == (504, True) and b"gemini has" in body
        await until(lambda: proxy.count("rest_requests_total", outcome="unanswered") == 3)


async def test_an_answer_that_goes_on(start, monkeypatch):
    """A byte now and then is an answer, however long it takes: nobody cuts it off."""
    body, silence = b"slowly, slowly", 5
    head = HEAD.replace(b"1000", b"%d" % len(body))
    async with proxied(start, monkeypatch, Upstream(head, body, 0.5), silence=silence) as proxy:
        began = time.monotonic()
        assert await asyncio.to_thread(ask, proxy) == (200, body, True)
        assert time.monotonic() - began > silence
        await until(lambda: proxy.count("rest_requests_total", outcome="answered") == 1)
        assert proxy.count("rest_requests_total", outcome="unanswered") == 0
