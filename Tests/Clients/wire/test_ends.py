"""A connection that ends in one way or another, at one moment or another: each question has its answer."""

import asyncio
import itertools

import pytest
from numbered_gemini import ENDS, MODELS, Asker, NumberedGemini, Script, setup
from turnkeeper import Proxy

MOMENTS = ["before", "start", "middle", "end", "sound", "generated", "idle"]
SPELLINGS = list(zip(MODELS, ["camel", "snake", "camel"]))
# What a remedy may take on a busy machine.
LONG = 60
AT_ONCE = 12


async def gathered(start, play, cases):
    """Plays every case at the same time through one proxy; what went wrong in which."""
    async with NumberedGemini() as gemini:
        proxy = start(Proxy, gemini.url)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number, case):
            async with gate:
                return case, await play(proxy, gemini, f"key{number}", *case)

        told = await asyncio.gather(*(one(*each) for each in enumerate(cases)))
    return [(case, wrong) for case, wrong in told if wrong]


async def converse(proxy, gemini, key, family, form, how, moment, spelling):
    script = Script()
    script.trouble[(1, "idle") if moment == "before" else (2, moment)] = ENDS[how]
    async with Asker(proxy, gemini, key, script, spelling) as client:
        await client.begin(setup(family, form == "voice"))
        for question in (1, 2, 3):
            await client.speak(question, form)
            if not await client.until(lambda: len(client.turns) >= question, LONG):
                return f"{question} never ended: {client.closed}, asked {script.asked}"
            await asyncio.sleep(0.5)
        turns = [client.questions(turn) for turn in client.turns]
        heard = [
            any(set(range(8)) <= set(each.places.get(question, [])) for each in script.connections)
            for question in (1, 2, 3)
        ]
    return [
        wrong
        for wrong, is_wrong in {
            f"turns {turns}": turns != [[1], [2], [3]],
            f"closed {client.closed}": client.closed,
            f"heard whole: {heard}": form in ("voice", "aloud") and not all(heard),
            "nothing happened": script.trouble,
        }.items()
        if is_wrong
    ]


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("family, spelling", SPELLINGS)
async def test_each_question_has_its_answer(start, family, spelling, how):
    cases = [
        (family, form, how, moment, spelling)
        for form, moment in itertools.product(["voice", "aloud", "text", "content"], MOMENTS)
        if form in ("voice", "aloud") or moment not in ("start", "middle")
    ]
    assert await gathered(start, converse, cases) == []


# In which messages the results of two calls are sent.
SPLITS = {"together": [[0, 1]], "in two": [[0], [1]], "the other first": [[1], [0]]}


async def use_tools(proxy, gemini, key, family, form, how, split, pause, spelling):
    calls = [{"id": f"c{of}", "name": "look", "args": {"of": of}} for of in (0, 1)]
    script = Script(calls={2: calls}, trouble={(2, "call"): ENDS[how]})
    async with Asker(proxy, gemini, key, script, spelling) as client:
        tools = [{"functionDeclarations": [{"name": "look"}]}]
        await client.begin(setup(family, form == "voice", tools=tools))

        def has_answer(question):
            return any(client.questions(turn) == [question] for turn in client.turns)

        for question in (1, 2, 3):
            await client.speak(question, form)
            if question == 2:
                if not await client.until(lambda: len(client.calls) >= 2, LONG):
                    return "no calls"
                made = list(client.calls)
                await asyncio.sleep(pause)
                for group in SPLITS[split]:
                    results = [
                        {"id": made[n]["id"], "name": "look", "response": {"result": f"r{n}"}}
                        for n in group
                    ]
                    await client.send({"toolResponse": {"functionResponses": results}})
                    await asyncio.sleep(0.3)
            if not await client.until(lambda: has_answer(question), LONG):
                return f"{question} never answered: {client.closed}, asked {script.asked}"
            await asyncio.sleep(0.5)
        turns = [client.questions(turn) for turn in client.turns]
        told = [str([m for m in each.sent if "setup" not in m]) for each in script.connections]
    return [
        wrong
        for wrong, is_wrong in {
            f"turns {turns}": [turn for turn in turns if turn] != [[1], [2], [3]],
            f"calls {client.calls}": len(client.calls) != 2,
            f"closed {client.closed}": client.closed,
            f"told {told}": not any("r0" in each and "r1" in each for each in told),
            f"told twice {told}": any(each.count(r) > 1 for each in told for r in ("'r0'", "'r1'")),
        }.items()
        if is_wrong
    ]


@pytest.mark.parametrize("family, spelling", SPELLINGS)
async def test_results_around_an_end_are_told_once(start, family, spelling):
    cases = [
        (family, *case, spelling)
        for case in itertools.product(["voice", "aloud", "text"], ENDS, SPLITS, [1.5])
    ]
    assert await gathered(start, use_tools, cases) == []
