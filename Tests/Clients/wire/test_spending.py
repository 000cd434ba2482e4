"""What it cost, asked for as operators ask; what of a budget is spent; and words that may not be kept."""

import asyncio
import datetime
import itertools
import json
import re
import subprocess
import urllib.parse
import urllib.request

import pytest
from relay import soon
from tenants import Session, tenants
from turnkeeper import PROGRAM, Seeder
from watching import until

ACME, NEIGHBOUR = "acme-client-key-0123456789", "neighbour-client-key-0123456789"
DIMENSIONS = ["tenant", "model", "session", "day", "month", "end-user"]


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", ACME)
    monkeypatch.setenv("NEIGHBOUR_KEY", NEIGHBOUR)


def policies(acme="", neighbour=""):
    return {
        "acme.yaml": f"match: {{ keys: [env:ACME_KEY] }}\nupstream: {{ url: UPSTREAM }}\n{acme}",
        "neighbour.yaml": f"match: {{ keys: [env:NEIGHBOUR_KEY] }}\nupstream: {{ url: UPSTREAM }}\n{neighbour}",
    }


def run(*words, status=0):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def usage(data, *words):
    return json.loads(run("usage", "--json", "--data", data, *words))


def midnight(days_ago):
    today = datetime.datetime.now(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today - datetime.timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%S")


def test_by_any_dimensions_in_any_order(start):
    data = start(Seeder, 40, "--seed", 4).data
    everything = usage(data, "--by", "tenant")
    cost = sum(row["cost_usd"] for row in everything)
    assert cost > 0
    for count in (1, 2, 3, len(DIMENSIONS)):
        for chosen in itertools.islice(itertools.permutations(DIMENSIONS, count), 8):
            rows = usage(data, "--by", "+".join(chosen))
            fields = [dimension.replace("-", "_") for dimension in chosen]
            assert all(field in row for row in rows for field in fields)
            groups = [tuple(row[field] for field in fields) for row in rows]
            assert len(set(groups)) == len(groups)
            assert sum(row["turns"] for row in rows) == sum(row["turns"] for row in everything)
            assert sum(row["sessions"] for row in rows) == 40
            assert abs(sum(row["cost_usd"] for row in rows) - cost) < 1e-4
            table = run("usage", "--by", "+".join(chosen), "--data", data)
            assert len(table.splitlines()) >= len(rows)
    for wrong in ("colour", "tenant+", "+", "", "tenant+colour", "tenant model", "tenant+tenant+x"):
        assert "--by takes" in run("usage", "--by", wrong, "--data", data, status=2)


def test_since_a_word_or_so_long_ago(start):
    data = start(Seeder, 60, "--seed", 5, "--days", 14).data
    for word, moment in (("today", midnight(0)), ("yesterday", midnight(1))):
        assert usage(data, "--since", word) == usage(data, "--since", moment)
        one = json.loads(run("sessions", "list", "--json", "--limit", 1000, "--since", word, "--data", data))
        same = json.loads(run("sessions", "list", "--json", "--limit", 1000, "--since", moment, "--data", data))
        assert [session["id"] for session in one] == [session["id"] for session in same]
    sessions = [
        sum(row["sessions"] for row in usage(data, "--since", word))
        for word in ("today", "yesterday", "7d", "15d")
    ]
    assert sessions == sorted(sessions) and sessions[-1] == 60 and sessions[2] < 60
    yesterday = usage(data, "--since", "yesterday", "--until", "today", "--by", "day")
    assert {row["day"] for row in yesterday} <= {midnight(1)[:10]}
    for wrong in ("soon", "tomorrow", "7", "-7d", "Today "):
        assert "--since takes" in run("usage", "--since", wrong, "--data", data, status=2)


def test_the_most_of_something_first(start):
    data = start(Seeder, 60, "--seed", 6).data

    def listed(order, *more):
        words = ("sessions", "list", "--sort", order, "--json", "--data", data, *more)
        return json.loads(run(*words))

    def length(session):
        ends = [datetime.datetime.fromisoformat(session[name]) for name in ("started", "ended")]
        return (ends[1] - ends[0]).total_seconds()

    by = {
        "cost": lambda session: session["cost_usd"],
        "remedies": lambda session: sum(session["remedies"].values()),
        "length": length,
    }
    for order, measure in by.items():
        values = [measure(session) for session in listed(order, "--limit", 60)]
        assert len(values) == 60 and values[0] > values[-1]
        assert values == sorted(values, reverse=True), order
        assert [measure(one) for one in listed(order, "--limit", 3)] == values[:3]

    def longest_wait(session):
        shown = json.loads(run("sessions", "show", session["id"], "--json", "--data", data))
        waits = [
            datetime.datetime.fromisoformat(turn["first_audio"])
            - datetime.datetime.fromisoformat(turn["ended_input"] or turn["started"])
            for turn in shown["turns"] if turn["first_audio"]
        ]
        return max(waits, default=datetime.timedelta(0))

    waits = [longest_wait(session) for session in listed("first-sound", "--limit", 12)]
    assert waits == sorted(waits, reverse=True)
    acme = listed("cost", "--tenant", "acme")
    assert acme and {session["tenant"] for session in acme} == {"acme"}
    assert "--sort" in run("sessions", "list", "--sort", "size", "--data", data, status=2)


async def test_sessions_are_found_by_what_was_said_in_them(start):
    async with tenants(start, policies()) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        other = await Session.open(proxy, gemini, ACME)
        await other.turn()
        content = {"turns": [{"role": "user", "parts": [{"text": "Frau MÜLLER"}]}], "turnComplete": True}
        await one.client.send(json.dumps({"clientContent": content}))
        await soon(one.gemini.recv())
        for part in ({"outputTranscription": {"text": "你好, der Code ist 4711"}}, {"turnComplete": True}):
            await one.gemini.send(json.dumps({"serverContent": part}))
            await soon(one.client.recv())

        def found(*words):
            listed = run("sessions", "list", "--json", "--data", proxy.data, *words)
            return [session["id"] for session in json.loads(listed)]

        await until(lambda: found("--words", "4711") == [one.id])
        for words in ("4711", "你好", "müller", "MÜLLER", "Code IST"):
            for option in ("--search", "--words"):
                assert await asyncio.to_thread(found, option, words) == [one.id], (option, words)
        assert sorted(await asyncio.to_thread(found, "--search", "acme")) == sorted([one.id, other.id])
        assert await asyncio.to_thread(found, "--words", "acme") == []


async def test_spent_of_a_budget_is_shown_everywhere(start):
    async with tenants(start, policies(acme="budget: { day_usd: 10 }")) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        other = await Session.open(proxy, gemini, NEIGHBOUR)
        await one.turn(8.5)
        await other.turn(3)
        await one.client.close()

        def rows():
            return {row["tenant"]: row for row in usage(proxy.data, "--by", "tenant", "--since", "today")}

        def is_booked():
            found = rows()
            return (
                {"acme", "neighbour"} <= found.keys() and found["acme"]["cost_usd"] > 8.4
                and found["acme"].get("budget_day_used_usd", 0) > 8.4
            )

        await until(is_booked)
        found = rows()
        assert found["acme"]["budget_day_usd"] == 10
        assert abs(found["acme"]["budget_day_used_usd"] - 8.5) < 0.01
        # Who has no budget has none to spend.
        assert "budget_day_usd" not in found["neighbour"]
        line = r"^budget of acme today: 8\.\d{6} of 10\.000000 USD, 8\d %$"
        # However it is grouped, if only by tenant, too; and once, of however many rows.
        for words in (
            (), ("--by", "tenant"), ("--by", "tenant+model"), ("--by", "tenant+month"),
            ("--by", "day+tenant"), ("--by", "tenant+session"), ("--by", "end-user+tenant+model"),
        ):
            said = await asyncio.to_thread(run, "usage", *words, "--data", proxy.data)
            assert len(re.findall(line, said, re.MULTILINE)) == said.count("budget") == 1, (words, said)
            for row in await asyncio.to_thread(usage, proxy.data, *words):
                assert row.get("budget_day_usd") == (10 if row["tenant"] == "acme" else None), (words, row)
        for words in (("--by", "model"), ("--by", "day"), ("--by", "session")):
            assert "budget" not in await asyncio.to_thread(run, "usage", *words, "--data", proxy.data)

        def get(path):
            with urllib.request.urlopen(proxy.admin + path, timeout=20) as answer:
                return answer.read().decode()

        for by in ("tenant", "tenant%2Bmodel", "day%2Btenant"):
            api = json.loads(await asyncio.to_thread(get, f"/api/usage?by={by}&since=today"))
            assert {row["tenant"]: row for row in api}["acme"]["budget_day_usd"] == 10, by
        samples = (await asyncio.to_thread(get, "/metrics")).splitlines()

        def sample(name, tenant):
            return [
                float(line.split()[-1]) for line in samples
                if line.startswith(f'turnkeeper_{name}{{tenant="{tenant}",') and 'kind="day"' in line
            ]

        assert sample("budget_usd", "acme") == [10]
        assert abs(sample("budget_used_usd", "acme")[0] - 8.5) < 0.01
        assert sample("budget_usd", "neighbour") == []
        # A budget that is raised is shown at once.
        higher = policies(acme="budget: { day_usd: 20 }")["acme.yaml"].replace("UPSTREAM", gemini.url)
        await proxy.reload({"acme.yaml": higher})
        samples = (await asyncio.to_thread(get, "/metrics")).splitlines()
        assert sample("budget_usd", "acme") == [20]


async def talk(session, words, tool):
    """A turn with words of both sides, and a call of a tool."""
    content = {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}
    await session.client.send(json.dumps({"clientContent": content}))
    await soon(session.gemini.recv())
    call = {"functionCalls": [{"id": tool, "name": "look_up", "args": {"secret": f"argument of {tool}"}}]}
    for message in (
        {"serverContent": {"inputTranscription": {"text": f"heard {words}"}}},
        {"toolCall": call},
        {"serverContent": {"outputTranscription": {"text": f"said {words}"}}},
        {"serverContent": {"turnComplete": True}},
    ):
        if "turnComplete" in str(message):
            answer = {"functionResponses": [{"id": tool, "name": "look_up", "response": {"ok": True}}]}
            await session.client.send(json.dumps({"toolResponse": answer}))
            await soon(session.gemini.recv())
        await session.gemini.send(json.dumps(message))
        await soon(session.client.recv())


async def test_words_are_kept_as_long_as_they_may_be(start):
    """A session under way obeys a reload with its next event, both ways."""
    log = "log: {{ transcripts: {0}, tool_arguments: {0}, record: {1} }}"
    async with tenants(start, policies(acme=log.format("true", "on"))) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)

        async def reload(*values):
            text = policies(acme=log.format(*values))["acme.yaml"]
            await proxy.reload({"acme.yaml": text.replace("UPSTREAM", gemini.url)})
            # Its worker has read its mail between two answers.
            for _ in range(2):
                await soon(await one.client.ping())

        await talk(one, "at first", "call-1")
        await reload("false", "off")
        await talk(one, "in secret", "call-2")
        await reload("true", "off")
        await talk(one, "at last", "call-3")
        await one.client.close()
        file = proxy.data / "ledger.db"

        def listed():
            return json.loads(run("sessions", "list", "--json", "--data", proxy.data))

        await until(lambda: any(session["ended"] for session in listed()))
        told = json.loads(run("sessions", "show", one.id, "--json", "--data", proxy.data))
        text = json.dumps(told)
        assert "said at first" in text and "said at last" in text and "heard at first" in text
        assert "argument of call-1" in text and "argument of call-3" in text
        assert "in secret" not in text and "argument of call-2" not in text
        said = [turn["transcript"]["model"] for turn in told["turns"] if turn["transcript"]]
        assert [words for words in said if words] == ["said at first", "said at last"]
        recording = proxy.data / "recordings" / f"{one.id}.jsonl"
        # Its file is written by a thread of its own.
        await until(lambda: '"end":"log.record"' in recording.read_text())
        assert "said at first" in recording.read_text()
        proxy.end()
        # Not in any page of the file either, nor anywhere else that is kept.
        kept = [path for path in proxy.data.rglob("*") if path.is_file()]
        assert file in kept
        for path in kept:
            contents = path.read_bytes()
            assert b"in secret" not in contents and b"argument of call-2" not in contents, path


# Seconds after `turnComplete` at which usage is reported; None: with it.
@pytest.mark.parametrize("late", [None, 0.0, 0.3])
@pytest.mark.parametrize("is_interrupted", [False, True])
async def test_metrics_and_books_agree_however_late_a_report_is(start, late, is_interrupted):
    """A barge-in's report comes behind `interrupted`, with which the turn is over."""
    def modalities(tokens):
        return [{"modality": "AUDIO", "tokenCount": tokens}]

    sound = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "fwB/AH8A" * 4000}}
    async with tenants(start, policies()) as (gemini, proxy):
        session = await Session.open(proxy, gemini, ACME)
        billed = 0
        for number in range(1, 4):
            content = {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}
            await session.client.send(json.dumps({"clientContent": content}))
            await soon(session.gemini.recv())
            prompt, response = 100 * number, 50
            billed += prompt + response
            usage = {"promptTokenCount": prompt, "responseTokenCount": response,
                     "totalTokenCount": prompt + response, "promptTokensDetails": modalities(prompt),
                     "responseTokensDetails": modalities(response)}
            await session.gemini.send(json.dumps({"serverContent": {"modelTurn": {"parts": [sound]}}}))
            if is_interrupted:
                await session.gemini.send(json.dumps({"serverContent": {"interrupted": True}}))
                await asyncio.sleep(0.02)
            end = {"serverContent": {"turnComplete": True}}
            if late is None:
                end["usageMetadata"] = usage
            await session.gemini.send(json.dumps(end))
            if late is not None:
                await asyncio.sleep(late)
                await session.gemini.send(json.dumps({"usageMetadata": usage}))
            while "usageMetadata" not in await soon(session.client.recv(decode=True)):
                pass
        await session.client.close()
        await until(lambda: proxy.count("sessions_active", tenant="acme") == 0)
        assert proxy.count("tokens_total", tenant="acme", source="reported") == billed
        assert proxy.count("tokens_total", tenant="acme", source="estimated") == 0

        def booked():
            rows = usage_of(proxy)
            return rows and rows[0]["tokens"]["total"] == billed

        await until(booked)
        (row,) = usage_of(proxy)
        counted = proxy.count("cost_usd_total", tenant="acme")
        assert abs(counted - row["cost_usd"]) < 1e-6 and row["estimated_tokens"] == 0


def usage_of(proxy):
    return usage(proxy.data, "--by", "tenant")
