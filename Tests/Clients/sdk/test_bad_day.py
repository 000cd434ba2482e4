"""Bad days, and long ones: whatever goes on behind the proxy, the client hears what it would have
heard from a healthy service, word for word.

Every question is answered once, in order, by a model that remembers all that was said; no client is
closed, or told of anything. Played with google-genai, and with a WebSocket and JSON by hand; spoken,
with the ends of the turns found by the client and by the service.
"""

import asyncio
import functools

import pytest
from talkers import MANUAL, connect_genai, connect_raw
from turnkeeper import Proxy, Simulator

HEALTHY = "name: good-day\nplayback: 0.3\nstamps: true\n"
# The worst that was reported: 85 of 100 first attempts end in 1011 before any output.
STORM = "faults: [{ internal-error: { probability: 0.85, attempts: 1, delay: 300ms } }]\n"
# As every connection does after nine minutes, but sooner.
GO_AWAY = "connection_limit: { after: 2s, time_left: 10s }\n"

# Each begins with other sounds: that is how the simulator tells utterances apart.
CITIES = """
    Amsterdam Berlin Cairo Dublin Edinburgh Florence Geneva Helsinki Istanbul Jakarta Kyoto
    London Madrid Nairobi Oslo Prague Quito Riga Stockholm Tokyo Utrecht Vienna Warsaw Xanten
    Yerevan Zagreb Athens Brussels Copenhagen Damascus Essen Fez Glasgow Hamburg Innsbruck Jena
    Krakow Lisbon Munich Naples Orleans Paris Quebec Rome Sofia Turin Uppsala Venice
""".split()
NATIVE_25 = "gemini-2.5-flash-native-audio-latest"
FLASH_31 = "gemini-3.1-flash-live-preview"
# What four users say at the same time, each to a model and a kind of detection of its own.
USERS = [
    (NATIVE_25, True, CITIES[0::4]),
    (NATIVE_25, False, CITIES[1::4]),
    (FLASH_31, True, CITIES[2::4]),
    (FLASH_31, False, CITIES[3::4]),
]


# Nobody answers faster, and connections that gemini wants to end are left in it.
BREATH_SECONDS = 0.3


def question(city):
    return f"{city}, how far is it?"


async def talk(connect, is_manual, cities):
    """One user's conversation; each question follows the last answer, after a breath."""
    async with connect() as talker:
        for city in cities:
            say = talker.say if is_manual else functools.partial(talker.say_and_pause, pace=4)
            mark = await say(question(city))
            assert await talker.hears_answer(mark), (city, talker.error, talker.turns())
            await asyncio.sleep(BREATH_SECONDS)
        # What comes twice comes late.
        await asyncio.sleep(1)
        assert talker.error is None
        assert not any(message.go_away or message.setup_complete for message in talker.messages[1:])
        return talker.turns()


def genai_client(proxy, model, is_manual):
    return connect_genai(model, **({"realtime_input_config": MANUAL} if is_manual else {}))


def raw_client(proxy, model, is_manual):
    return connect_raw(proxy.ws, model, is_manual)


@pytest.fixture
def compare(start, lead, time_recoveries, tmp_path):
    """Has users talk to a sick service through the proxy, and others say the same to a healthy one
    without it. Returns the proxy and the sick service."""

    async def compare(client, users, sickness, policy=""):
        (tmp_path / "good.yaml").write_text(HEALTHY)
        (tmp_path / "bad.yaml").write_text(HEALTHY + sickness)
        healthy = start(Simulator, "--scenario", tmp_path / "good.yaml")
        sick = start(Simulator, "--scenario", tmp_path / "bad.yaml", "--seed", 2)
        proxy = start(Proxy, sick.url, policy)
        time_recoveries(proxy)
        lead(proxy.https, proxy.ca)
        told = [
            talk(functools.partial(client, proxy, model, is_manual), is_manual, cities)
            for model, is_manual, cities in users
        ]
        usual = [
            talk(functools.partial(connect_raw, healthy.url, model, is_manual), is_manual, cities)
            for model, is_manual, cities in users
        ]
        told, usual = await asyncio.gather(asyncio.gather(*told), asyncio.gather(*usual))
        for turns, healthy_turns, (_, _, cities) in zip(told, usual, users):
            # Each answer ends with the name the simulator gave to the sound of its question.
            stamps = {turn.model.split()[-1] for turn in healthy_turns}
            assert len(stamps) == len(healthy_turns) == len(cities)
            assert turns == healthy_turns
            assert all(turn.audio > 0 and not turn.interrupted for turn in turns)
        assert_nothing_was_forgotten(sick, users)
        assert sick.record()["violations"] == []
        turns = sum(len(cities) for _, _, cities in users)
        assert proxy.count("turns_total", outcome="answered") == turns == proxy.count("turns_total")
        return proxy, sick

    return compare


@pytest.mark.parametrize("client", [genai_client, raw_client])
async def test_eighty_five_of_a_hundred_first_attempts_die(compare, client):
    turns, most = len(CITIES), max(len(cities) for _, _, cities in USERS)
    # One reconnect for each turn, and not one more.
    budget = f"recovery: {{ per_session: {most}, per_10_minutes: {most} }}"
    proxy, _ = await compare(client, USERS, STORM, budget)
    closes = proxy.count("gemini_closes_total", code=1011)
    assert closes > 0.6 * turns, "the day was not bad enough"
    assert proxy.count("reconnects_total") == closes <= turns


@pytest.mark.parametrize("client", [genai_client, raw_client])
async def test_talking_on_through_many_go_aways(compare, client):
    """An hour and more, as the connections count it. Reconnects that gemini asks for cost nothing
    of the budget, which is the default here."""
    users = [(FLASH_31, True, CITIES[0::3]), (NATIVE_25, False, CITIES[1::3])]
    _, sick = await compare(client, users, GO_AWAY)
    conversations = sick.record()["conversations"]
    assert len(conversations) == len(users)
    for conversation in conversations:
        assert conversation["connections"] > 8, conversation["connections"]


def assert_nothing_was_forgotten(simulator, users):
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
    wanted = sorted(len(cities) for _, _, cities in users)
    assert sorted(length for length in lengths if length > 0) == wanted, lengths
