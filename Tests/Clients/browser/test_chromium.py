"""A page in headless Chromium talks through the proxy from a fake microphone."""

import asyncio
import functools
import http.server
import pathlib
import threading

import pytest
from browser.chromium import Browser
from speech import silence, spoken, write_wave
from tap import tapped
from turnkeeper import PATH, SERVICE, Guarded, Proxy, Simulator, turns

HERE = pathlib.Path(__file__).parent
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


async def test_page_gets_a_spoken_answer(start, page, tmp_path):
    """One sentence, then silence, from the microphone; the answer comes as audio in Blobs."""
    simulator = start(Simulator)
    proxy = start(Guarded, simulator.url)
    microphone = tmp_path / "microphone.wav"
    sentence = spoken("What is the capital of France?")
    write_wave(microphone, silence(1) + sentence + silence(30))

    with tapped(proxy.listening) as port:
        await ask_aloud(tmp_path, microphone, f"{page}#ws://127.0.0.1:{port}{PATH}?key=test-key")
    record = simulator.record()
    assert record["violations"] == [], record
    assert [turn["input"] for turn in turns(record)] == ["speech"], record


async def ask_aloud(tmp_path, microphone, url):
    async with Browser(
        tmp_path / "profile",
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
    ) as browser:
        await browser.ask("Page.navigate", url=url)
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


MINT = """
(async () => {
  const answer = await fetch("%s/v1alpha/auth_tokens", {
    method: "POST", body: "{}",
    headers: { "x-goog-api-key": "any", "Content-Type": "application/json" } });
  window.minted = { status: answer.status, ...(await answer.json()) };
})().catch((error) => { window.minted = { status: 0, error: String(error) }; })
"""


async def test_a_page_is_told_why_it_is_refused_and_mints_a_token_across_origins(
    start, page, tmp_path, monkeypatch
):
    """The browser itself asks by a preflight whether the page may, and reads the answer to it."""
    monkeypatch.setenv("GEMINI_KEY", "the-real-gemini-key")
    url = start(Simulator).url
    origin = page.removesuffix("/page.html")
    guarded = start(Proxy, url, "match: { anyone: false }")
    minting, elsewhere = (
        start(
            Proxy, url, f'match: {{ anyone: true, origins: ["{permitted}"] }}',
            upstream="key: env:GEMINI_KEY",
        )
        for permitted in (origin, "https://app.acme.example")
    )

    async def until(browser, expression):
        async with asyncio.timeout(ANSWER_SECONDS):
            while not (found := await browser.value(expression)):
                await asyncio.sleep(0.1)
        return found

    async with Browser(tmp_path / "profile") as browser:
        await browser.ask("Page.navigate", url=f"{page}#{guarded.ws}{PATH}?key=wrong")
        closed = await until(browser, "window.heard?.closed ?? null")
        assert closed["code"] == 1007 and "API key not valid" in closed["reason"], closed
        for proxy, status in ((elsewhere, 0), (minting, 200)):
            await browser.value(f"window.minted = null; void {MINT % proxy.http}")
            minted = await until(browser, "window.minted")
            assert minted["status"] == status, minted
        assert minted["name"].startswith("auth_tokens/")
        constrained = SERVICE.replace("v1beta", "v1alpha") + "Constrained"
        await browser.value(
            f"""window.opened = null;
            const live = new WebSocket("{minting.ws}/ws/{constrained}?access_token={minted['name']}");
            live.onopen = () => live.send(JSON.stringify(
              {{ setup: {{ model: "models/gemini-3.1-flash-live-preview" }} }}));
            live.onmessage = () => {{ window.opened = "set up"; }};
            live.onclose = ({{ code, reason }}) => {{ window.opened = code + reason; }};
            null"""
        )
        assert await until(browser, "window.opened") == "set up"
