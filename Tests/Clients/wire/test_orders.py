"""`turnkeeper sessions end ID` and `drain ID`: what an operator may ask of one session, and of whom."""

import asyncio
import json
import subprocess
import urllib.error
import urllib.request

import pytest
from certificates import Authority
from relay import SETUP, Gemini, closed, relay, soon
from tenants import Session, session_id, tenants
from turnkeeper import PATH, PROGRAM, Proxy
from watching import until
from websockets.asyncio.client import connect

TOKEN = "0123456789abcdef0123456789abcdef"
TWO_TENANTS = {
    "acme.yaml": "match: { keys: [env:ACME_KEY] }\nupstream: { url: UPSTREAM }",
    "neighbour.yaml": "match: { keys: [env:NEIGHBOUR_KEY] }\nupstream: { url: UPSTREAM }",
}
ACME, NEIGHBOUR = "acme-client-key-0123456789", "neighbour-client-key-0123456789"
QUESTION = {
    "clientContent": {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}
}


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", ACME)
    monkeypatch.setenv("NEIGHBOUR_KEY", NEIGHBOUR)


@pytest.fixture
def token(tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o600)
    return file


@pytest.fixture(params=["loopback", "elsewhere", "another name"])
def place(request, token, tmp_path):
    """How a server is started, and what its operator says to reach its admin port."""
    if request.param == "loopback":
        return tenants, []
    served = reached_by_others(token, Authority(tmp_path).issue(host="voice.test"))
    host = ["--admin", "localhost"]
    if request.param == "another name":
        host = ["--admin", "127.0.0.2", "--admin-name", "voice.test"]
    return served, [*host, "--admin-token", token, "--ca", tmp_path / "ca.pem"]


def reached_by_others(token, certificate):
    """`tenants` with an admin port that is not loopback's, where it speaks TLS only."""
    options = {"admin": "0.0.0.0:0", "tls": ",".join(map(str, certificate))}
    options["ca"] = certificate[0].with_name("ca.pem")

    def served(start, policies):
        return tenants(start, policies, "--admin-token", token, **options)

    return served


def admin(proxy):
    return f"127.0.0.1:{proxy.port('admin on')}"


async def order(proxy, *words):
    """Status, and what was printed on either side. A host in `words` stands there without the port."""
    words = list(map(str, words))
    if "--admin" not in words:
        words += ["--admin", "127.0.0.1"]
    words[words.index("--admin") + 1] += f":{proxy.port('admin on')}"
    done = await asyncio.to_thread(
        subprocess.run, [PROGRAM, "sessions", *words], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


async def post(proxy, path, method="POST", **headers):
    request = urllib.request.Request(f"http://{admin(proxy)}{path}", method=method, headers=headers)

    def ask():
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    return await asyncio.to_thread(ask)


def outcome(proxy, id):
    command = [PROGRAM, "sessions", "show", id, "--json", "--data", proxy.data]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)["outcome"] if done.returncode == 0 else None


def ordered(proxy):
    """Whose sessions were ordered to end."""
    return [line["session"] for line in proxy.log() if line["message"].startswith("session ordered")]


async def until_ended(proxy, id, as_):
    async with asyncio.timeout(20):
        while await asyncio.to_thread(outcome, proxy, id) != as_:
            await asyncio.sleep(0.1)


async def test_ended_by_id_and_nobody_else_is(start, place):
    served, how = place
    async with served(start, TWO_TENANTS) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        same = await Session.open(proxy, gemini, ACME)
        other = await Session.open(proxy, gemini, NEIGHBOUR)
        status, said = await order(proxy, "end", one.id, *how)
        assert status == 0 and json.loads(said) == {"id": one.id, "order": "end"}
        code, reason = await closed(one.client)
        assert code == 1008 and one.id in reason and "an operator has ended the session" in reason
        await soon(one.gemini.wait_closed())
        await same.turn()
        await other.turn()
        await until_ended(proxy, one.id, "stopped")
        await until(lambda: ordered(proxy) == [one.id])
        # It lives no more, so there is nothing to end.
        status, said = await order(proxy, "end", one.id, *how)
        assert status == 1 and "no live session with this id" in said
        assert "{" not in said and "Try: turnkeeper sessions list --live" in said
        status, said = await order(proxy, "drain", one.id, *how)
        assert status == 1 and "no live session with this id" in said
        await same.turn()
        await other.turn()


async def test_drained_when_its_turn_is_over(start, place):
    served, how = place
    async with served(start, TWO_TENANTS) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        other = await Session.open(proxy, gemini, NEIGHBOUR)
        await one.client.send(json.dumps(QUESTION))
        await soon(one.gemini.recv())
        for _ in range(2):
            status, said = await order(proxy, "drain", one.id, *how)
            assert status == 0 and json.loads(said) == {"id": one.id, "order": "drain"}
        # It is answered first.
        part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}}
        await one.gemini.send(json.dumps({"serverContent": {"modelTurn": {"parts": [part]}}}))
        assert "modelTurn" in await soon(one.client.recv(decode=True))
        await one.gemini.send(json.dumps({"serverContent": {"turnComplete": True}}))
        assert "turnComplete" in await soon(one.client.recv(decode=True))
        code, reason = await closed(one.client)
        assert code == 1001 and one.id in reason
        await until_ended(proxy, one.id, "stopped")
        # The server itself goes on.
        await other.turn()
        await (await Session.open(proxy, gemini, ACME)).turn()


async def test_ended_in_the_middle_of_an_answer(start):
    async with tenants(start, TWO_TENANTS) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        await one.client.send(json.dumps(QUESTION))
        await soon(one.gemini.recv())
        assert (await order(proxy, "drain", one.id))[0] == 0
        assert (await order(proxy, "end", one.id))[0] == 0
        assert (await closed(one.client))[0] == 1008
        await until_ended(proxy, one.id, "stopped")


@pytest.mark.parametrize(
    "id", ["nobody", "%2e%2e", "a?b", "a#b", "x" * 500, '"', "%", "..", "end", "'; DROP TABLE log"]
)
async def test_a_wrong_id_ends_nobody(start, id):
    async with tenants(start, TWO_TENANTS) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        status, said = await order(proxy, "end", id)
        assert status in (1, 2) and said.startswith("turnkeeper: ") and "Traceback" not in said
        await one.turn()
        assert ordered(proxy) == []


async def test_an_id_may_be_abbreviated_as_for_show(start, place):
    served, how = place
    async with served(start, TWO_TENANTS) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        other = await Session.open(proxy, gemini, NEIGHBOUR)
        for id in (one.id, other.id):
            # The books have it a moment later.
            async with asyncio.timeout(20):
                while id not in await asyncio.to_thread(shown, proxy, id):
                    await asyncio.sleep(0.1)
        for verb, session, code in (("end", one, 1008), ("drain", other, 1001)):
            status, said = await order(proxy, verb, session.id[:-2], *how)
            assert status == 0 and json.loads(said) == {"id": session.id, "order": verb}
            assert (await closed(session.client))[0] == code
        assert ordered(proxy) == [one.id, other.id]
        status, said = await order(proxy, "end", one.id[:-2], *how)
        assert status == 1 and "no live session with this id" in said
        status, said = await order(proxy, "end", "", *how)
        assert status == 2 and '"" is not a session id' in said


async def test_not_without_the_token(start, token, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text(TOKEN[:-1] + "0\n")
    async with tenants(start, TWO_TENANTS, "--admin-token", token) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        for words in ([], ["--admin-token", wrong], ["--admin-token", tmp_path / "missing"]):
            status, said = await order(proxy, "end", one.id, *words)
            assert status in (1, 2) and TOKEN not in said
        # A client's key opens a session and ends none.
        path = f"/api/sessions/{one.id}/end"
        for value in (ACME, f"Bearer {ACME}", f"Bearer {TOKEN} ", "Bearer", f"bearer{TOKEN}"):
            assert (await post(proxy, path, Authorization=value))[0] == 401, value
        await one.turn()
        assert (await order(proxy, "end", one.id, "--admin-token", token))[0] == 0
        assert (await closed(one.client))[0] == 1008


async def test_not_by_a_page_or_a_link(start):
    async with tenants(start, TWO_TENANTS) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        for verb in ("end", "drain"):
            path = f"/api/sessions/{one.id}/{verb}"
            assert (await post(proxy, path, "GET"))[0] == 405
            assert (await post(proxy, path, Origin="https://evil.example"))[0] == 403
        # It is the admin port's, never the data port's.
        request = urllib.request.Request(f"{proxy.http}/api/sessions/{one.id}/end", method="POST")
        with pytest.raises(urllib.error.HTTPError) as refusal:
            await asyncio.to_thread(urllib.request.urlopen, request, timeout=20)
        assert refusal.value.code == 404
        await one.turn()


@pytest.mark.parametrize("verb", ["end", "drain"])
async def test_a_parked_session(start, verb):
    """Its client is away; it ends all the same, and its handle does not lead back into it."""
    async with relay(start) as both:
        client, connection = await both.session()
        update = {"sessionResumptionUpdate": {"newHandle": "google-1", "resumable": True}}
        await connection.send(json.dumps(update))
        handle = json.loads(await soon(client.recv()))["sessionResumptionUpdate"]["newHandle"]
        id = session_id(client)
        client.transport.abort()
        async with asyncio.timeout(20):
            while "parked" not in await asyncio.to_thread(shown, both.proxy, id):
                await asyncio.sleep(0.1)
        assert (await order(both.proxy, verb, id))[0] == 0
        await soon(connection.wait_closed())
        await until_ended(both.proxy, id, "stopped")
        assert (await order(both.proxy, verb, id))[0] == 1
        # Its conversation is not lost to a client that comes back: it is taken up anew.
        again = await both.connect()
        setup = {"setup": {**SETUP["setup"], "sessionResumption": {"handle": handle}}}
        await again.send(json.dumps(setup))
        renewed = await both.gemini.accepted()
        assert json.loads(await soon(again.recv())) == {"setupComplete": {}}
        assert session_id(again) != id
        await both.assert_passes(again, renewed)


def shown(proxy, id):
    command = [PROGRAM, "sessions", "show", id, "--json", "--data", proxy.data]
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout


async def test_before_it_has_said_anything(start):
    """A connection without a setup has an id, and can be ended by it."""
    async with Gemini(answers_setup=False) as gemini:
        proxy = start(Proxy, gemini.url)
        async with connect(proxy.ws + PATH, proxy=None) as client:
            status, said = await order(proxy, "end", session_id(client))
            assert status == 0, said
            assert (await closed(client))[0] == 1008


async def test_nobody_at_that_address(start):
    command = [PROGRAM, "sessions", "end", "x", "--admin", "127.0.0.1:1"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "no answer from 127.0.0.1:1" in done.stderr and "Try: --admin" in done.stderr


@pytest.mark.parametrize(
    "words, said, status",
    [
        # Its authority is nobody's; the name is not in it; there is no such host; it speaks TLS only.
        (["--admin", "localhost", "--admin-name", "localhost"], "certificate", 1),
        (["--admin", "127.0.0.1", "--ca", "CA", "--admin-name", "other.test"], "hostname mismatch", 1),
        (["--admin", "nowhere.invalid"], "looking nowhere.invalid up", 1),
        (["--admin", "localhost"], "with --ca FILE if serve has --tls", 1),
        (["--admin", "127.0.0.1", "--ca", "missing.pem"], "missing.pem", 1),
        (["--admin", "http://voice.test"], "--admin takes HOST:PORT", 2),
    ],
)
async def test_a_server_that_does_not_prove_itself_hears_no_token(start, token, tmp_path, words, said, status):
    served = reached_by_others(token, Authority(tmp_path).issue())
    words = [str(tmp_path / "ca.pem") if word == "CA" else word for word in words]
    async with served(start, TWO_TENANTS) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        code, text = await order(proxy, "end", one.id, "--admin-token", token, *words)
        assert code == status and said in text and "Try: " in text and TOKEN not in text
        await one.turn()
        assert ordered(proxy) == []
