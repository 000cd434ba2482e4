"""A conversation in words goes on behind a lost connection: nothing of it is forgotten, cut in two, or said twice."""

import json

import pytest
from relay import relay, soon
from watching import get, until

IDS = {
    "2.5": "models/gemini-2.5-flash-native-audio-preview-12-2025",
    "3.1": "models/gemini-3.1-flash-live-preview",
    "3.8": "models/gemini-3.8-live",
}
DONE = [{"generationComplete": True}, {"turnComplete": True}]
OK = [{"modelTurn": {"parts": [{"text": "ok"}]}}, *DONE]


def setup(family, modality="TEXT", **more):
    return {"setup": {"model": IDS[family], "generationConfig": {"responseModalities": [modality]}, **more}}


def content(*texts, asks=True):
    turns = [{"role": "user", "parts": [{"text": text}]} for text in texts]
    return json.dumps({"clientContent": ({"turns": turns} if turns else {}) | {"turnComplete": asks}})


def question(family, text):
    return json.dumps({"realtimeInput": {"text": text}}) if family != "2.5" else content(text)


def spoken(text):
    sound = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "ADAAMAAw" * 400}}
    return {"modelTurn": {"parts": [sound]}, "outputTranscription": {"text": text}}


def written(*texts, **part):
    return {"modelTurn": {"parts": [{"text": text, **part} for text in texts]}}


async def turns_of(proxy):
    """Those of the only session, as the ledger has them."""

    def ended():
        sessions = json.loads(get(f"{pages}/api/sessions"))
        found.extend(each for each in sessions if each["ended"])
        return found

    found, pages = [], f"http://127.0.0.1:{proxy.port('admin on')}"
    await until(ended)
    return json.loads(get(f"{pages}/api/sessions/{found[0]['id']}"))["turns"]


async def say(connection, *contents):
    for each in contents:
        await connection.send(json.dumps({"serverContent": each}).encode())


async def until_complete(client):
    """What the client is shown of a turn: its text, and how many ends."""
    text, ends = "", 0
    while True:
        shown = json.loads(await soon(client.recv())).get("serverContent", {})
        text += "".join(part.get("text", "") for part in shown.get("modelTurn", {}).get("parts", []))
        if shown.get("turnComplete"):
            return text, ends + 1


async def heard(connection, count=1):
    return [json.loads(await soon(connection.recv())) for _ in range(count)]


@pytest.mark.parametrize("family", IDS)
async def test_answers_in_text_are_told_to_a_fresh_session(start, family):
    async with relay(start) as both:
        client, connection = await both.session(setup(family))
        await client.send(question(family, "Which city?"))
        await heard(connection)
        await say(connection, written("Think.", thought=True), written("Par", "is, "), written("of course."), *DONE)
        assert await until_complete(client) == ("Think.Paris, of course.", 1)
        await connection.close(1011, "Internal error encountered.")
        second = await both.gemini.accepted()
        (told,) = await heard(second)
        turns = [
            (turn["role"], [part["text"] for part in turn["parts"]]) for turn in told["clientContent"]["turns"]
        ]
        assert turns[:2] == [("user", ["Which city?"]), ("model", ["Paris, of course."])]
        if family == "2.5":
            # Asked while the story is told.
            await client.send(question(family, "And why?"))
            await say(second, *OK)
        else:
            await client.send(question(family, "And why?"))
        assert "And why?" in json.dumps(await heard(second))
        await say(second, written("Because."), *DONE)
        assert await until_complete(client) == ("Because.", 1)
        await client.close()
        turns = await turns_of(both.proxy)
        assert [turn["transcript"] for turn in turns] == [
            {"user": "Which city?", "model": "Paris, of course."},
            {"user": "And why?", "model": "Because."},
        ]


async def test_half_a_question_goes_with_its_other_half(start):
    """On a connection resumed with the handle, which knows everything else."""
    async with relay(start) as both:
        client, connection = await both.session(setup("2.5", sessionResumption={}))
        await client.send(content("Which city?"))
        await heard(connection)
        await say(connection, written("Paris."), *DONE)
        await until_complete(client)
        update = {"sessionResumptionUpdate": {"newHandle": "google-1", "resumable": True}}
        await connection.send(json.dumps(update).encode())
        await soon(client.recv())
        await client.send(content("And which river?", asks=False))
        await heard(connection)
        await connection.close(1011, "Internal error encountered.")
        second = await both.gemini.accepted()
        assert json.loads(both.gemini.setups[1])["setup"]["sessionResumption"]["handle"] == "google-1"
        await client.send(content())
        assert [json.dumps(message) for message in await heard(second, 2)] == [
            content("And which river?", asks=False),
            content(),
        ]
        await say(second, written("The Seine."), *DONE)
        assert await until_complete(client) == ("The Seine.", 1)
        await client.close()
        turns = await turns_of(both.proxy)
        assert turns[1]["transcript"] == {"user": "And which river?", "model": "The Seine."}


@pytest.mark.parametrize("family", ["3.1", "3.8"])
async def test_a_reply_that_lacks_only_its_end_is_answered_once(start, family):
    """Asked to go on, the model has nothing to add: it is not asked a second time."""
    more = {"sessionResumption": {}, "outputAudioTranscription": {}}
    async with relay(start) as both:
        client, connection = await both.session(setup(family, "AUDIO", **more))
        await client.send(question(family, "Count."))
        await heard(connection)
        await say(connection, spoken("one two three"))
        await soon(client.recv())
        await connection.close(1011, "Internal error encountered.")
        second = await both.gemini.accepted()
        assert "one two three" in json.dumps(await heard(second))
        await say(second, *DONE)
        assert await until_complete(client) == ("", 1)
        await client.send(question(family, "Go on, please."))
        assert "Go on, please." in json.dumps(await heard(second))
        await client.close()
        (turn, _) = await turns_of(both.proxy)
        assert (turn["outcome"], turn["transcript"]["model"]) == ("answered", "one two three")
        assert "nudge" not in turn["remedies"]
