"""One headless Chromium with a profile of its own, steered over its debugging socket."""

import asyncio
import base64
import contextlib
import itertools
import json
import shutil
import subprocess

from websockets.asyncio.client import connect

START_SECONDS = 60


class Navigated(AssertionError):
    """The page was left while it was asked."""


class Browser:
    """`async with Browser(profile) as browser`; `arguments` are Chromium's own."""

    def __init__(self, profile, *arguments):
        self.profile = profile
        self.log = open(profile.parent / "chromium.log", "wb")
        self.events = []
        self.process = subprocess.Popen(
            [
                shutil.which("chromium"),
                "--headless=new",
                # The page is ours, and CI runs as root in a container, where there is no sandbox.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                *arguments,
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
        """A command of the DevTools protocol; what happens meanwhile goes to `events`."""
        number = next(self.ids)
        request = {"id": number, "method": method, "params": params}
        if self.session and not method.startswith("Browser."):
            request["sessionId"] = self.session
        await self.socket.send(json.dumps(request))
        async with asyncio.timeout(START_SECONDS):
            while True:
                answer = json.loads(await self.socket.recv())
                if answer.get("id") == number:
                    if "navigated" in answer.get("error", {}).get("message", ""):
                        raise Navigated(answer)
                    assert "error" not in answer, answer
                    return answer["result"]
                self.events.append(answer)

    async def value(self, expression):
        """What a JavaScript expression, or the promise it is, comes to."""
        answer = await self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression, seconds=20):
        """Waits until an expression is true."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    # A page that is being left has no values.
                    with contextlib.suppress(Navigated):
                        if value := await self.value(expression):
                            return value
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"never came true: {expression}") from None

    async def press(self, key, modifiers=0):
        """A key, by its name in JavaScript's `event.key`."""
        text = {"Enter": "\r", "Tab": ""}.get(key, key if len(key) == 1 else "")
        common = {"key": key, "code": key if len(key) > 1 else "", "modifiers": modifiers}
        codes = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38,
                 "ArrowLeft": 37, "ArrowRight": 39}
        common["windowsVirtualKeyCode"] = codes.get(key, 0)
        down = "keyDown" if text else "rawKeyDown"
        await self.ask("Input.dispatchKeyEvent", type=down, text=text, **common)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    async def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def type(self, text):
        await self.ask("Input.insertText", text=text)

    async def size(self, width, height, scale=1):
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=False,
        )

    async def prefer(self, **features):
        """Media features, such as `prefers_color_scheme="dark"`."""
        await self.ask(
            "Emulation.setEmulatedMedia",
            features=[
                {"name": name.replace("_", "-"), "value": value}
                for name, value in features.items()
            ],
        )

    async def picture(self, path):
        answer = await self.ask("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(answer["data"]))
