"""The worst day that was reported: 85 of 100 first attempts end in 1011 before any output.

Every question is answered once, in order, and no client is closed, or told of anything: it hears
what it would have heard from a healthy service, word for word. Played with google-genai, and with
a WebSocket and JSON by hand; spoken, with the ends of the turns found by the client and by the
service.
"""

import asyncio
import functools

import pytest
from talkers import MANUAL, connect_genai, connect_raw
from turnkeeper import Proxy, Simulator

HEALTHY = "name: good-day\nplayback: 0.3\nstamps: true\n"
FAULT = "faults: [{ internal-error: { probability: 0.85, attempts: 1, delay: 300ms } }]\n"

# Each begins with other sounds: that is how the simulator tells utterances apart.
CITIES = """
    Amsterdam Berlin Cairo Dublin Edinburgh Florence Geneva Helsinki Istanbul Jakarta Kyoto
    London Madrid Nairobi Oslo Prague Quito Riga Stockholm Tokyo Utrecht Vienna Warsaw Xanten
    Yerevan Zagreb Athens Brussels Copenhagen Damascus Essen Fez Glasgow Hamburg Innsbruck Jena
    Krakow Lisbon Munich Naples Orleans Paris Quebec Rome Sofia Turin Uppsala Venice
""".split()
# What four users say at the same time, each to a model and a kind of detection of its own.
USERS = [
    ("gemini-2.5-flash-native-audio-latest", True, CITIES[0::4]),
    ("gemini-2.5-flash-native-audio-latest", False, CITIES[1::4]),
    ("gemini-3.1-flash-live-preview", True, CITIES[2::4]),
    ("gemini-3.1-flash-live-preview", False, CITIES[3::4]),
]
TURNS = len(CITIES)
# One reconnect for each turn, and not one more.
BUDGET = len(CITIES[0::4])


def question(city):
    return f"{city}, how far is it?"


async def talk(connect, is_manual, cities):
    """One user's conversation; each question is asked when the last one has been answered."""
    async with connect() as talker:
        for city in cities:
            say = talker.say if is_manual else functools.partial(talker.say_and_pause, pace=2)
            mark = await say(question(city))
            assert await talker.hears_answer(mark), (city, talker.error, talker.turns())
        # What comes twice comes late.
        await asyncio.sleep(1)
        assert talker.error is None
        assert not any(message.go_away or message.setup_complete for message in talker.messages[1:])
        return talker.turns()


def genai_client(proxy, model, is_manual):
    return connect_genai(model, **({"realtime_input_config": MANUAL} if is_manual else {}))


def raw_client(proxy, model, is_manual):
    return connect_raw(proxy.ws, model, is_manual)


@pytest.mark.parametrize("client", [genai_client, raw_client])
async def test_eighty_five_of_a_hundred_first_attempts_die(
    start, lead, time_recoveries, tmp_path, client
):
    (tmp_path / "good.yaml").write_text(HEALTHY)
    (tmp_path / "bad.yaml").write_text(HEALTHY + FAULT)
    healthy = start(Simulator, "--scenario", tmp_path / "good.yaml")
    sick = start(Simulator, "--scenario", tmp_path / "bad.yaml", "--seed", 2)
    budget = f"recovery: {{ per_session: {BUDGET}, per_10_minutes: {BUDGET} }}"
    proxy = start(Proxy, sick.url, budget)
    time_recoveries(proxy)
    lead(proxy.https, proxy.ca)

    told = [
        talk(functools.partial(client, proxy, model, is_manual), is_manual, cities)
        for model, is_manual, cities in USERS
    ]
    usual = [
        talk(functools.partial(connect_raw, healthy.url, model, is_manual), is_manual, cities)
        for model, is_manual, cities in USERS
    ]
    told, usual = await asyncio.gather(asyncio.gather(*told), asyncio.gather(*usual))

    for turns, healthy_turns, (_, _, cities) in zip(told, usual, USERS):
        # Each answer ends with the name the simulator gave to the sound of its question.
        stamps = {turn.model.split()[-1] for turn in healthy_turns}
        assert len(stamps) == len(healthy_turns) == len(cities)
        assert turns == healthy_turns
        assert all(turn.audio > 0 and not turn.interrupted for turn in turns)
    assert_nothing_was_forgotten(sick)
    assert sick.record()["violations"] == []
    assert_spent(proxy)


def assert_nothing_was_forgotten(simulator):
    """Each user is answered by one model that remembers every turn before this one."""
    lengths = []
    for conversation in simulator.record()["conversations"]:
        stamps = {turn["number"]: turn["stamp"] for turn in conversation["turns"]}
        answered = []
        for turn in conversation["turns"]:
            if turn["answers"] == 0:
                continue
            assert turn["answers"] == 1, turn
            answered.append(turn["stamp"])
            assert [stamps[number] for number in turn["context"]] == answered, turn
        lengths.append(len(answered))
    # A conversation whose very first turn dies has no handle yet, and nothing to forget.
    assert [length for length in lengths if length > 0] == [BUDGET] * len(USERS), lengths


def assert_spent(proxy):
    """As many reconnects as connections died, for as many turns as were asked."""
    closes = proxy.count("gemini_closes_total", code=1011)
    assert closes > 0.6 * TURNS, "the day was not bad enough"
    assert proxy.count("reconnects_total") == closes <= TURNS
    assert proxy.count("turns_total", outcome="answered") == TURNS == proxy.count("turns_total")
