"""Makes a plan that fails smaller, while it fails in the same way."""

import asyncio
import copy
import json
import pathlib

from .plans import plan

TRIES = 120
AT_ONCE = 8     # tried at the same time, each on a proxy of its own


def thawed(made: dict) -> dict:
    """JSON has no whole numbers for keys."""
    for name in ("attempts", "inputs", "idle", "setups"):
        made[name] = {int(key): each for key, each in made.get(name, {}).items()}
    return made


def law(wrong: list[str]) -> str:
    return wrong[0].split(" ")[0] if wrong else ""


def smaller(made: dict):
    """Plans with one thing less, the biggest first."""
    for at in range(len(made["steps"])):
        less = copy.deepcopy(made)
        gone = less["steps"].pop(at)["question"]
        for name in ("attempts", "inputs", "idle"):
            less[name].pop(gone, None)
        if less["steps"]:
            if at < len(less["steps"]):
                less["steps"][at]["barges"] = 0
            yield less
    for name in ("attempts", "inputs", "idle", "setups"):
        for key in list(made[name]):
            less = copy.deepcopy(made)
            del less[name][key]
            yield less
    for name in ("attempts", "inputs"):
        for key, each in made[name].items():
            for at in range(len(each) if len(each) > 1 else 0):
                less = copy.deepcopy(made)
                less[name][key].pop(at)
                yield less
    for at, step in enumerate(made["steps"]):
        for name in ("returns", "changes", "freeze", "instruction", "pieces", "declares", "note", "as_content"):
            if name in step:
                less = copy.deepcopy(made)
                del less["steps"][at][name]
                yield less
    plain = {"form": "text", "pause": 0, "barges": 0, "seconds": 0.5, "chunk_ms": 100}
    for at, step in enumerate(made["steps"]):
        for name, value in plain.items():
            if step[name] != value:
                less = copy.deepcopy(made)
                less["steps"][at][name] = value
                yield less
    for name in ("client", "tool_seconds", "screen", "history"):
        if name in made:
            less = copy.deepcopy(made)
            del less[name]
            yield less
    switches = {"pretty": False, "as_text": False, "noise": 0.0, "ends_at_once": False, "interim": False,
                "late_words": 0.0, "nudge": "wakes", "handles": "turn", "bundles": False, "handle_in_call": False, "reissues": True,
                "obeys": True, "cancel_interrupts": True, "ends_interrupted_together": False,
                "resumes_with_open_turn": False, "index": False, "late_interrupt": False}
    for name, value in switches.items():
        if made["switches"].get(name, value) != value:
            less = copy.deepcopy(made)
            less["switches"][name] = value
            yield less


async def shrunk(seed: int, wrong: list[str], keep: pathlib.Path | None) -> dict:
    from .__main__ import one
    best, kind, tries = plan(seed), law(wrong), 0
    again = await one(best)
    if law(again) != kind:
        print(f"seed {seed}: alone it says {again or 'nothing'}; not made smaller")
        return best
    wrong, progress = again, True
    while progress and tries < TRIES:
        progress = False
        candidates = list(smaller(best))
        for at in range(0, len(candidates), AT_ONCE):
            some = candidates[at : at + AT_ONCE]
            tries += len(some)
            said = await asyncio.gather(*map(one, some))
            failing = [index for index, each in enumerate(said) if law(each) == kind]
            if failing:
                best, wrong, progress = some[failing[0]], said[failing[0]], True
                break
            if tries >= TRIES:
                break
    text = json.dumps({"title": wrong[0], "plan": best})
    print(f"seed {seed}, smallest of {tries} tries: {wrong[0]}\n{text}")
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"seed-{seed}.json").write_text(text + "\n")
        print(f"    repeat: python -m adversary --plan {keep}/seed-{seed}.json")
    return best
