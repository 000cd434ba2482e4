"""Clients in four languages hold a conversation that the service disturbs, and notice nothing.

Each prints what happened to it, in the same words.
"""

import asyncio
import os
import pathlib
import subprocess
import sys

import pytest
from tap import tapped
from turnkeeper import Guarded, Proxy, Simulator, turns
from watching import until

HERE = pathlib.Path(__file__).parent
BUILDS = pathlib.Path(sys.executable).parents[1]
# Debian's Go libraries are found by the layout that Go had before modules.
GO = {
    "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "CGO_ENABLED": "0",
    "GOCACHE": str(BUILDS / "go-cache"), "GOTOOLCHAIN": "local",
}
PYTHON = [sys.executable, HERE / "client.py"]
CLIENTS = {
    "js-genai's (ws)": ["node", HERE / "client.js"],
    "go-genai's (gorilla/websocket)": [BUILDS / "go-client"],
    "java.net.http": ["java", HERE / "Client.java"],
    "websocket-client": [*PYTHON, "websocket_client"],
    "httpx-ws": [*PYTHON, "httpx_ws"],
    "aiohttp, compressing": [*PYTHON, "aiohttp"],
}
# go-genai says no goodbye.
ENDS = ("closed 1000 ", "left")
# 1011 before the first answer, then a goAway, then 1011 instead of the words behind a tool's result.
DISTURBED = """
name: disturbed
extends: quick
faults:
  - internal-error: { turns: [1], attempts: 1 }
  - go-away: { connections: [2], after: 200ms, time_left: 10s }
  - after-tool-close: { total: 1 }
"""


@pytest.fixture(scope="module")
def go():
    """Compiles the client; the second time from its cache, in a second."""
    subprocess.run(
        [BUILDS / "bin/go", "build", "-o", BUILDS / "go-client", HERE / "client.go"],
        env=os.environ | GO, check=True, timeout=170,
    )


@pytest.fixture(params=CLIENTS)
def client(request):
    """Runs it against a base URL with a key; the lines it prints."""
    if "gorilla" in request.param:
        request.getfixturevalue("go")
    environment = os.environ | {"NODE_PATH": "/usr/share/nodejs"}

    def run(base, key, **more):
        done = subprocess.run(
            [*CLIENTS[request.param], base, key],
            env=environment | more, capture_output=True, text=True, timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def test_a_disturbed_conversation_is_a_conversation(start, tmp_path, client):
    scenario = tmp_path / "disturbed.yaml"
    scenario.write_text(DISTURBED)
    simulator = start(Simulator, "--scenario", scenario)
    proxy = start(Guarded, simulator.url)
    with tapped(proxy.listening) as port:
        lines = client(f"ws://127.0.0.1:{port}", "any")
    assert lines == ["set up", "answered", "called get_weather", "answered", "answered", lines[-1]]
    assert lines[-1] in ENDS
    record = simulator.record()
    assert record["violations"] == []
    # The client did not notice, but there was something to notice.
    assert proxy.count("gemini_closes_total", code="1011") == 2
    assert proxy.count("reconnects_total", result="resumed") >= 2
    assert proxy.count("rule_total", rule="go_away") >= 1
    heard = {turn["text"] for turn in turns(record)}
    assert {"hello", "call get_weather", "goodbye"} <= heard


@pytest.mark.parametrize("client", [name for name in CLIENTS if name != "java.net.http"], indirect=True)
def test_over_tls_too(start, client):
    """Java finds its authorities in no file that the environment names."""
    proxy = start(Guarded, start(Simulator, "--scenario", "quick").url)
    authorities = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "WEBSOCKET_CLIENT_CA_BUNDLE")
    lines = client(proxy.wss, "any", **{name: str(proxy.ca) for name in authorities})
    assert lines.count("answered") == 3 and lines[-1] in ENDS, lines


def test_a_refused_key_shows_its_reason(start, client):
    proxy = start(Proxy, start(Simulator).url, "match: { anyone: false }")
    (line,) = client(proxy.ws, "wrong")
    assert line.startswith("closed 1007 turnkeeper: API key not valid"), line
    assert "(session " in line
    asyncio.run(until(lambda: proxy.count("refusals_total", code="1007", reason="key") == 1))
    # What Gemini itself refuses comes through in its own words.
    open_to_all = start(Proxy, start(Simulator).url)
    (line,) = client(open_to_all.ws, "invalid")
    assert line.startswith("closed 1007 API key not valid"), line
