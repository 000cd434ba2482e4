"""A whole run with every kind of secret in play; then a search for any of them in all that is left."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import urllib.request

import heard
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from relay import closed, soon, text
from rest_gemini import RESTGemini
from tenants import CONSTRAINED, Minter, Session, Tenants, tenants
from token_server import VERTEX_PATH, TokenServer
from turnkeeper import PATH
from watching import until
from websockets.exceptions import ConnectionClosed, InvalidStatus

CLIENT, VERTEX, REST = "client-key-of-acme", "client-key-of-vertex", "client-key-of-rest"
GEMINI, WRONG, THEIRS = "gemini-key-of-acme", "wrong-key-of-nobody", "their-own-gemini-key"


def service_account(tmp_path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    server = TokenServer(key.public_key())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    path = tmp_path / "sa.json"
    path.write_text(
        json.dumps(
            {
                "type": "service_account",
                "private_key_id": "key-1",
                "private_key": pem,
                "client_email": "live@acme.example",
                "token_uri": f"http://127.0.0.1:{server.port}/token",
            }
        )
    )
    return server, path, pem


def request(proxy, method, path, headers, body=b"{}"):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.listening, timeout=30)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return repr((response.status, response.getheaders(), response.read()))


async def test_no_secret_is_left_anywhere(start, tmp_path, monkeypatch):
    for name, value in {
        "ACME_KEY": CLIENT,
        "VERTEX_KEY": VERTEX,
        "REST_KEY": REST,
        "GEMINI_KEY": GEMINI,
        "NO_PROXY": "127.0.0.1,localhost",
    }.items():
        monkeypatch.setenv(name, value)
    server, account, pem = service_account(tmp_path)
    pages, secrets = [], [CLIENT, VERTEX, REST, GEMINI, WRONG, THEIRS, "ya29.token-1"]
    with RESTGemini() as (_, rest):
        own = "upstream: { url: UPSTREAM, key: env:GEMINI_KEY }\n"
        files = {
            "acme.yaml": f"match: {{ keys: [env:ACME_KEY] }}\n{own}"
            "limits: { sessions: 2, message: 64KiB }\nlog: { tool_arguments: true }",
            "vertex.yaml": "match: { keys: [env:VERTEX_KEY] }\n"
            f"upstream: {{ url: UPSTREAM, credentials: 'file:{account}' }}",
            "rest.yaml": "match: { keys: [env:REST_KEY] }\n"
            f"upstream: {{ url: {rest}, key: env:GEMINI_KEY, rest: pass }}",
        }
        async with tenants(start, files, "--log-level", "debug") as (gemini, proxy):
            await converse(proxy, gemini, pages, secrets)
            await fail(proxy, rest, pages, secrets)
            with urllib.request.urlopen(proxy.admin + "/metrics", timeout=10) as answer:
                pages.append(answer.read().decode())
            await proxy.reload({"acme.yaml": "match: { keys: [wrong-key-of-nobody] }"})
            await asyncio.sleep(1.5)
            proxy.was_ended = True
            proxy.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(proxy.process.wait, 40)
            passed = start(Tenants, {"default.yaml": f"upstream: {{ url: {gemini.url} }}"})
            await (await Session.open(passed, gemini, THEIRS)).turn()
            await asyncio.sleep(1.5)
    secrets += [line for line in pem.splitlines() if len(line) > 40 and "PRIVATE" not in line]
    secrets += [question["assertion"] for question in server.questions]
    assert len(secrets) > 30
    left = {"pages": "\n".join(pages).encode()}
    for run in (proxy, passed):
        left[f"log {run.listening}"] = run.log_path.read_bytes()
        left[f"stdout {run.listening}"] = "\n".join(run.lines).encode()
        for path in run.data.rglob("*"):
            if path.is_file():
                left[str(path)] = path.read_bytes()
    assert any(name.endswith("ledger.db") for name in left) and len(left["pages"]) > 3000
    assert any(name.endswith("state.db") for name in left)
    for name, contents in left.items():
        for secret in secrets:
            assert secret.encode() not in contents, (name, secret)


async def converse(proxy, gemini, pages, secrets):
    """What goes well: sessions by key, token and access token; a token that is used up."""
    acme = await Session.open(proxy, gemini, CLIENT)
    await acme.turn(0.1)
    token = await Minter(proxy, CLIENT)(uses=1)
    secrets.append(token)
    secrets.append(token.removeprefix("auth_tokens/"))
    path = f"{CONSTRAINED}?access_token={token}"
    second = await Session.open(proxy, gemini, None, path=path)
    await second.turn(0.1)
    with contextlib.suppress(InvalidStatus):
        await proxy.connect(CLIENT)
    await second.client.send(text(70_000))
    pages.append(repr(await closed(second.client)))
    # Its place is free once gemini's side is closed, too.
    client = await patiently(lambda: proxy.connect(None, path), pages)
    await client.send("{}")
    await client.send('{"setup":{}}')
    pages.append(repr(await closed(client)))
    await acme.client.close()
    vertex = await patiently(
        lambda: Session.open(proxy, gemini, VERTEX, path=VERTEX_PATH), pages
    )
    await vertex.turn()
    broken = await Session.open(proxy, gemini, VERTEX, path=VERTEX_PATH + f"?key={VERTEX}")
    await broken.client.send("{")
    pages.append(repr(await closed(broken.client)))


async def patiently(opening, pages):
    """What is refused now may be let in soon; refusals go to `pages`."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await opening()
            except InvalidStatus as refused:
                pages.append(refused.response.body.decode())
                await asyncio.sleep(0.1)


async def fail(proxy, rest, pages, secrets):
    """Refusals and failures, whose words could repeat what they were asked with."""
    for key in (WRONG, secrets[-2]):
        for path, headers in (
            (f"{PATH}?key={key}", {}),
            (f"{PATH}?access_token={key}", {}),
            (PATH, {"Authorization": f"Token {key}"}),
        ):
            client = await proxy.connect(None, path, headers=headers)
            await client.send('{"setup":{}}')
            pages.append(repr((client.response.headers, await closed(client))))
            assert client.close_code == 1007
    for method, path, key in (
        ("POST", "/v1alpha/auth_tokens", WRONG),
        ("POST", f"/v1beta/models/gemini-a:generateContent?key={WRONG}", CLIENT),
        ("POST", "/v1beta/models/gemini-a:generateContent", REST),
        ("GET", "/v1beta/silent", REST),
        ("GET", f"/v1beta/nothing?key={REST}", REST),
        ("GET", f"/nothing?key={CLIENT}", CLIENT),
        ("BAD METHOD", f"/v1beta/x?key={CLIENT}", CLIENT),
    ):
        with contextlib.suppress(ValueError, http.client.HTTPException, ConnectionError):
            pages.append(
                await asyncio.to_thread(request, proxy, method, path, {"x-goog-api-key": key})
            )


async def test_a_secret_that_a_client_says_first_is_not_said_back(start, tmp_path, monkeypatch):
    """A model is named like a secret, or like a piece of one."""
    admin = "an-admin-token-0123456789abcdef"
    token = tmp_path / "token"
    token.write_text(admin)
    token.chmod(0o600)
    for name, value in {"ACME_KEY": CLIENT, "BOLT_KEY": "client-key-of-bolt", "GEMINI_KEY": GEMINI}.items():
        monkeypatch.setenv(name, value)
    upstream = "upstream: { url: UPSTREAM, key: env:GEMINI_KEY }\n"
    policies = {
        "acme.yaml": f"match: {{ keys: [env:ACME_KEY] }}\n{upstream}",
        "bolt.yaml": f"match: {{ keys: [env:BOLT_KEY] }}\n{upstream}models: {{ allow: ['*'] }}\n",
    }
    said = []
    async with tenants(start, policies, "--admin-token", token) as (_, proxy):
        for secret in (admin, GEMINI):
            pieces = [secret, secret[3:], secret[2:-2], secret[:12]]
            for model in pieces + ["gemini-" + piece for piece in pieces]:
                for key in (CLIENT, "client-key-of-bolt"):
                    client = await proxy.connect(key)
                    with contextlib.suppress(ConnectionClosed):
                        await client.send(json.dumps({"setup": {"model": "models/" + model}}))
                        await asyncio.wait_for(client.recv(), 10)
                        await client.close()
                    said.append(repr(await closed(client)))
        for path in ("/api/upstreams", "/api/sessions?limit=100", "/metrics"):
            asked = urllib.request.Request(proxy.admin + path, headers={"Authorization": f"Bearer {admin}"})
            said.append(await asyncio.to_thread(lambda: urllib.request.urlopen(asked).read().decode()))
    assert [what for what in said if admin in what or GEMINI in what] == []
    assert [what for what in said if "[redacted]" in what]
    # Labels of metrics are names.
    for secret in (admin, GEMINI):
        pieces = [secret[n : n + 10] for n in range(len(secret) - 10)]
        assert [piece for piece in pieces if piece in said[-1]] == []


async def test_what_gemini_says_besides_the_conversation_quotes_no_key(start, monkeypatch):
    """Unknown kinds, goAway where it is passed on, reports of usage: the key is overwritten there, and only
    there; where it is not quoted, every byte arrives as it was."""
    for name, value in {"ACME_KEY": CLIENT, "GEMINI_KEY": GEMINI}.items():
        monkeypatch.setenv(name, value)
    policy = (
        "match: { keys: [env:ACME_KEY] }\nupstream: { url: UPSTREAM, key: env:GEMINI_KEY }\n"
        "recovery: { attempts: 0 }\n"
    )
    own = [
        '{"debugInfo": {"authorization":"KEY"} }',
        '{"code":400,"message":"key KEY"}',
        '{"usageMetadata":{"promptTokenCount":1,"x":"KEY"}}',
        '{"serverContent":{"waitingForInput":true},"odd":["KEY"]}',
        '{"goAway":{"timeLeft":"50s","message":"key KEY"}}',
    ]
    said = '{"serverContent":{"modelTurn":{"parts":[{"text":"KEY"}]}}}'
    async with tenants(start, {"acme.yaml": policy}) as (gemini, proxy):
        session = await Session.open(proxy, gemini, CLIENT)
        for message in [said, *own]:
            for key in ("another-word", GEMINI):
                sent = message.replace("KEY", key)
                await session.gemini.send(sent)
                mark = "x" * len(key) if key == GEMINI and message in own else key
                assert await soon(session.client.recv(decode=True)) == message.replace("KEY", mark)
    # One of them was conversation, which is the user's to hear.
    heard.forget()


async def test_a_key_that_is_a_word_takes_no_word_away(start, monkeypatch):
    """Nor does one that begins like a model's name; whole keys are still taken out."""
    keys = {
        "SHORT_KEY": "k9z",
        "WORD_KEY": "session",
        "NAME_KEY": "gemini",
        "MODEL_KEY": "gemini-3.8-live-acme-7777",
        "LONG_KEY": "long-tenant-of-us-1a2b3c4d",
    }
    for name, value in {**keys, "GEMINI_KEY": "gemini-3.8-live-upstream-1"}.items():
        monkeypatch.setenv(name, value)
    files = {
        name.lower().replace("_key", "") + ".yaml": f"match: {{ keys: [env:{name}] }}\n"
        "upstream: { url: UPSTREAM, key: env:GEMINI_KEY }"
        for name in keys
    }
    files["long-tenant-of-us.yaml"] = files.pop("long.yaml")
    setup = {"setup": {"model": "models/gemini-3.8-live"}}
    async with tenants(start, files) as (gemini, proxy):
        for key in keys.values():
            session = await Session.open(proxy, gemini, key, setup)
            await session.turn(0.1)
            await session.client.close()
        quoting = await Session.open(proxy, gemini, keys["MODEL_KEY"], setup)
        await quoting.gemini.close(1008, "API key not valid: gemini-3.8-live-upstr")
        assert (await closed(quoting.client))[1] == "API key not valid: [redacted]"
        with urllib.request.urlopen(proxy.admin + "/metrics", timeout=10) as answer:
            metrics = answer.read().decode()

        def listed():
            with urllib.request.urlopen(proxy.admin + "/api/sessions", timeout=10) as answer:
                return json.load(answer)

        await until(lambda: sum(bool(row["ended"]) for row in listed()) == 6)
        await until(lambda: proxy.log_path.read_text().count('"session ended"') == 6)
        sessions, log = listed(), proxy.log_path.read_text()
    assert {row["tenant"] for row in sessions} == {name.removesuffix(".yaml") for name in files}
    assert {row["model"] for row in sessions} == {"gemini-3.8-live"}
    assert 'tenant="long-tenant-of-us",model="gemini-3.8-live"' in metrics
    endings = [json.loads(line) for line in log.splitlines() if '"session ended"' in line]
    assert [line["model"] for line in endings] == ["models/gemini-3.8-live"] * 6
    assert sorted(line["outcome"] for line in endings) == ["completed"] * 5 + ["gemini_closed"]
    assert {line["client_closed_by"] for line in endings} == {"client", "gemini"}
    for name in ["WORD_KEY", "NAME_KEY"]:
        assert f"match.keys: env:{name} is no secret" in log
    for name in ["SHORT_KEY", "MODEL_KEY", "LONG_KEY", "GEMINI_KEY"]:
        assert f"env:{name} is no secret" not in log


async def test_a_pipe_in_the_place_of_a_key_file_holds_nobody_up(start, tmp_path, monkeypatch):
    for name, value in {"ACME_KEY": CLIENT, "REST_KEY": REST, "GEMINI_KEY": GEMINI}.items():
        monkeypatch.setenv(name, value)
    key = tmp_path / "key"
    key.write_text(GEMINI)
    key.chmod(0o600)
    policies = {
        "acme.yaml": f"match: {{ keys: [env:ACME_KEY] }}\nupstream: {{ url: UPSTREAM, key: 'file:{key}' }}\n",
        "other.yaml": "match: { keys: [env:REST_KEY] }\nupstream: { url: UPSTREAM, key: env:GEMINI_KEY }\n",
    }
    async with tenants(start, policies) as (gemini, proxy):
        await (await Session.open(proxy, gemini, CLIENT)).turn()
        key.unlink()
        os.mkfifo(key, 0o600)
        await proxy.reload({})
        for _ in range(8):
            await (await Session.open(proxy, gemini, REST)).turn()
        # What cannot be read is an error, not a wait.
        with pytest.raises((ConnectionClosed, InvalidStatus)):
            client = await proxy.connect(CLIENT)
            await client.send(json.dumps({"setup": {"model": "models/gemini-3.8-live"}}))
            await asyncio.wait_for(client.recv(), 10)
