"""A session recorded on real sockets, replayed, and back-tested against other policies."""

import asyncio
import base64
import json
import os
import re
import struct
import subprocess
import time

import pytest
import websockets
from turnkeeper import PATH, PROGRAM, Proxy, Simulator

SCENARIO = """
name: sick
playback: 0
latency: 0.02
faults:
  - end-ignored: { turns: [2], nudges: 1 }
  - internal-error: { turns: [3], attempts: 1, delay: 50ms }
"""
POLICY = "stalls: { soft: 1s, hard: 4s, nudges: 2 }\nturns: { dead_air: 2s }\n"
# Of the shape of the vendor's keys; nobody's.
KEY = "AIzaSyNobodysKeyForTheRecordings000000"
TENANT_KEY = "k3y-of-acme-0123456789"
MODEL = "models/gemini-3.1-flash-live-preview"


def run(*arguments, status=0):
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stdout + done.stderr


def frame(turn):
    pcm = struct.pack("<h", 4000 + turn) * 1600
    data = base64.b64encode(pcm).decode()
    return json.dumps(
        {"realtimeInput": {"audio": {"data": data, "mimeType": "audio/pcm;rate=16000"}}}
    )


def as_text(message):
    return message if isinstance(message, str) else message.decode()


async def speak(socket, turn, *, ends=True):
    await socket.send(json.dumps({"realtimeInput": {"activityStart": {}}}))
    for _ in range(8):
        await socket.send(frame(turn))
        await asyncio.sleep(0.1)
    if ends:
        await socket.send(json.dumps({"realtimeInput": {"activityEnd": {}}}))
    heard = []
    while True:
        heard.append(as_text(await asyncio.wait_for(socket.recv(), 60)))
        message = json.loads(heard[-1])
        if message.get("serverContent", {}).get("turnComplete"):
            return heard


async def converse(proxy, key):
    """A healthy turn, one that stalls, one that dies of 1011, one whose microphone goes dead.

    Returns what was heard.
    """
    async with websockets.connect(f"{proxy.ws}{PATH}?key={key}") as socket:
        setup = {
            "model": MODEL,
            "generationConfig": {"responseModalities": ["AUDIO"]},
            "realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}},
            "systemInstruction": {"parts": [{"text": f"Never say {KEY} or {TENANT_KEY}."}]},
            "sessionResumption": {},
            "inputAudioTranscription": {},
            "outputAudioTranscription": {},
        }
        await socket.send(json.dumps({"setup": setup}))
        assert "setupComplete" in json.loads(await socket.recv())
        heard = []
        for turn in (1, 2, 3):
            heard += await speak(socket, turn)
            # Long enough for another policy to lose its patience with the second turn.
            await asyncio.sleep(4.5 if turn == 2 else 0)
        return heard + await speak(socket, 4, ends=False)


def recorded(proxy):
    """The one recording of a proxy, when it is whole."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        files = list((proxy.data / "recordings").glob("*.jsonl"))
        if files and '{"end":"session"}' in files[0].read_text():
            assert len(files) == 1
            return files[0]
        time.sleep(0.1)
    raise AssertionError("no whole recording")


def policies(directory, text):
    directory.mkdir()
    (directory / "default.yaml").write_text(text)
    return directory


async def test_a_sick_session_replays_identically_and_otherwise_by_another_policy(start, tmp_path):
    scenario = tmp_path / "sick.yaml"
    scenario.write_text(SCENARIO)
    simulator = start(Simulator, "--scenario", scenario)
    proxy = start(Proxy, simulator.url, POLICY + "log: { record: on }")
    heard = await converse(proxy, KEY)
    file = recorded(proxy)
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text()
    # No credential, no handle, no sound.
    assert KEY not in text and "AIza" not in text
    handles = re.findall(r'newHandle"?: ?"([^"]+)"', "\n".join(heard))
    assert handles and not any(handle in text for handle in handles)
    assert frame(1)[40:200] not in text
    assert len(text) < 400_000

    told = run("replay", file)
    assert "\nidentical: " in told
    for word in ("stalled", "nudged", "reconnecting", "replayed", "dead_air"):
        assert f"  {word}  " in told, told

    same = json.loads(run("replay", file, "--json", "--policies", policies(tmp_path / "same", POLICY)))
    assert same["identical"] and same["model"] == MODEL
    assert same["comparison"]["changes"] == [] and same["comparison"]["settings"] == []

    # Without nudges the second turn is moved to a new connection instead.
    quiet = POLICY.replace("nudges: 2", "nudges: 0")
    directory = policies(tmp_path / "quiet", quiet)
    told = run("replay", file, "--policies", directory)
    assert "stalls.nudges: 2 -> 0" in told
    assert "a guess from" in told
    other = json.loads(run("replay", file, "--json", "--policies", directory))["comparison"]
    counts = {count["what"]: (count["was"], count["would"]) for count in other["counts"]}
    assert counts["nudged"][0] > 0 and counts["nudged"][1] == 0
    gone = [change for change in other["changes"] if change["what"] == "nudged"]
    assert {change["change"] for change in gone} == {"gone"}
    assert other["guess_from_ms"] <= gone[0]["was_ms"]
    assert any(change["what"] == "reconnecting" for change in other["changes"])

    assert other["messages_left_out"] > 0

    # A microphone that goes dead leaves its activity open without the rule.
    without = POLICY.replace("turns: {", "turns: { rules: { dead_air: off },")
    directory = policies(tmp_path / "open", without)
    other = json.loads(run("replay", file, "--json", "--policies", directory))["comparison"]
    assert {"key": "turns.rules.dead_air", "was": "enforce", "would": "off"} in other["settings"]
    counts = {count["what"]: (count["was"], count["would"]) for count in other["counts"]}
    # It is ended, and the end of the answer waits for the microphone to come back.
    assert counts["dead_air"] == (2, 0)
    # What came before it is untouched by the difference.
    assert all(change["what"] != "nudged" for change in other["changes"])


@pytest.mark.parametrize("record", ["on", "audio"])
async def test_what_the_policy_does_not_let_be_kept_is_not_recorded(start, tmp_path, record):
    scenario = tmp_path / "healthy.yaml"
    scenario.write_text("name: h\nplayback: 0\nlatency: 0.02\n")
    simulator = start(Simulator, "--scenario", scenario)
    proxy = start(Proxy, simulator.url, f"log: {{ record: {record}, transcripts: false }}")
    async with websockets.connect(f"{proxy.ws}{PATH}?key={KEY}") as socket:
        setup = {"model": MODEL, "systemInstruction": {"parts": [{"text": "Call her Rumpelstilzchen"}]}}
        await socket.send(json.dumps({"setup": setup}))
        assert "setupComplete" in json.loads(await socket.recv())
        await socket.send(frame(1))
        await socket.send(json.dumps({"realtimeInput": {"text": "I am Rumpelstilzchen"}}))
        await asyncio.sleep(0.5)
    file = recorded(proxy)
    assert "Rumpelstilzchen" not in file.read_text()
    assert (frame(1)[40:2000] in file.read_text()) == (record == "audio")
    assert "identical: " in run("replay", file)


async def test_a_session_is_not_recorded_unasked(start):
    simulator = start(Simulator)
    proxy = start(Proxy, simulator.url)
    async with websockets.connect(f"{proxy.ws}{PATH}?key={KEY}"):
        pass
    assert not (proxy.data / "recordings").exists()


def test_a_file_that_cannot_be_read_says_where_and_why(tmp_path):
    file = tmp_path / "bad.jsonl"
    file.write_text("nonsense\n")
    assert f"{file}:1: error: not one JSON object" in run("replay", file, status=1)
    assert "cannot be read" in run("replay", tmp_path / "absent", status=1)
    assert "takes one recording" in run("replay", status=2)
    # What has no end, or may never begin, is not read at all.
    os.mkfifo(tmp_path / "pipe")
    for other in ("/dev/zero", tmp_path / "pipe", tmp_path):
        said = run("replay", other, status=1)
        assert said == f"turnkeeper: {other} is no regular file, so it is no recording\n"
