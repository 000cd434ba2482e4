"""A page in headless Chromium talks through the proxy from a fake microphone."""

import asyncio
import contextlib
import functools
import http.server
import itertools
import json
import pathlib
import shutil
import subprocess
import threading

import pytest
from speech import silence, spoken, write_wave
from turnkeeper import PATH, Proxy, Simulator, turns
from websockets.asyncio.client import connect

HERE = pathlib.Path(__file__).parent
START_SECONDS = 60
ANSWER_SECONDS = 60


@pytest.fixture
def page():
    """The folder of this test on a loopback port: a secure context, as microphones want it."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    serve = functools.partial(Quiet, directory=HERE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/page.html"
        server.shutdown()


class Browser:
    """One Chromium with a profile of its own, steered over its debugging socket."""

    def __init__(self, profile, microphone):
        self.profile = profile
        self.log = open(profile.parent / "chromium.log", "wb")
        self.process = subprocess.Popen(
            [
                shutil.which("chromium"),
                "--headless=new",
                # The page is ours, and CI runs as root in a container, where there is no sandbox.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}%noloop",
                "--remote-debugging-port=0",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    async def __aenter__(self):
        port_file = self.profile / "DevToolsActivePort"
        async with asyncio.timeout(START_SECONDS):
            while not (port_file.exists() and len(port_file.read_text().splitlines()) == 2):
                assert self.process.poll() is None, "Chromium ended at once"
                await asyncio.sleep(0.1)
        port, path = port_file.read_text().splitlines()
        self.socket = await connect(
            f"ws://127.0.0.1:{port}{path}", max_size=None, ping_interval=None, proxy=None
        )
        self.ids = itertools.count(1)
        target = await self.ask("Target.createTarget", url="about:blank")
        attached = await self.ask(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self.session = attached["sessionId"]
        return self

    async def __aexit__(self, *_):
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.ask("Browser.close"), 5)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.socket.close(), 5)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.log.close()

    session = None

    async def ask(self, method, **params):
        number = next(self.ids)
        request = {"id": number, "method": method, "params": params}
        if self.session and not method.startswith("Browser."):
            request["sessionId"] = self.session
        await self.socket.send(json.dumps(request))
        async with asyncio.timeout(START_SECONDS):
            while True:
                answer = json.loads(await self.socket.recv())
                if answer.get("id") == number:
                    assert "error" not in answer, answer
                    return answer["result"]

    async def value(self, expression):
        answer = await self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")


async def test_page_gets_a_spoken_answer(start, page, tmp_path):
    """One sentence, then silence, from the microphone; the answer comes as audio in Blobs."""
    simulator = start(Simulator)
    proxy = start(Proxy, simulator.url)
    microphone = tmp_path / "microphone.wav"
    sentence = spoken("What is the capital of France?")
    write_wave(microphone, silence(1) + sentence + silence(30))

    async with Browser(tmp_path / "profile", microphone) as browser:
        await browser.ask("Page.navigate", url=f"{page}#{proxy.ws}{PATH}?key=test-key")
        heard = None
        async with asyncio.timeout(ANSWER_SECONDS):
            while not heard or not (heard["turns"] or heard["closed"]):
                await asyncio.sleep(0.25)
                heard = await browser.value("window.heard ?? null")
        assert heard["closed"] is None, heard
        assert heard["turns"] == 1, heard
        assert heard["audioSeconds"] > 0.2, heard
        assert heard["user"].strip() and heard["model"].strip(), heard
        assert heard["blobs"] > 0, "the service sends bytes, and a page gets them as Blobs"
        await browser.value("hangUp()")
        async with asyncio.timeout(ANSWER_SECONDS):
            while not await browser.value("window.heard.closed"):
                await asyncio.sleep(0.1)
        assert (await browser.value("window.heard.closed"))["code"] == 1000

    record = simulator.record()
    assert record["violations"] == [], record
    assert [turn["input"] for turn in turns(record)] == ["speech"], record
