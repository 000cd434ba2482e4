"""What a session owes beside its turns: the climb and its end, tools, pieces, returns, seeds, other services."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from adversary import clients
from adversary.answers import wrong_with
from adversary.clients import setup
from adversary.messages import parsed

FAMILIES = ["2.5", "3.1", "3.8"]
CALL = [{"name": "look_up", "args": {"of": "one"}}]


def assert_answer(client, world, turn: int, question: int) -> None:
    wrong = wrong_with(client.turns[turn].chunks, question, world)
    assert not wrong, wrong


def answered_by(world):
    """The connection that spoke last."""
    return world.connections[world.events("speaks")[-1]["c"]]


# -- The climb, and its end


async def test_an_exhausted_climb_ends_the_turn_and_the_session_stays(stage):
    failing = [{"first": 0, "die": {"at": 0}} for _ in range(200)]
    world = stage.world("2.5", attempts={2: failing})
    async with stage.client(world) as client:
        await client.begin(setup("2.5"))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2)
        await client.turn_ended(2, 130)
        assert not client.turns[1].chunks
        models = 1 + len({event["model"] for event in world.events("other model")})
        assert world.tried[2] <= 31 * models, f"asked {world.tried[2]} times of {models} models"
        await client.say(3)
        await client.turn_ended(3, 30)
        assert_answer(client, world, 2, 3)
        assert client.closed is None
        await client.leave()
        shown = await stage.proxy.show(client.session)
        assert "lost" in [turn["outcome"] for turn in shown["turns"]], shown["turns"]


async def test_a_second_exhaustion_running_closes_and_says_so(stage):
    failing = [{"first": 0, "die": {"at": 0}} for _ in range(200)]
    world = stage.world("2.5", attempts={1: list(failing), 2: list(failing)})
    async with stage.client(world) as client:
        await client.begin(setup("2.5"))
        await client.say(1)
        await client.turn_ended(1, 130)
        await client.say(2)
        assert await client.until(lambda: client.closed, 130), "the session stays for ever"
        code, reason = client.closed
        assert client.session in reason and "recovery." in reason, client.closed


async def test_four_deaths_within_two_seconds_end_nothing(stage):
    world = stage.world("2.5", idle={1: {"after": 0.1}, 2: {"after": 0.1}, 3: {"after": 0.1}},
                        setups={at: {"die": {"after": 0.2}} for at in (1, 2, 3, 5, 6, 7, 9, 10, 11)})
    async with stage.client(world) as client:
        await client.begin(setup("2.5"))
        for question in (1, 2, 3):
            await client.say(question)
            await client.turn_ended(question, 30)
            await asyncio.sleep(6)
            assert client.closed is None, client.closed
        await client.say(4)
        await client.turn_ended(4, 30)
        for at in range(4):
            assert_answer(client, world, at, at + 1)


@pytest.mark.parametrize("form", ["voice", "text"])
async def test_what_closed_with_1007_is_not_sent_again_unchanged(stage, form):
    failing = [{"first": 0.05, "die": {"at": 0, "code": 1007, "reason": "Request contains an invalid argument."}}
               for _ in range(20)]
    world = stage.world("3.1", attempts={2: failing})
    async with stage.client(world) as client:
        await client.begin(setup("3.1"))
        await client.say(1)
        await client.turn_ended(1, 20)
        await (client.say(2) if form == "voice" else client.write(2))
        assert await client.until(lambda: client.closed or len(client.turns) > 1, 60), "nobody is told"
        await asyncio.sleep(3)
        assert world.tried[2] <= (2 if form == "voice" else 1), f"sent {world.tried[2]} times"


@pytest.mark.parametrize("family", ["2.5", "3.8"])
async def test_content_that_closed_with_1007_is_not_sent_again_unchanged(stage, family):
    failing = [{"first": 0.05, "die": {"at": 0, "code": 1007, "reason": "Request contains an invalid argument."}}
               for _ in range(20)]
    world = stage.world(family, attempts={2: failing})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.write(2, as_content=True)
        assert await client.until(lambda: client.closed or len(client.turns) > 1, 60), "nobody is told"
        await asyncio.sleep(3)
        contents = [payload for _, payload in world.got if "q2" in json.dumps(parsed(payload).get("clientContent", ""))]
        assert len(contents) == len(set(contents)), f"sent {len(contents)} times: {contents[0]}"
        assert world.tried[2] <= 1, f"asked {world.tried[2]} times"


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_result_that_closed_with_1007_is_not_sent_again_unchanged(stage, family):
    invalid = {"code": 1007, "reason": "Request contains an invalid argument.", "after": 0.05}
    failing = [{"calls": CALL, "die_after_result": invalid} for _ in range(20)]
    world = stage.world(family, attempts={2: failing}, switches={"handle_in_call": True, "reissues": False})
    async with stage.client(world) as client:
        client.tool = clients.answering
        await client.begin(setup(family, tools=True))
        await client.say(1)
        await client.turn_ended(1, 20)
        before = len(client.turns)
        await client.say(2)
        enough = before + (2 if world.family.ends_at_call else 1)
        assert await client.until(lambda: client.closed or len(client.turns) >= enough, 60), "nobody is told"
        await asyncio.sleep(3)
        results = [json.dumps(event["raw"], sort_keys=True) for event in world.events("result")]
        assert len(results) == len(set(results)), f"sent {len(results)} times: {results[0]}"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("handles", ["turn", "never"])
async def test_a_setup_that_closed_with_1007_is_not_sent_again_unchanged(stage, family, handles):
    invalid = {"close": [1007, "Request contains an invalid argument."]}
    world = stage.world(family, idle={1: {"after": 0.3}}, setups={at: invalid for at in range(1, 40)},
                        switches={"handles": handles})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 20)
        assert await client.until(lambda: client.closed, 60), "nobody is told"
        refused = [json.dumps(event["setup"], sort_keys=True) for event in world.events("setup") if event["c"]]
        models = {json.loads(each)["model"] for each in refused}
        assert len(refused) == len(set(refused)), f"{len(refused)} setups, {len(set(refused))} different, of {models}"


# -- Mute turns


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("kind", ["text", "empty", "quiet"])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_a_mute_turn_is_asked_until_it_is_answered(stage, family, kind, times):
    mute = {"kind": kind, "chunks": 30, "every": 0.01, "peak": 40}
    world = stage.world(family, attempts={2: [mute] * times})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        for question in (1, 2, 3):
            await client.say(question)
            await client.turn_ended(question, 60)
        for at in range(3):
            assert_answer(client, world, at, at + 1)
        assert client.closed is None


@pytest.mark.parametrize("tail", [0, 2])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_result_that_is_ignored_is_noticed(stage, family, tail):
    world = stage.world(family, attempts={1: [{"calls": CALL, "before_call": 2, "tail": tail, "deaf": True}]})
    async with stage.client(world) as client:
        client.tool = clients.answering
        await client.begin(setup(family, tools=True))
        await client.say(1)
        assert await client.until(lambda: client.is_answered(1), 40), "silence for ever"
        assert len([call for turn in [*client.turns, client.turn] for call in turn.calls]) == 1


# -- Tools


@pytest.mark.parametrize("interrupts", [True, False])
@pytest.mark.parametrize("family", ["3.1", "3.8"])
async def test_a_barge_in_during_a_call(stage, family, interrupts):
    world = stage.world(family, attempts={2: [{"calls": CALL}]}, switches={"cancel_interrupts": interrupts})
    async with stage.client(world) as client:
        await client.begin(setup(family, tools=True, behavior="BLOCKING"))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2)
        assert await client.until(lambda: client.turn.calls, 10)
        await asyncio.sleep(0.5)
        await client.say(3)
        ends = 3 if interrupts else 2
        await client.turn_ended(ends, 20)
        await asyncio.sleep(2)
        assert len(client.turns) == ends, f"{len(client.turns)} ends"
        assert client.cancelled == [world.events("called")[0]["calls"][0]["id"]]
        assert_answer(client, world, ends - 1, 3)
        assert len(world.events("begins")) == 3, "somebody asked again"
        await client.say(4)
        await client.turn_ended(ends + 1, 20)
        assert_answer(client, world, ends, 4)


@pytest.mark.parametrize("dies", [False, True])
async def test_a_call_in_several_messages_is_one_call(stage, dies):
    first = {"calls": CALL, "streamed": True} | ({"die_after_result": {"after": 0.0}} if dies else {})
    world = stage.world("3.1", attempts={1: [first, {"calls": CALL, "streamed": True}]})
    async with stage.client(world) as client:
        client.tool = clients.answering
        await client.begin(setup("3.1", tools=True))
        await client.say(1)
        await client.turn_ended(1, 40)
        assert_answer(client, world, 0, 1)
        made = client.turns[0].calls
        assert [bool(call.get("willContinue")) for call in made] == [True, False], made
        assert made[0].get("partialArgs"), made


# -- A question in pieces


@pytest.mark.parametrize("at", [0, 3])
@pytest.mark.parametrize("gap", [0.1, 1.8])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_a_question_in_two_activities_is_said_again_whole(stage, family, gap, at):
    """gap 0.1: the client's detector splits it; 1.8: the network stutters inside one activity."""
    world = stage.world(family, usual={"first": 3.5}, attempts={2: [{}, {"first": 0.3, "die": {"at": at}}, {
        "first": 0.3}]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 30)
        await client.start()
        count = await client.speak(2, 1.5, 2)
        if gap < 1:
            await client.end()
        await asyncio.sleep(gap)
        if gap < 1:
            await client.start()
        await client.speak(2, 1.5, 2, first=count)
        await client.end()
        await client.turn_ended(2, 40)
        replies = [event for event in world.events("begins") if 2 in event["questions"]]
        missing = set(range(30)) - replies[-1]["known"][2]
        assert not missing, f"answered without {sorted(missing)}"
        assert_answer(client, world, 1, 2)


# -- Seeds, returns, changes


@pytest.mark.parametrize("latency", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("reply", [{"chunks": 80, "every": 0.09}, {"first": 3.6, "chunks": 20}])
async def test_the_reply_to_a_history_that_was_told_is_heard_by_nobody(stage, reply, latency):
    """A fresh session of 2.5 answers what it is told; that may take its time, and cross with the question."""
    world = stage.world("2.5", attempts={0: [reply], 2: [{"die": {"at": 0}}]},
                        switches={"handles": "never", "latency": latency})
    async with stage.client(world) as client:
        await client.begin(setup("2.5"))
        for question in (1, 2, 3):
            await client.say(question)
            await client.turn_ended(question, 40)
        for turn in range(3):
            assert_answer(client, world, turn, turn + 1)
        assert len(client.turns) == 3


@pytest.mark.parametrize("how", ["history", "hold"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_seed_asks_nothing(stage, family, how):
    if (family, how) == ("3.1", "hold"):
        pytest.skip("closes there")
    more = {"historyConfig": {"initialHistoryInClientContent": True}} if how == "history" else {}
    world = stage.world(family)
    async with stage.client(world) as client:
        await client.begin(setup(family, **more))
        turns = [{"role": "user", "parts": [{"text": "my name is Ada"}]},
                 {"role": "model", "parts": [{"text": "hello Ada"}]}]
        await client.send({"clientContent": {"turns": turns, "turnComplete": how == "history"}})
        await asyncio.sleep(14)
        assert not world.events("nudged") and len(world.connections) == 1
        assert not client.turns and client.closed is None
        await client.say(1)
        await client.turn_ended(1, 20)
        assert_answer(client, world, 0, 1)


@pytest.mark.parametrize("how", ["closes", "drops"])
@pytest.mark.parametrize("changes", ["instruction", "tools", "voice", "detection", "nothing"])
@pytest.mark.parametrize("family", FAMILIES)
async def test_a_client_that_returns_with_another_setup_resumes(stage, family, changes, how):
    world = stage.world(family)
    async with stage.client(world) as client:
        await client.begin(setup(family, resumption={}))
        await client.say(1)
        await client.turn_ended(1, 20)
        assert await client.until(lambda: client.handles, 5)
        handle = client.handles[-1]
        await (client.leave() if how == "closes" else client.drop())
    await asyncio.sleep(0.5)
    message = setup(family, manual=changes != "detection", tools=changes == "tools", resumption={"handle": handle})
    if changes == "instruction":
        message["setup"]["systemInstruction"] = {"parts": [{"text": "speak like a pirate"}]}
    if changes == "voice":
        message["setup"]["generationConfig"]["speechConfig"] = {
            "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}
    async with stage.client(world) as client:
        await client.begin(message)
        await (client.say_aloud(2) if changes == "detection" else client.say(2))
        if changes == "detection":
            asyncio.ensure_future(client.quiet(5))
        await client.turn_ended(1, 20)
        assert_answer(client, world, 0, 2)
        last = answered_by(world)
        assert last.memory.knows(1), "it forgot the first conversation"
        if changes == "instruction":
            assert last.memory.instruction == "speak like a pirate"
        if changes == "tools":
            assert last.behaviors, "the new tools are unknown"
        if changes == "voice":
            assert world.events("setup")[-1]["setup"]["generationConfig"].get("speechConfig")
        if changes == "detection":
            assert not last.is_manual


@pytest.mark.parametrize("what", ["instruction", "tools", "none", "both", "one after the other"])
@pytest.mark.parametrize("handles", ["turn", "start", "never"])
async def test_what_a_context_update_changed_holds_on_the_next_connection(stage, handles, what):
    world = stage.world("3.8", idle={2: {"after": 0.3}, 3: {"after": 0.3}}, switches={"handles": handles})
    verbose = {"systemInstruction": {"parts": [{"text": "be verbose"}]}}
    book = {"tools": {"tools": [{"functionDeclarations": [clients.DECLARED[1]]}]}}
    updates = [{"contextUpdate": each} for each in {
        "instruction": [verbose], "tools": [book], "none": [{"tools": {"tools": []}}], "both": [verbose | book],
        "one after the other": [verbose, book]}[what]]
    async with stage.client(world) as client:
        await client.begin(setup("3.8", tools=True, systemInstruction={"parts": [{"text": "be brief"}]}))
        await client.say(1)
        await client.turn_ended(1, 20)
        for update in updates:
            await client.send(update)
            await asyncio.sleep(0.2)
        for question in (2, 3):         # each answered by a connection of its own
            await client.say(question)
            await client.turn_ended(question, 20)
            assert await world.until(lambda: len(world.events("ready")) == question, 20)  # noqa: B023
        await client.say(4)
        await client.turn_ended(4, 20)
        for event in [each for each in world.events("begins") if each["c"]]:
            assert event["instruction"] == ("be brief" if what in ("tools", "none") else "be verbose"), event
            wanted = {"instruction": ["look_up", "book"], "none": []}.get(what, ["book"])
            assert event["tools"] == wanted, event
        for turn in range(4):
            assert_answer(client, world, turn, turn + 1)


@pytest.mark.parametrize("how", [{}, {"how": "reset"}, {"goaway": 1.5}])
@pytest.mark.parametrize("form", ["voice", "text"])
async def test_transparent_indices_count_the_messages_of_the_client(stage, form, how):
    world = stage.world("2.5-vertex", switches={"index": True}, idle={at: {"after": 0.3} | how for at in (1, 2)},
                        attempts={2: [{"die": {"at": 2}}]})

    def told(client) -> list[int]:
        updates = [message.get("sessionResumptionUpdate") or {} for _, message, *_ in client.received]
        return [int(each["lastConsumedClientMessageIndex"]) for each in updates
                if "lastConsumedClientMessageIndex" in each]

    async with stage.client(world) as client:
        await client.begin(setup("2.5-vertex", resumption={"transparent": True}))
        for question in (1, 2, 3):
            await (client.say(question) if form == "voice" else client.write(question))
            await client.turn_ended(question, 30)
            await asyncio.sleep(0.2)
            sent = len(client.sent) - 1                 # whether a setup counts is unknown, and what it counts from
            index = told(client)[-1]
            assert sent - 1 <= index <= sent + 1, f"question {question}: {index} of {sent} messages"
            await asyncio.sleep(4)
        indices = told(client)
        assert indices == sorted(indices), indices
        assert len(world.events("ready")) > 2, "nothing was lost"


# -- Tokens and other services


@pytest.mark.parametrize("at", [None, 0, 3])
async def test_a_setup_hidden_in_a_token_may_be_manual(stage, at):
    world = stage.world("3.1", switches={"locks_manual": True},
                        attempts={} if at is None else {2: [{"die": {"at": at}}]})
    async with stage.client(world) as client:
        client.use_token()
        await client.begin({"setup": {"model": f"models/{world.family.model}"}})
        for question in (1, 2, 3):
            await client.say(question, speed=1)
            await client.turn_ended(question, 30)
            await asyncio.sleep(1.6)
        assert not world.crimes, world.crimes
        for turn in range(3):
            assert_answer(client, world, turn, turn + 1)


async def test_with_a_token_a_handle_is_not_given_up_for_a_fresh_session(stage):
    world = stage.world("3.1", idle={1: {"after": 0.3}}, setups={1: {"close": [1011, "Internal error encountered."]}})
    async with stage.client(world) as client:
        client.use_token()
        await client.begin(setup("3.1"))
        await client.say(1)
        await client.turn_ended(1, 20)
        await asyncio.sleep(3)
        await client.say(2)
        await client.turn_ended(2, 30)
        fresh = [event for event in world.events("setup")[1:]
                 if not (event["setup"].get("sessionResumption") or {}).get("handle")]
        assert not fresh, "a fresh session needs a use of the token that is gone"


async def test_a_refused_credential_is_told_and_not_tried_again(stage):
    refused = [1007, "API key expired. Please renew the API key."]
    world = stage.world("3.1", idle={1: {"after": 0.3}}, setups={at: {"close": refused} for at in range(1, 40)})
    async with stage.client(world) as client:
        await client.begin(setup("3.1"))
        await client.say(1)
        await client.turn_ended(1, 20)
        assert await client.until(lambda: client.closed, 20), "nobody is told"
        assert "API key expired" in client.closed[1], client.closed
        assert len(world.connections) <= 2, f"tried {len(world.connections) - 1} times"


async def test_another_live_service_passes_untouched(stage):
    world = stage.world("3.1")
    path = "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateMusic"
    async with connect(f"ws://127.0.0.1:{stage.proxy.port}{path}?key={world.key}", proxy=None) as socket:
        for payload in ('{"setup": {"model": "models/lyria-realtime-exp"}}', '{"client_content": 1}', b"\x00\x01"):
            await socket.send(payload)
            assert await asyncio.wait_for(socket.recv(), 5) == payload
