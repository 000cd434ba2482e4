"""What a random plan may contain, by name; `test_kinds.py` finds each."""


def _attempts(plan: dict) -> list[dict]:
    return [each for attempts in plan["attempts"].values() for each in attempts]


def _inputs(plan: dict) -> list[dict]:
    return [each for inputs in plan["inputs"].values() for each in inputs]


def _is_mute(kind: str):
    return lambda plan: any(each.get("kind") == kind for each in _attempts(plan))


def _attempt(key: str):
    return lambda plan: any(key in each for each in _attempts(plan))


def _step(key: str):
    return lambda plan: any(step.get(key) for step in plan["steps"])


def _is_close(fault: dict, *codes: int) -> bool:
    if "goaway" in fault or "phantom" in fault or fault.get("how") == "asleep":
        return False
    return (not codes or fault.get("code") in codes)


def _deaths(plan: dict) -> list[dict]:
    return [each["die"] for each in _attempts(plan) if "die" in each]


def _is_without_anything(plan: dict, question: int) -> bool:
    return any(each.get("kind") == "nothing" or "freeze" in each for each in plan["attempts"].get(question, []))


KINDS = {
    "a close before the answer": lambda plan: any(death["at"] == 0 for death in _deaths(plan)),
    "a close in the answer": lambda plan: any(0 < death["at"] for death in _deaths(plan)),
    "a close with 1000": lambda plan: any(
        fault.get("code") == 1000 for fault in [*_deaths(plan), *plan["idle"].values(), *_inputs(plan)]),
    "a connection reset": lambda plan: any(
        fault.get("how") == "reset" for fault in [*_deaths(plan), *plan["idle"].values(), *_inputs(plan)]),
    "a storm of closes": lambda plan: any(
        sum(each.get("die", {}).get("at") == 0 for each in attempts) >= 3 for attempts in plan["attempts"].values()),
    "a close in a call": _attempt("die_in_call"),
    "a close after a result": _attempt("die_after_result"),
    "a close in the user's speech": lambda plan: any(_is_close(fault) for fault in _inputs(plan)),
    "a close in an idle session": lambda plan: any(_is_close(fault) for fault in plan["idle"].values()),
    "goAway in the user's speech": lambda plan: any("goaway" in fault for fault in _inputs(plan)),
    "goAway in an idle session": lambda plan: any("goaway" in fault for fault in plan["idle"].values()),
    "a turn without anything": _is_mute("nothing"),
    "a first turn without anything": lambda plan: _is_without_anything(plan, 1),
    "an interrupting question that stays mute": lambda plan: any(
        step["barges"] and _is_without_anything(plan, step["question"]) for step in plan["steps"]),
    "a turn of text only": _is_mute("text"),
    "an empty turn": _is_mute("empty"),
    "a near-silent answer": _is_mute("quiet"),
    "an answer that freezes": _attempt("freeze"),
    "a mute connection": lambda plan: any(each.get("sticks") for each in _attempts(plan)),
    "a late turnComplete": lambda plan: any(each.get("gap", 0) > 1 for each in _attempts(plan)),
    "a phantom interrupted": lambda plan: any("phantom" in fault for fault in _inputs(plan)),
    "a setup refused for quota": lambda plan: any(each.get("refused") == 429 for each in plan["setups"].values()),
    "a setup refused as unavailable": lambda plan: any(each.get("refused") == 503 for each in plan["setups"].values()),
    "a setup that is never answered": lambda plan: any(each.get("never") for each in plan["setups"].values()),
    "a setup that is closed": lambda plan: any("close" in each for each in plan["setups"].values()),
    "a refused handle": lambda plan: any("refuses_handle" in each for each in plan["setups"].values()),
    "no handles": lambda plan: plan["switches"]["handles"] == "never",
    "one handle, at the start": lambda plan: plan["switches"]["handles"] == "start",
    "a handle of an open turn": lambda plan: plan["switches"]["resumes_with_open_turn"],
    "a handle of an open call": lambda plan: plan["tools"] and plan["switches"]["handle_in_call"],
    "transcripts that come late": lambda plan: bool(plan["switches"].get("late_words")),
    "a user who interrupts": lambda plan: any(step["barges"] for step in plan["steps"]),
    "a client that returns": lambda plan: any("returns" in step for step in plan["steps"]),
    "a question in two activities": lambda plan: any("pieces" in step for step in plan["steps"]),
    "a shared screen": lambda plan: "screen" in plan,
    "a process that stands still": lambda plan: any("freeze" in step for step in plan["steps"]),
    "a connection that falls asleep in an answer": lambda plan: any(
        death.get("how") == "asleep" for death in _deaths(plan)),
    "a connection that falls asleep in the user's speech": lambda plan: any(
        fault.get("how") == "asleep" for fault in _inputs(plan)),
    "a connection that falls asleep in an idle session": lambda plan: any(
        fault.get("how") == "asleep" for fault in plan["idle"].values()),
    "a call in several messages": _attempt("streamed"),
    "a result that is ignored": _attempt("deaf"),
    "a call that is cancelled": _attempt("cancels"),
    "a user who interrupts a call": _step("in_call"),
    "the same, and nothing says that it was interrupted": lambda plan: _step("in_call")(plan)
    and not plan["switches"]["cancel_interrupts"],
    "a history that is brought along": lambda plan: plan.get("history", False),
    "words that ask nothing": _step("note"),
    "a token of Google's": lambda plan: plan.get("token", False),
    "a setup hidden in a token": lambda plan: plan.get("hidden", False),
    "another voice on a return": lambda plan: any(step.get("changes") == "voice" for step in plan["steps"]),
    "other tools on a return": lambda plan: any(step.get("changes") == "declares" for step in plan["steps"]),
    "another instruction on a return": lambda plan: any(step.get("changes") == "instruction" for step in plan["steps"]),
    "tools changed in mid-session": _step("declares"),
    "clientContent where it is refused": _step("as_content"),
    "an activity without sound": lambda plan: any(step["form"] == "typed" for step in plan["steps"]),
    "a minute of speech": lambda plan: any(step["seconds"] == 60 for step in plan["steps"]),
    "nearly two minutes of speech": lambda plan: any(step["seconds"] == 110 for step in plan["steps"]),
    "handles with an index": lambda plan: plan["switches"]["index"],
    "a reply interrupted before its first sound": lambda plan: plan["switches"]["late_interrupt"] and any(
        step.get("pieces") for step in plan["steps"]),
    "a slow model": lambda plan: plan["usual"]["first"] >= 5,
}
