"""Reports to a tenant's receiver: signed, in order, at least once, whatever the receiver does."""

import asyncio
import contextlib
import json
import pathlib
import signal
import subprocess
import urllib.request

import pytest
from certificates import Authority
from ports import free_port
from receiver import SECRET, Receiver, verify
from relay import Gemini, soon
from tenants import Session, Tenants, tenants
from turnkeeper import PATH, PROGRAM, Proxy, Simulator
from watching import until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

ACME = "acme-client-key-0123456789"
GEMINI_KEY = "gemini-key-0123456789abcdef"
# Whatever is said, it does not leave.
SPOKEN_KEY = "AIzaSyA0123456789abcdefghijklmnopqrstuv"


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", ACME)
    monkeypatch.setenv("GEMINI_KEY", GEMINI_KEY)
    monkeypatch.setenv("NOTIFY_SECRET", SECRET)


def acme(url, more="", notify=""):
    return {
        "acme.yaml": "match: { keys: [env:ACME_KEY] }\n"
        "upstream: { url: UPSTREAM, key: env:GEMINI_KEY }\n"
        f'notify: {{ url: "{url}", secret: env:NOTIFY_SECRET {notify} }}\n{more}'
    }


async def sessions(proxy, gemini, count):
    """Sessions one after another; their ids."""
    ids = []
    for _ in range(count):
        one = await Session.open(proxy, gemini, ACME)
        await one.client.close()
        ids.append(one.id)
        await one.gemini.wait_closed()
        # The end of the next one is not reported before it.
        await until(lambda: has_ended(proxy, one.id))
    return ids


def has_ended(proxy, id):
    return any(line["message"] == "session ended" and line["session"] == id for line in proxy.log())


def ended(reports):
    return [report[1]["session"]["id"] for report in reports if report[1]["event"] == "session"]


def samples(proxy, name):
    with urllib.request.urlopen(proxy.admin + "/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    return {line.split()[0].replace('model="",', "").replace(',model=""', ""): float(line.split()[-1]) for line in lines if line.startswith(f"turnkeeper_notify_{name}{{")}


async def talk(session, said):
    content = {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}
    await session.client.send(json.dumps({"clientContent": content}))
    await soon(session.gemini.recv())
    call = {"functionCalls": [{"id": "c1", "name": "look_up", "args": {"q": "the argument"}}]}
    for message in ({"serverContent": {"inputTranscription": {"text": "what I heard"}}}, {"toolCall": call}):
        await session.gemini.send(json.dumps(message))
        await soon(session.client.recv())
    answer = {"functionResponses": [{"id": "c1", "name": "look_up", "response": {"r": "the result"}}]}
    await session.client.send(json.dumps({"toolResponse": answer}))
    await soon(session.gemini.recv())
    usage = {"responseTokenCount": 1000, "totalTokenCount": 1000,
             "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 1000}]}
    for message in ({"serverContent": {"outputTranscription": {"text": said}}},
                    {"serverContent": {"turnComplete": True}, "usageMetadata": usage}):
        await session.gemini.send(json.dumps(message))
        await soon(session.client.recv())


@pytest.mark.parametrize("words", ["true", "false"])
async def test_the_report_of_a_session(start, words):
    """Signed, whole, without what the log may not keep, and without any secret."""
    log = f"log: {{ transcripts: {words}, tool_arguments: {words} }}"
    with Receiver() as receiver:
        async with tenants(start, acme(receiver.url, log)) as (gemini, proxy):
            one = await Session.open(proxy, gemini, ACME)
            await talk(one, f"the key is {SPOKEN_KEY} \u202e \ud83d\ude00")
            await one.client.close(4321, "enough")
            (report,) = await asyncio.to_thread(receiver.wait, 1)
            body = verify(report)
            assert body["id"] == f"session-{one.id}" and body["tenant"] == "acme"
            told = body["session"]
            assert told["id"] == one.id and told["cost_usd"] > 0 and told["ended"]
            assert told["client_close"] == {"code": 4321, "reason": "enough"}
            assert len(told["connections"]) == 1 and "events" not in told
            turn = next(turn for turn in told["turns"] if turn["tokens"]["total"])
            said = "".join(turn["transcript"]["model"] or "" for turn in told["turns"])
            heard = "".join(turn["transcript"]["user"] or "" for turn in told["turns"])
            (call,) = told["tool_calls"]
            assert turn["tokens"]["response"]["audio"] == 1000 and turn["outcome"] == "answered"
            assert call["name"] == "look_up" and call["outcome"] == "answered"
            if words == "true":
                assert heard == "? what I heard" and said.startswith("the key is [redacted]")
                assert "the argument" in call["arguments"] and "the result" in call["result"]
            else:
                for word in ("heard", "the key is", "the argument", "the result"):
                    assert word.encode() not in report[3]
            for secret in (ACME, GEMINI_KEY, SECRET, SPOKEN_KEY):
                assert secret.encode() not in report[3] and secret not in str(report[2])
            assert len(receiver.seen) == 1 and receiver.seen[0][1] == "/hook?a=b"
            await until(lambda: samples(proxy, "queue") == {'turnkeeper_notify_queue{tenant="acme"}': 0})
            delivered = 'turnkeeper_notify_attempts_total{tenant="acme",result="delivered"}'
            await until(lambda: samples(proxy, "attempts_total").get(delivered) == 1)


@pytest.mark.parametrize("mood", [500, 503, 429, 404, "hang", "reset", "redirect", "garbage"])
async def test_an_ill_receiver_gets_it_again(start, mood):
    """The same id and the same body, until it is taken; a redirect is not followed."""
    with Receiver(mood) as receiver:
        async with tenants(start, acme(receiver.url, notify=", timeout: 500ms")) as (gemini, proxy):
            (session,) = await sessions(proxy, gemini, 1)
            await asyncio.to_thread(receiver.wait, 2, "seen")
            receiver.mood = 204
            (report,) = await asyncio.to_thread(receiver.wait, 1)
            assert verify(report)["session"]["id"] == session
            assert {(command, path) for command, path, _ in receiver.seen} == {("POST", "/hook?a=b")}
            assert {seen[2][0] for seen in receiver.seen} == {f"session-{session}"}
            assert len({seen[2][3] for seen in receiver.seen}) == 1
            if mood == 404:
                assert "the receiver refuses reports" in str(proxy.log())
            else:
                await until(lambda: "the receiver takes reports again" in str(proxy.log()))
                assert "the receiver takes no reports" in str(proxy.log())
            assert SECRET not in proxy.log_path.read_text()


@pytest.mark.parametrize("count", [1, 40])
async def test_what_comes_before_an_answer_is_none(start, count):
    """1xx: a gateway that hints, or that asks for a body that it already has (RFC 9110 section 15.2)."""
    with Receiver(204) as receiver:
        hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"
        receiver.interim = hints * count
        async with tenants(start, acme(receiver.url)) as (gemini, proxy):
            (session,) = await sessions(proxy, gemini, 1)
            (report,) = await asyncio.to_thread(receiver.wait, 1)
            assert verify(report)["session"]["id"] == session
            await until(lambda: samples(proxy, "queue") == {'turnkeeper_notify_queue{tenant="acme"}': 0})
            assert len(receiver.seen) == 1 and "takes no reports" not in str(proxy.log())


async def test_an_answer_that_never_comes_is_none(start):
    """Whatever hints at one, and however often."""
    with Receiver("hang") as receiver:
        receiver.interim = b"HTTP/1.1 100 Continue\r\n\r\n"
        async with tenants(start, acme(receiver.url, notify=", timeout: 500ms")) as (gemini, proxy):
            await sessions(proxy, gemini, 1)
            await until(lambda: "the receiver takes no reports" in str(proxy.log()))


def booked(data):
    """The sessions in the ledger, by id."""
    command = [PROGRAM, "sessions", "list", "--json", "--data", data]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return {session["id"]: session for session in json.loads(done.stdout or "[]")}


async def test_a_receiver_that_is_down_while_the_proxy_is_killed(start, tmp_path):
    port, data = free_port(), tmp_path / "kept"
    data.mkdir()
    async with Gemini() as gemini:
        policies = {name: text.replace("UPSTREAM", gemini.url)
                    for name, text in acme(f"http://127.0.0.1:{port}/hook").items()}
        first = start(Tenants, policies, data=data)
        closed = await sessions(first, gemini, 3)
        open_one = await Session.open(first, gemini, ACME)
        await talk(open_one, "cut off")
        # What is at most a second old may be lost.
        await until(lambda: samples(first, "queue") == {'turnkeeper_notify_queue{tenant="acme"}': 3})
        await until(lambda: all(id in booked(data) and booked(data)[id]["ended"] for id in closed))
        await until(lambda: booked(data)[open_one.id]["cost_usd"] > 0)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(10)
        first.was_ended = True
        second = start(Tenants, policies, data=data)
        later = await sessions(second, gemini, 2)
        await until(lambda: samples(second, "queue") == {'turnkeeper_notify_queue{tenant="acme"}': 6})
        with Receiver(port=port) as receiver:
            reports = await asyncio.to_thread(receiver.wait, 6, seconds=60)
            told = [verify(report)["session"] for report in reports]
            assert [session["id"] for session in told] == closed + [open_one.id] + later
            assert told[3]["outcome"] == "unfinished" and told[3]["cost_usd"] > 0
            await until(lambda: samples(second, "queue") == {'turnkeeper_notify_queue{tenant="acme"}': 0})
            # Nothing is told again after another restart.
            second.end()
            third = start(Tenants, policies, data=data)
            (last,) = await sessions(third, gemini, 1)
            assert ended(await asyncio.to_thread(receiver.wait, 7))[-1] == last
            assert len(receiver.seen) == 7


DAY = 86_400


class Dated(Tenants):
    """Its clock is as far ahead as its file says, which may change while it runs."""

    def __init__(self, directory, *arguments, clock, **options):
        self.clock = clock
        super().__init__(directory, *arguments, **options)

    def launcher(self):
        (library,) = pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
        clock = [f"LD_PRELOAD={library}", f"FAKETIME_TIMESTAMP_FILE={self.clock}", "FAKETIME_NO_CACHE=1"]
        # In the first program the library changes the environment, by which Swift finds arguments.
        return ["env", *clock, "FAKETIME_DONT_FAKE_MONOTONIC=1", "nice", "-n", "0"]

    def count_lost(self, reason):
        return samples(self, "lost_total").get(f'turnkeeper_notify_lost_total{{tenant="acme",reason="{reason}"}}', 0)


@pytest.fixture
def dated(start, tmp_path):
    """Starts one in a directory that is kept, with a receiver that is down."""
    port, data, clock = free_port(), tmp_path / "kept", tmp_path / "clock"
    data.mkdir()
    clock.write_text("+0d")

    def begin(gemini, notify="", *options):
        text = acme(f"http://127.0.0.1:{port}/hook", notify=notify)["acme.yaml"]
        return start(Dated, {"acme.yaml": text.replace("UPSTREAM", gemini.url)}, *options, clock=clock, data=data)

    begin.port, begin.clock = port, clock
    return begin


async def waits(proxy, count):
    await until(lambda: sum(samples(proxy, "queue").values()) == count)


async def test_a_receiver_that_is_down_for_a_day_gets_all_in_order(dated):
    """By the clock of a process that lives on, and again while it is dead."""
    async with Gemini() as gemini:
        first = dated(gemini)
        ids = await sessions(first, gemini, 2)
        await waits(first, 2)
        dated.clock.write_text("+1d")
        ids += await sessions(first, gemini, 2)
        failed = 'turnkeeper_notify_attempts_total{tenant="acme",result="failed"}'
        before = samples(first, "attempts_total")[failed]
        await until(lambda: samples(first, "attempts_total")[failed] > before)
        await waits(first, 4)
        await until(lambda: all(id in booked(first.data) and booked(first.data)[id]["ended"] for id in ids))
        days = {booked(first.data)[id]["started"][:10] for id in ids}
        assert len(days) == 2, "the clock has jumped"
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(10)
        first.was_ended = True
        dated.clock.write_text("+2d")
        second = dated(gemini)
        ids += await sessions(second, gemini, 1)
        await waits(second, 5)
        with Receiver(port=dated.port) as receiver:
            reports = await asyncio.to_thread(receiver.wait, 5, seconds=60)
            assert [verify(report, ahead=2 * DAY)["session"]["id"] for report in reports] == ids
            await waits(second, 0)
            assert len(receiver.seen) == 5
        assert sum(second.count_lost(reason) for reason in ("age", "gone", "queue", "removed")) == 0


async def test_what_waits_longer_than_keep_is_lost_and_counted_however_the_clock_got_there(dated):
    async with Gemini() as gemini:
        first = dated(gemini, ", keep: 24h")
        await sessions(first, gemini, 2)
        await waits(first, 2)
        dated.clock.write_text("+25h")
        (last,) = await sessions(first, gemini, 1)
        await until(lambda: first.count_lost("age") == 2)
        with Receiver(port=dated.port) as receiver:
            assert ended(await asyncio.to_thread(receiver.wait, 1, seconds=60)) == [last]


async def test_keep_beyond_retention_is_warned_of_and_what_is_gone_is_counted(dated):
    """The report is made of the ledger, which has forgotten the session."""
    async with Gemini() as gemini:
        first = dated(gemini, ", keep: 72h", "--retention", "1d")
        (line,) = [line for line in first.log() if line["message"].startswith("notify.keep is longer")]
        assert line["level"] == "warning" and line["tenant"] == "acme"
        await sessions(first, gemini, 2)
        await waits(first, 2)
        first.end()
        dated.clock.write_text("+2d")
        second = dated(gemini, ", keep: 48h", "--retention", "1d")
        (last,) = await sessions(second, gemini, 1)
        await until(lambda: len(booked(second.data)) == 1)
        with Receiver(port=dated.port) as receiver:
            assert ended(await asyncio.to_thread(receiver.wait, 1, seconds=60)) == [last]
            await until(lambda: second.count_lost("gone") + second.count_lost("age") == 2)
            await waits(second, 0)
        second.end()
        third = dated(gemini, ", keep: 24h", "--retention", "1d")
        assert "notify.keep is longer" not in str(third.log())


async def test_a_refused_report_does_not_hold_up_the_others(start):
    refused = []

    def mood(body):
        if not refused:
            refused.append(body["id"])
        return 400 if body["id"] == refused[0] and len(receiver.taken) < 2 else 200

    with Receiver(mood) as receiver:
        async with tenants(start, acme(receiver.url)) as (gemini, proxy):
            ids = await sessions(proxy, gemini, 3)
            reports = await asyncio.to_thread(receiver.wait, 3)
            assert sorted(ended(reports)) == sorted(ids)
            assert ended(reports)[-1] == ids[0]


async def test_reports_that_are_never_taken_starve_no_others(start):
    """Five of them, which have long been put aside: a new one is taken at once, whatever they do."""
    refused = []

    def mood(body):
        if len(refused) < 5 and body["id"] not in refused:
            refused.append(body["id"])
        return 400 if body["id"] in refused else 200

    with Receiver(mood) as receiver:
        async with tenants(start, acme(receiver.url)) as (gemini, proxy):
            await sessions(proxy, gemini, 5)
            # Each was refused once and is due again, so there is always one that could be tried.
            await asyncio.to_thread(receiver.wait, 8, "seen", 60)
            for count in range(1, 4):
                (id,) = await sessions(proxy, gemini, 1)
                reports = await asyncio.to_thread(receiver.wait, count, "taken", 5)
                assert ended(reports)[-1] == id
            assert len({report[0] for _, _, report in receiver.seen}) == 8
            log = str(proxy.log())
            assert "the receiver refuses reports" in log and "the receiver takes no reports" not in log


async def test_a_queue_is_bounded_and_says_what_it_lost(start):
    port = free_port()
    notify = ", queue: 3"
    async with tenants(start, acme(f"http://127.0.0.1:{port}/hook", notify=notify)) as (gemini, proxy):
        ids = await sessions(proxy, gemini, 8)
        lost = 'turnkeeper_notify_lost_total{tenant="acme",reason="queue"}'
        await until(lambda: samples(proxy, "lost_total").get(lost) == 5)
        await until(lambda: any(line["message"] == "reports lost" for line in proxy.log()))
        with Receiver(port=port) as receiver:
            reports = await asyncio.to_thread(receiver.wait, 3)
            assert ended(reports) == ids[-3:]


async def test_reports_that_are_too_old_are_lost_and_counted(start):
    with Receiver(500) as receiver:
        async with tenants(start, acme(receiver.url, notify=", keep: 1s")) as (gemini, proxy):
            await sessions(proxy, gemini, 1)
            lost = 'turnkeeper_notify_lost_total{tenant="acme",reason="age"}'
            await until(lambda: samples(proxy, "lost_total").get(lost) == 1)


async def test_a_budget_at_80_and_100_percent(start):
    with Receiver() as receiver:
        policies = acme(receiver.url, "budget: { day_usd: 10 }", ", events: [budget]")
        async with tenants(start, policies) as (gemini, proxy):
            one = await Session.open(proxy, gemini, ACME)
            for dollars in (3, 4.9, 0.3, 0.2, 1.4):
                await one.turn(dollars)
            (report,) = await asyncio.to_thread(receiver.wait, 1)
            assert verify(report)["budget"]["percent"] == 80
            assert 8 <= report[1]["budget"]["used_usd"] < 10
            await one.turn(1)
            reports = await asyncio.to_thread(receiver.wait, 2)
            assert [verify(report)["budget"]["percent"] for report in reports] == [80, 100]
            # Raised, it is half used; lowered to what is used, it says so once more.
            for day_usd in (20, 12):
                text = acme(receiver.url, f"budget: {{ day_usd: {day_usd} }}", ", events: [budget]")
                await proxy.reload({"acme.yaml": text["acme.yaml"].replace("UPSTREAM", gemini.url)})
            (_, _, third) = await asyncio.to_thread(receiver.wait, 3)
            assert verify(third)["budget"]["percent"] == 80 and third[1]["budget"]["budget_usd"] == 12
            assert len({report[0] for report in receiver.taken}) == 3 == len(receiver.seen)


async def test_a_reload_that_removes_notify_drops_what_waits(start):
    port = free_port()
    async with tenants(start, acme(f"http://127.0.0.1:{port}/hook")) as (gemini, proxy):
        await sessions(proxy, gemini, 2)
        await until(lambda: sum(samples(proxy, "queue").values()) == 2)
        bare = f"match: {{ keys: [env:ACME_KEY] }}\nupstream: {{ url: {gemini.url}, key: env:GEMINI_KEY }}"
        await proxy.reload({"acme.yaml": bare})
        lost = 'turnkeeper_notify_lost_total{tenant="acme",reason="removed"}'
        await until(lambda: samples(proxy, "lost_total").get(lost) == 2)
        await until(lambda: samples(proxy, "queue") == {'turnkeeper_notify_queue{tenant="acme"}': 0})
        with Receiver(port=port) as receiver:
            await sessions(proxy, gemini, 1)
            text = acme(f"http://127.0.0.1:{port}/hook")["acme.yaml"].replace("UPSTREAM", gemini.url)
            await proxy.reload({"acme.yaml": text})
            (last,) = await sessions(proxy, gemini, 1)
            assert ended(await asyncio.to_thread(receiver.wait, 1)) == [last]


async def test_words_that_were_forbidden_meanwhile_are_not_told(start):
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    async with tenants(start, acme(url)) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        await talk(one, "said in confidence")
        await one.client.close()
        await until(lambda: sum(samples(proxy, "queue").values()) == 1)
        text = acme(url, "log: { transcripts: false }")["acme.yaml"].replace("UPSTREAM", gemini.url)
        await proxy.reload({"acme.yaml": text})
        with Receiver(port=port) as receiver:
            (report,) = await asyncio.to_thread(receiver.wait, 1)
            verify(report)
            assert b"confidence" not in report[3] and b"heard" not in report[3]


async def test_a_long_conversation_makes_one_bounded_report(start):
    with Receiver() as receiver:
        async with tenants(start, acme(receiver.url)) as (gemini, proxy):
            one = await Session.open(proxy, gemini, ACME)
            long = json.dumps({"serverContent": {"outputTranscription": {"text": "wörter " * 250}}})
            for _ in range(40):
                content = {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}
                await one.client.send(json.dumps({"clientContent": content}))
                await soon(one.gemini.recv())
                for message in [long] * 8 + [json.dumps({"serverContent": {"turnComplete": True}})]:
                    await one.gemini.send(message)
                    await soon(one.client.recv())
            await one.client.close()
            (report,) = await asyncio.to_thread(receiver.wait, 1)
            body = verify(report)
            assert len([turn for turn in body["session"]["turns"] if turn["n"]]) == 40
            assert 300_000 < len(report[3]) < 6 << 20


async def test_an_unencrypted_or_unsigned_receiver_is_a_mistake(tmp_path):
    for notify, why in {
        'url: "http://hooks.example/x", secret: env:NOTIFY_SECRET': "unencrypted only on this machine",
        'url: "https://u:p@hooks.example/x", secret: env:NOTIFY_SECRET': "must not hold credentials",
        'url: "https://hooks.example/x"': "notify.secret is missing",
        'url: "https://hooks.example/x\\r\\ny: z", secret: env:NOTIFY_SECRET': "expected",
        'url: "ftp://hooks.example/x", secret: env:NOTIFY_SECRET': "expected",
        'url: "http://127.0.0.1.evil.example/", secret: env:NOTIFY_SECRET': "unencrypted only",
        'url: "https://hooks.example/", secret: whsec-literal': "by reference",
        'url: "https://hooks.example/", secret: env:NOTIFY_SECRET, events: [sessions]': "did you mean",
    }.items():
        (tmp_path / "default.yaml").write_text(f"notify: {{ {notify} }}\n")
        done = subprocess.run([PROGRAM, "check", "--policies", tmp_path], capture_output=True, text=True, timeout=30)
        assert done.returncode == 2 and why in done.stdout + done.stderr, (notify, done)
        assert "whsec-literal" not in done.stdout + done.stderr


async def test_a_certificate_is_verified(start, tmp_path):
    """Nothing is sent to a receiver that nobody vouches for."""
    authority = Authority(tmp_path)
    with Receiver(certificate=authority.issue()) as receiver:
        async with tenants(start, acme(receiver.url)) as (gemini, proxy):
            (session,) = await sessions(proxy, gemini, 1)
            failed = 'turnkeeper_notify_attempts_total{tenant="acme",result="failed"}'
            await until(lambda: samples(proxy, "attempts_total").get(failed, 0) >= 2)
            assert not receiver.seen
            text = acme(receiver.url, notify=f', ca_file: "{authority.ca}"')["acme.yaml"]
            await proxy.reload({"acme.yaml": text.replace("UPSTREAM", gemini.url)})
            (report,) = await asyncio.to_thread(receiver.wait, 1)
            assert verify(report)["session"]["id"] == session


async def test_a_model_that_fails(start, tmp_path):
    """Told once, under an id that a header can carry."""
    model, sibling = "gemini-2.5-flash-native-audio-latest", "gemini-2.5-flash-native-audio-preview-09-2025"
    scenario = tmp_path / "gone.yaml"
    scenario.write_text(f"name: gone\nextends: quick\nfaults:\n  - retired-model: {{ models: [{model}] }}\n")
    simulator = start(Simulator, "--scenario", scenario)
    with Receiver() as receiver:
        notify = f'notify: {{ url: "{receiver.url}", secret: env:NOTIFY_SECRET, events: [breaker] }}'
        proxy = start(Proxy, simulator.url, f"models: {{ fallback: {{ {model}: {sibling} }} }}\n{notify}")
        for _ in range(2):
            async with connect(f"{proxy.ws}{PATH}?key=any", max_size=None, proxy=None) as client:
                await client.send(json.dumps({"setup": {"model": f"models/{model}"}}))
                assert "setupComplete" in json.loads(await asyncio.wait_for(client.recv(), 30))
        (report,) = await asyncio.to_thread(receiver.wait, 1)
        body = verify(report)
        assert body["breaker"] == {"model": model, "upstream": simulator.url, "state": "open"}
        assert body["id"].startswith(f"breaker-default-{model}-")
        assert len(receiver.seen) == 1


async def test_who_has_no_other_model_is_not_told_that_it_is_avoided(start, tmp_path):
    """As the metric says. Its sessions end unanswered, of which it is told."""
    model, sibling = "gemini-2.5-flash-native-audio-latest", "gemini-2.5-flash-native-audio-preview-09-2025"
    scenario = tmp_path / "down.yaml"
    scenario.write_text(
        f"name: down\nextends: quick\nfaults:\n  - internal-error: {{ models: [{model}], delay: 10ms }}\n")
    with Receiver() as receiver, Receiver() as other:
        simulator = start(Simulator, "--scenario", scenario)
        terms = "breaker: { failures: 2, sessions: 2 }"
        policies = {
            name + ".yaml": f"match: {{ keys: [env:{key}] }}\nupstream: {{ url: {simulator.url} }}\n"
            f"recovery: {{ attempts: 1, backoff: [0ms] }}\nmodels: {{ fallback: {fallback}, {terms} }}\n"
            f'notify: {{ url: "{to.url}", secret: env:NOTIFY_SECRET, events: [breaker] }}\n'
            for name, key, fallback, to in (
                ("acme", "ACME_KEY", "{}", receiver), ("other", "GEMINI_KEY", f"{{ {model}: {sibling} }}", other))
        }
        proxy = start(Tenants, policies)
        for _ in range(3):
            client = await proxy.connect(ACME)
            await client.send(json.dumps({"setup": {"model": f"models/{model}"}}))
            await asyncio.wait_for(client.recv(), 30)
            content = {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}
            await client.send(json.dumps({"clientContent": content}))
            with contextlib.suppress(ConnectionClosed):
                while "turnComplete" not in await asyncio.wait_for(client.recv(decode=True), 30):
                    pass
            await client.close()
        (report,) = await asyncio.to_thread(other.wait, 1)
        assert verify(report)["breaker"]["model"] == model
        await asyncio.sleep(1)
        assert receiver.seen == []
        assert proxy.count("breaker_open", tenant="other") == 1 and proxy.count("breaker_open", tenant="acme") == 0


async def test_a_session_that_could_not_be_answered(start):
    """Two reports: that it failed, at once and short; and the whole of it."""
    with Receiver() as receiver:
        policies = acme(receiver.url, "recovery: { attempts: 0 }")
        policies["acme.yaml"] = policies["acme.yaml"].replace("UPSTREAM,", "UPSTREAM, ping: 1s, dead: 3s,")
        async with tenants(start, policies) as (gemini, proxy):
            one = await Session.open(proxy, gemini, ACME)
            # Not a word of it is read, and so no ping answered.
            one.gemini.transport.pause_reading()
            await asyncio.wait_for(one.client.wait_closed(), 30)
            one.gemini.transport.abort()
            reports = await asyncio.to_thread(receiver.wait, 2)
            bodies = [verify(report) for report in reports]
            assert [body["event"] for body in bodies] == ["unanswered", "session"]
            assert {body["session"]["outcome"] for body in bodies} == {"unanswered"}
            assert "turns" not in bodies[0]["session"] and "turns" in bodies[1]["session"]
