"""The oracle can fail: a relay that breaks one law is caught, and one that breaks none is not."""

import pytest

from adversary.play import play
from adversary.relay import LIES, Relay
from adversary.service import Service


def talk() -> dict:
    """Three healthy turns, one with a tool."""
    def step(question: int) -> dict:
        return {"question": question, "form": "voice", "seconds": 0.5, "speed": 4, "pause": 0.1, "barges": 0,
                "chunk_ms": 100}
    return {
        "seed": 0, "family": "3.1", "manual": True, "solo": False, "transcription": True, "tools": True,
        "behavior": None, "steps": [step(1), step(2), step(3)], "inputs": {}, "idle": {}, "setups": {},
        "attempts": {2: [{"calls": [{"name": "look_up", "args": {"of": "2-0"}}]}]},
        "switches": {"nudge": "wakes", "handles": "turn"}, "usual": {}, "patience": 10,
    }


def alone(function):
    function.alone = True
    return function


SCREEN = {"every": 0.1, "bytes": 300_000}     # more in a few seconds than may be held


@alone
@pytest.mark.parametrize("lie", ["", *LIES])
async def test_a_lie_is_caught(stage, lie):
    made = talk() | ({"screen": SCREEN} if lie[:3] in ("", "I10", "I16") else {})
    async with Service() as service, Relay(service.port, lie) as relay:
        wrong = await play(made, service, relay, "canary")
    assert bool(wrong) == bool(lie), wrong
    if lie:
        law = lie.split(" ")[0]
        assert any(law in each for each in wrong), wrong
