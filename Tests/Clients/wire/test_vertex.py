"""Vertex: access tokens from a service account's key or the metadata server, fetched beforehand."""

import asyncio
import http.client
import json
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from relay import closed
from rest_gemini import RESTGemini
from tenants import Session, Tenants, tenants
from token_server import VERTEX_PATH as PATH
from token_server import TokenServer
from watching import until
from websockets.exceptions import InvalidStatus

KEY = "acme-client-key"
MATCH = "match: { keys: [env:ACME_KEY] }\n"


@pytest.fixture(scope="module")
def private_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def account(tmp_path, private_key, monkeypatch):
    """A service account's key file, and the server that takes its word."""
    monkeypatch.setenv("ACME_KEY", KEY)
    server = TokenServer(private_key.public_key())
    pem = private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    server.file = tmp_path / "sa.json"
    server.contents = {
        "type": "service_account",
        "private_key_id": "key-1",
        "private_key": pem,
        "client_email": "live@acme.iam.gserviceaccount.com",
        "token_uri": f"http://127.0.0.1:{server.port}/token",
    }
    server.file.write_text(json.dumps(server.contents, indent=2))
    server.policy = {
        "acme.yaml": f"{MATCH}upstream: {{ url: UPSTREAM, credentials: 'file:{server.file}' }}"
    }
    yield server
    server.server.shutdown()


async def opened(proxy, gemini, seconds=20):
    """A session as soon as there is one to have."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await Session.open(proxy, gemini, KEY, path=PATH)
            except InvalidStatus as refused:
                assert refused.response.status_code in (502, 503)
                assert b"access token" in refused.response.body
                await asyncio.sleep(0.05)


def bearer(gemini):
    request = gemini.requests[-1]
    assert "x-goog-api-key" not in request.headers and KEY not in request.path
    return request.headers["Authorization"]


async def test_a_service_account_s_token_goes_to_gemini(start, account):
    async with tenants(start, account.policy) as (gemini, proxy):
        await opened(proxy, gemini)
        assert bearer(gemini) == "Bearer ya29.token-1"
        # One token serves everybody.
        for _ in range(5):
            await opened(proxy, gemini)
        assert bearer(gemini) == "Bearer ya29.token-1" and len(account.questions) == 1
        question = account.questions[0]
        assert question["iss"] == "live@acme.iam.gserviceaccount.com"
        assert question["scope"] == "https://www.googleapis.com/auth/cloud-platform"
        assert question["aud"] == account.contents["token_uri"]
        assert question["exp"] - question["iat"] == 3600
        assert abs(question["iat"] - time.time()) < 60
        assert gemini.requests[0].path == PATH


async def test_tokens_are_refreshed_before_they_expire(start, account):
    account.life = 4
    async with tenants(start, account.policy) as (gemini, proxy):
        seen = set()
        async with asyncio.timeout(30):
            while len(seen) < 3:
                await opened(proxy, gemini)
                seen.add(bearer(gemini))
                await asyncio.sleep(0.2)
        # A refresh that fails does not harm while the last token is good; then sessions say why.
        account.status = 400
        async with asyncio.timeout(30):
            while True:
                try:
                    await (await proxy.connect(KEY, PATH)).close()
                    await asyncio.sleep(0.2)
                except InvalidStatus as refused:
                    assert refused.response.status_code == 502
                    assert b"access token" in refused.response.body
                    break
        account.status = 200
        await opened(proxy, gemini, 60)
        log = proxy.log_path.read_text()
        assert "invalid_grant" in log
        for secret in ("ya29", "PRIVATE KEY", account.questions[0]["assertion"]):
            assert secret not in log


async def test_what_was_opened_with_an_old_token_is_closed(start, account):
    """`upstream.warm`: no session would send that token any more."""
    account.life = 4
    policy = account.policy["acme.yaml"].replace("upstream: {", "upstream: { warm: 1,")
    async with tenants(start, {"acme.yaml": policy}, workers=1) as (gemini, proxy):
        # The first may have dialed twice, for want of a token.
        for _ in range(2):
            await opened(proxy, gemini)
        await until(lambda: proxy.count("warm_connections_total", outcome="dropped") >= 1)
        # Another stands in its place, with the token of then.
        await until(lambda: len(gemini.requests) >= 4)
        tokens = [request.headers["Authorization"] for request in gemini.requests]
        assert tokens[0] != tokens[-1]
        # Not for want of a session, which it would have been closed for later.
        assert proxy.count("warm_connections_total", outcome="expired") == 0


async def test_a_token_that_gemini_quotes_is_told_nobody(start, account):
    """The one in use, and the one before it, which a long session was opened with."""
    account.life = 4
    policy = account.policy["acme.yaml"] + "\nrecovery: { attempts: 0 }"
    async with tenants(start, {"acme.yaml": policy}, "--log-level", "debug") as (gemini, proxy):
        first = await opened(proxy, gemini)
        old = bearer(gemini).removeprefix("Bearer ")
        async with asyncio.timeout(30):
            while bearer(gemini).removeprefix("Bearer ") == old:
                last = await opened(proxy, gemini)
                await asyncio.sleep(0.2)
        new = bearer(gemini).removeprefix("Bearer ")
        for session, token in ((first, old), (last, new), (await opened(proxy, gemini), new.replace(".", "%2E"))):
            await session.gemini.close(1008, f"The token '{token}' has been revoked")
            assert await closed(session.client) == (1008, "The token '[redacted]' has been revoked")
        await until(lambda: proxy.log_path.read_text().count("session ended") >= 3)
        left = proxy.left()
        assert any(name.endswith("ledger.db") for name in map(str, left))
        for name, contents in left.items():
            assert old.encode() not in contents and new.encode() not in contents, name


async def test_a_slow_token_server_slows_nobody_else(start, account, monkeypatch):
    account.delay = 15
    policies = account.policy | {
        "other.yaml": "match: { keys: [env:OTHER_KEY] }\nupstream: { url: UPSTREAM }"
    }
    monkeypatch.setenv("OTHER_KEY", "other-key")
    async with tenants(start, policies, workers=1) as (gemini, proxy):
        for _ in range(5):
            await (await Session.open(proxy, gemini, "other-key")).turn()
        assert len(account.questions) <= 1
        with pytest.raises(InvalidStatus) as info:
            await proxy.connect(KEY, PATH)
        assert b"still being fetched" in info.value.response.body
        account.goes_on.set()
        await opened(proxy, gemini, 60)


async def test_a_new_key_file_is_read(start, account):
    async with tenants(start, account.policy) as (gemini, proxy):
        await opened(proxy, gemini)
        made = account.file.with_suffix(".new")
        made.write_text(json.dumps(account.contents | {"client_email": "new@acme.example"}))
        made.rename(account.file)
        async with asyncio.timeout(20):
            while len(account.questions) < 2:
                await asyncio.sleep(0.1)
        assert account.questions[1]["iss"] == "new@acme.example"
        async with asyncio.timeout(20):
            while True:
                await opened(proxy, gemini)
                if bearer(gemini) == "Bearer ya29.token-2":
                    break


async def test_the_metadata_server_is_asked_as_google_has_it(start, monkeypatch):
    monkeypatch.setenv("ACME_KEY", KEY)
    server = TokenServer()
    # What comes before the answer is none.
    server.interim = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    monkeypatch.setenv("GCE_METADATA_HOST", f"127.0.0.1:{server.port}")
    policy = {"acme.yaml": f"{MATCH}upstream: {{ url: UPSTREAM, credentials: metadata }}"}
    async with tenants(start, policy) as (gemini, proxy):
        await opened(proxy, gemini)
        assert bearer(gemini) == "Bearer ya29.token-1"


@pytest.mark.parametrize(
    "change, words",
    [
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END"}, "cannot sign"),
        ({"token_uri": "http://example.com/token"}, "must be an https URL"),
        ({"token_uri": "http://127.0.0.1:9/token"}, "Connection refused"),
    ],
)
async def test_a_key_file_that_cannot_serve_is_named(start, account, change, words):
    account.file.write_text(json.dumps(account.contents | change))
    async with tenants(start, account.policy) as (gemini, proxy):
        async with asyncio.timeout(20):
            while not any(line["message"] == "no access token" for line in proxy.log()):
                await asyncio.sleep(0.05)
        with pytest.raises(InvalidStatus) as info:
            await proxy.connect(KEY, PATH)
        assert words.encode() in info.value.response.body
        assert b"PRIVATE" not in info.value.response.body + proxy.log_path.read_bytes()
        assert gemini.requests == []


async def test_rest_has_the_token_too(start, account):
    with RESTGemini() as (server, url):
        policy = account.policy["acme.yaml"].replace("UPSTREAM", f"{url}, project: p, rest: pass")
        proxy = start(Tenants, {"acme.yaml": policy})
        path = "/v1/projects/p/locations/l/publishers/google/models/gemini-a:generateContent"
        async with asyncio.timeout(20):
            while not server.requests:
                status = await asyncio.to_thread(post, proxy, path)
                assert status in (200, 502)
        assert server.requests[0]["headers"]["Authorization"] == "Bearer ya29.token-1"


def post(proxy, path):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.listening, timeout=30)
    connection.request("POST", path, b"{}", {"Authorization": f"Bearer {KEY}"})
    return connection.getresponse().status


async def test_rest_reaches_models_of_our_project_and_nothing_else(start, account):
    with RESTGemini() as (server, url):
        policy = account.policy["acme.yaml"].replace("UPSTREAM", f"{url}, project: p, rest: pass")
        proxy = start(Tenants, {"acme.yaml": policy})
        model = "publishers/google/models/gemini-3.8-live:generateContent"
        for path, status in [
            (f"projects/other/locations/l/{model}", 403),
            ("projects/p/locations/l/publishers/anthropic/models/gemini-x:rawPredict", 403),
            ("projects/p/locations/l/customJobs", 404),
            ("projects/p/secrets/a", 404),
            (model.replace("publishers/google/", ""), 404),
        ]:
            assert await asyncio.to_thread(post, proxy, f"/v1/{path}") == status, path
        assert await asyncio.to_thread(post, proxy, f"/v1internal/projects/p/locations/l/{model}") == 404
        assert server.requests == []


async def test_rest_that_cannot_be_sent_is_told_and_counted(start, monkeypatch):
    monkeypatch.setenv("ACME_KEY", KEY)
    # No metadata server, no token.
    monkeypatch.setenv("GCE_METADATA_HOST", "127.0.0.1:9")
    upstream = "url: ws://127.0.0.1:9, credentials: metadata, project: p, rest: pass"
    proxy = start(Tenants, {"acme.yaml": f"{MATCH}upstream: {{ {upstream} }}"})
    path = "/v1/projects/p/locations/l/publishers/google/models/gemini-a:generateContent"
    assert await asyncio.to_thread(post, proxy, path) == 502
    await until(lambda: any(line["message"] == "REST request ended" for line in proxy.log()))
    (told,) = [line for line in proxy.log() if line["message"] == "REST request ended"]
    assert (told["tenant"], told["outcome"], told["status"]) == ("acme", "unanswered", 502)
    assert "gemini cannot be reached" in told["why"] and "access token" in told["why"]
    counted = [
        line for line in proxy.metrics().splitlines()
        if line.startswith("turnkeeper_rest_requests_total{") and 'outcome="unanswered"' in line
    ]
    assert sum(float(line.rsplit(" ", 1)[1]) for line in counted) == 1, counted


async def test_a_reload_with_a_key_file_that_is_none_changes_nothing(start, account, tmp_path):
    async with tenants(start, account.policy) as (gemini, proxy):
        await opened(proxy, gemini)
        wrong = tmp_path / "wrong.json"
        wrong.write_text("{}")
        policy = account.policy["acme.yaml"].replace("UPSTREAM", gemini.url)
        await proxy.reload({"acme.yaml": policy.replace(str(account.file), str(wrong))})
        (told,) = [line for line in proxy.log() if line["message"] == "policy not reloaded"]
        assert "acme.yaml:2:" in told["error"] and "not a service account" in told["error"]
        await opened(proxy, gemini)
        assert bearer(gemini) == "Bearer ya29.token-1"
