"""LiteLLM's realtime endpoint: OpenAI's protocol on one side, Gemini's through the proxy on the other."""

import asyncio
import contextlib
import json

import fastapi
import litellm
import pytest
import uvicorn
from turnkeeper import Proxy, Simulator, turns
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

MODEL = "gemini-3.1-flash-live-preview"
SOON = 60
DISTURBED = """
name: disturbed
extends: quick
faults:
  - internal-error: { turns: [1], attempts: 1 }
  - after-tool-close: { total: 1 }
"""
SESSION = {
    "modalities": ["audio"],
    "tools": [
        {
            "type": "function", "name": "get_weather", "description": "Reports the weather.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        }
    ],
}


@contextlib.asynccontextmanager
async def endpoint(base, key):
    """What LiteLLM's own server does with /v1/realtime, without its database and keys."""
    application = fastapi.FastAPI()

    @application.websocket("/v1/realtime")
    async def realtime(websocket: fastapi.WebSocket):
        await websocket.accept()
        await litellm._arealtime(
            model=f"gemini/{MODEL}", websocket=websocket, api_base=base, api_key=key,
            query_params={"model": MODEL},
        )

    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="warning"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with connect(f"ws://127.0.0.1:{port}/v1/realtime", proxy=None, max_size=None) as client:
            yield client
    finally:
        server.should_exit = True
        await running


async def until(client, kind):
    """The events up to one of that type."""
    events = []
    while not events or events[-1]["type"] != kind:
        events.append(json.loads(await asyncio.wait_for(client.recv(), SOON)))
        assert events[-1]["type"] != "error", events[-1]
    return events


async def say(client, item):
    await client.send(json.dumps({"type": "conversation.item.create", "item": item}))
    await client.send(json.dumps({"type": "response.create"}))


def words(text):
    content = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "user", "content": content}


async def test_a_disturbed_conversation_is_a_conversation(start, tmp_path):
    scenario = tmp_path / "disturbed.yaml"
    scenario.write_text(DISTURBED)
    simulator = start(Simulator, "--scenario", scenario)
    proxy = start(Proxy, simulator.url)
    async with endpoint(proxy.http, "any") as client:
        await client.send(json.dumps({"type": "session.update", "session": SESSION}))
        await say(client, words("hello"))
        heard = await until(client, "response.done")
        assert any("audio.delta" in event["type"] for event in heard)
        await say(client, words("call get_weather"))
        call = (await until(client, "response.function_call_arguments.done"))[-1]
        await until(client, "response.done")
        result = {"type": "function_call_output", "call_id": call["call_id"], "output": "sunny"}
        await say(client, result)
        heard = await until(client, "response.done")
        assert any("audio.delta" in event["type"] for event in heard)
    record = simulator.record()
    assert record["violations"] == [], record
    assert proxy.count("gemini_closes_total", code="1011") == 2
    # The connection that had the result died of it, so the next one is told it again.
    answers = [a for c in record["conversations"] for a in c["tool_responses"]]
    assert {(a["name"], a["was_expected"]) for a in answers} == {("get_weather", True)}


async def test_a_refused_key_shows_its_reason(start):
    proxy = start(Proxy, start(Simulator).url, "match: { anyone: false }")
    async with endpoint(proxy.http, "wrong") as client:
        await client.send(json.dumps({"type": "session.update", "session": SESSION}))
        with pytest.raises(ConnectionClosedError) as closed:
            async with asyncio.timeout(SOON):
                async for _ in client:
                    pass
    assert closed.value.rcvd.code == 1007 and "API key not valid" in closed.value.rcvd.reason
