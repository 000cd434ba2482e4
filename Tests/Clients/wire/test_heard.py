"""What is searched at the end of every test is everything, and a credential in it would be found."""

import asyncio
import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request

import heard
import pytest
from relay import SETUP, Gemini, soon
from tap import tapped
from turnkeeper import PATH, Proxy, readings
from websockets.asyncio.client import connect

KEY = "gemini-key/of-everybody"
MODEL_SAYS = b'{"serverContent":{"modelTurn":{"parts":[{"text":"%s"}]}}}'


@pytest.mark.parametrize("way", ["plain", "tls"])
@pytest.mark.parametrize("form", [KEY, KEY.replace("-", "%252D"), KEY.replace("/", "\\/")])
async def test_what_a_client_is_told_is_searched(start, monkeypatch, way, form):
    monkeypatch.setenv("HEARD_KEY", KEY)
    async with Gemini() as gemini:
        policy = "match: { anyone: true }"
        proxy = start(Proxy, gemini.url, policy, upstream="key: env:HEARD_KEY")
        base, tls = (proxy.ws, None) if way == "plain" else (proxy.wss, proxy.trust())
        options = {"ssl": tls, "ping_interval": None, "proxy": None}
        async with connect(base + PATH, **options) as client:
            await client.send(json.dumps(SETUP))
            connection = await gemini.accepted()
            await soon(client.recv())
            assert proxy.leaks() == []
            await connection.send(MODEL_SAYS % form.encode())
            await soon(client.recv())
            assert {place for place, _ in proxy.leaks()} == {"told to clients"}
    heard.forget()


async def test_pages_of_both_ports_are_searched(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        for port, path in ((proxy.listening, "/nothing"), (proxy.port("admin on"), "/metrics")):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as page:
                    text = page.read()
            except urllib.error.HTTPError as error:
                text = error.read()
            assert text in proxy.left()["told to clients"]
        secure = ssl.create_default_context(cafile=proxy.ca)
        with urllib.request.urlopen(proxy.https + "/healthz", context=secure, timeout=10) as page:
            assert page.read() in proxy.left()["told to clients"]


async def test_what_other_programs_are_told_and_say_is_searched(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url)
        told = "import sys, urllib.request; print(len(urllib.request.urlopen(sys.argv[1], timeout=10).read()))"
        with tapped(proxy.listening) as port:
            url = f"http://127.0.0.1:{port}/healthz"
            done = await asyncio.to_thread(
                subprocess.run, [sys.executable, "-c", told, url], capture_output=True, timeout=30
            )
        assert done.stdout == b"3\n", done.stderr
        left = proxy.left()["told to clients"]
        assert b"\r\n\r\nok\n" in left and done.stdout in left


def test_what_is_escaped_repeatedly_is_read():
    for text in (b"%25%32%44", b"%5Cu002d", b"\\\\u002d", b"&#37;2D", b"\\u0026#x2d;", b"\\x2d"):
        assert b"a-b" in list(readings(b"a" + text + b"b"))[-1], text
