"""Plays one plan through a proxy and asks the oracle."""

import asyncio
import contextlib
import signal

from . import clients, oracle, sound
from .answers import ASIDE
from .families import FAMILIES
from .world import World

PATIENCE = 75   # seconds a question may take, its faults included


async def play(plan: dict, service, proxy, key: str) -> list[str]:
    """What broke; nothing: an empty list."""
    world = service.add(World(key, plan["family"], plan["attempts"], plan["setups"], plan["inputs"], plan["idle"],
                              plan["switches"], plan["usual"]))
    client = clients.Client(proxy, world)
    client.ways |= plan.get("client", {})
    client.tool = clients.after(plan.get("tool_seconds", 0.15))
    if plan.get("token"):
        client.use_token()
    try:
        wrong = await converse(plan, world, client)
        await client.leave()
        if world.broken:
            return [f"adversary: {each}" for each in world.broken]
        wrong += [each for each in oracle.judged(plan, world, client) if each not in wrong]
        if (plan["seed"] % 4 == 0 or plan.get("screen")) and not client.closed:
            wrong += oracle.judged_ledger(plan, world, client, await proxy.show(client.session))
        return wrong
    finally:
        await client.leave()
        service.worlds.pop(key, None)


async def converse(plan: dict, world: World, client) -> list[str]:
    try:
        await client.begin(_setup(plan))
    except AssertionError as error:
        return [f"I6 setup: {error}"]
    if plan.get("history"):
        asked, answer = f"question q{oracle.HISTORY} please", f"a{oracle.HISTORY}w0 a{oracle.HISTORY}w1"
        await client.tell(("user", asked), ("model", answer), done=True)
    beside = [] if plan["manual"] else [asyncio.ensure_future(_open_microphone(client))]
    if plan.get("screen"):
        beside.append(asyncio.ensure_future(_share_screen(plan["screen"], client)))
    try:
        for at, step in enumerate(plan["steps"]):
            following = plan["steps"][at + 1] if at + 1 < len(plan["steps"]) else None
            if wrong := await _ask(step, following, plan, world, client):
                return wrong
        await asyncio.sleep(1.2)          # what comes unasked
        return []
    finally:
        for task in beside:
            task.cancel()


VOICE = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}
OTHERS = clients.DECLARED + [{"name": "cancel", "description": "Cancels something."}]


def _declared(plan: dict) -> list[dict]:
    """Other tools than those of the first setup."""
    behavior = {"behavior": plan["behavior"]} if plan["behavior"] else {}
    return [{"functionDeclarations": [each | behavior for each in OTHERS]}]


def _setup(plan: dict, changes: str = "") -> dict:
    if plan.get("hidden"):        # the token holds the rest
        return {"setup": {"model": FAMILIES[plan["family"]].full_name}}
    more = {"historyConfig": {"initialHistoryInClientContent": True}} if plan.get("history") else {}
    if changes == "instruction":
        more["systemInstruction"] = {"parts": [{"text": oracle.CHANGED}]}
    made = clients.setup(plan["family"], plan["manual"], plan["transcription"], plan["tools"],
                         behavior=plan["behavior"], resumption={} if plan.get("resumes") else None, **more)
    if changes == "declares":
        made["setup"]["tools"] = _declared(plan)
    if changes == "voice":
        made["setup"]["generationConfig"]["speechConfig"] = VOICE
    return made


async def _freeze(proxy, after: float, seconds: float) -> None:
    """The proxy's machine stands still; what comes meanwhile waits in its sockets."""
    await asyncio.sleep(after)
    proxy.process.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        proxy.process.send_signal(signal.SIGCONT)


async def _open_microphone(client) -> None:
    """Automatic detection: between the words there is silence, and it is sent."""
    while True:
        await asyncio.sleep(0.1)
        if not client.is_talking and not client.is_closing:
            await client.pcm(sound.silence(client.ways["rate"]))


async def _share_screen(screen: dict, client) -> None:
    """Pictures beside the talk, and a look at how much is held."""
    with contextlib.suppress(OSError):          # the proxy has ended
        while not client.closed:
            await client.show(screen["bytes"])
            client.held.append(await client.proxy.held())
            await asyncio.sleep(screen["every"])


def _returning(plan: dict, step: dict) -> dict:
    """Who returns sends no history again, and may have changed its setup."""
    return _setup(plan | {"history": False}, step.get("changes", ""))


async def _ask(step: dict, following: dict | None, plan: dict, world: World, client) -> list[str]:
    question, patience = step["question"], plan.get("patience", PATIENCE)
    if away := step.get("returns"):
        try:
            await client.come_back(_returning(plan, step), away["how"], away["away"])
        except AssertionError as error:
            return [f"I6 return before question {question}: {error}"]
    if freeze := step.get("freeze"):
        asyncio.ensure_future(_freeze(client.proxy, **freeze))
    if step.get("instruction"):
        instruction = {"parts": [{"text": step["instruction"]}]}
        await client.send({"contextUpdate": {"systemInstruction": instruction}})
    if step.get("declares"):
        await client.send({"contextUpdate": {"tools": {"tools": _declared(plan)}}})
    if step.get("note"):
        await client.tell(("user", f"note q{oracle.NOTE + question} for later"))
    client.is_talking = True
    if step["form"] == "text":
        await client.write(question, as_content=step.get("as_content"))
    elif step["form"] == "typed":
        await client.type_inside(question, step["gap"], step["picture"])
    elif not plan["manual"]:
        await client.say_aloud(question, step["seconds"], chunk_ms=step["chunk_ms"])
    elif step.get("pieces"):
        half = step["seconds"] / 2
        count = await client.say(question, half, step["speed"], chunk_ms=step["chunk_ms"])
        await asyncio.sleep(0.05)
        await client.say(question, half, step["speed"], chunk_ms=step["chunk_ms"], first=count)
    else:
        await client.say(question, step["seconds"], step["speed"], chunk_ms=step["chunk_ms"])
    client.is_talking = False
    if following and following.get("in_call"):
        called = lambda: any(question in event["questions"] for event in world.events("called"))  # noqa: E731
        await client.until(lambda: called() or client.closed, patience)
        await asyncio.sleep(0.6)
    elif following and following["barges"]:
        answer = lambda: [place for _, place in client.heard(question) if place < ASIDE]  # noqa: E731
        enough = lambda: len(answer()) >= following["barges"]  # noqa: E731
        await client.until(lambda: enough() or client.closed, patience)
    else:
        ended = lambda: len(client.turns) >= oracle.ends_until(plan, question)  # noqa: E731
        await client.until(lambda: ended() or client.closed, patience)
        if not ended() and not client.closed:
            return [f"I7 question {question} has no end after {patience} s; heard {client.heard(question)}"]
    if client.closed:
        return [f"I6 closed at question {question}: {client.closed}"]
    await asyncio.sleep(step["pause"])
    return []
