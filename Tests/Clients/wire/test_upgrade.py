"""What passes through the upgrade, and what does not."""

import asyncio
import contextlib
import json
import ssl
import urllib.error
import urllib.request

import pytest
from relay import SETUP, SOON, Raw, frame, relay, soon, upgrade_request
from turnkeeper import PATH, SERVICE, Proxy
from websockets.asyncio.client import connect
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response

VERTEX = "google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
CONSTRAINED = "google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained"


@pytest.mark.parametrize(
    "path",
    [
        PATH,
        f"//ws/{SERVICE}",
        f"/gemini/ws/{SERVICE}",
        f"//a/b//ws/{SERVICE}?key=k",
        f"/ws/{SERVICE.replace('v1beta', 'v1')}",
        f"/ws/{SERVICE.replace('v1beta', 'v1alpha')}?key=AIza-test_key",
        f"//ws/{SERVICE}?key=a&key=b",
        f"/ws/{SERVICE}?",
        f"/ws/{SERVICE}?alt=%7E~+%20&empty=&x=%zz&a/b?c=d'e",
        f"/ws/{CONSTRAINED}?access_token=auth_tokens%2Fabc%3D%3D",
        f"/ws/{VERTEX}",
        f"/ws/{VERTEX.replace('v1beta1', 'v1')}/locations/europe-west4",
        f"/ws/{SERVICE}?long=" + "a" * 4000,
    ],
)
async def test_path_and_query_arrive_byte_for_byte(start, path):
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both, path=path)
        # Gemini's path has no doubled slashes; whatever stands in front of it was for others.
        assert connection.request.path == path[path.index("/ws/") :]
        raw.close()


async def test_headers_pass_but_for_those_of_the_hop(start):
    passed = [
        ("x-goog-api-key", "AIza-test_key"),
        ("Authorization", "Token auth_tokens/abc=="),
        ("x-goog-user-project", "project-1"),
        ("x-goog-api-client", "google-genai-sdk/3.4.0 gl-python/3.11 livekit-agents/1.8"),
        ("X-Firebase-AppCheck", "token"),
        ("Content-Type", "application/json"),
        ("User-Agent", "google-genai-sdk/3.4.0 gl-python/3.11"),
    ]
    async with relay(start) as both:
        client, connection = await both.session(
            additional_headers=passed, user_agent_header=None
        )
        arrived = connection.request.headers
        for name, value in passed:
            assert arrived.get_all(name) == [value], name
        assert arrived["Host"] == f"127.0.0.1:{both.gemini.port}"
        assert arrived["Sec-WebSocket-Key"] != client.request.headers["Sec-WebSocket-Key"]
        assert "Sec-WebSocket-Extensions" not in arrived, "each leg negotiates on its own"
        assert "Sec-WebSocket-Extensions" not in client.response.headers


async def test_every_session_has_an_id(start):
    async with relay(start) as both:
        ids = set()
        for _ in range(5):
            client, _ = await both.session()
            ids.add(client.response.headers["x-turnkeeper-session"])
        assert len(ids) == 5 and all(ids)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["live"], "live"),
        (["live", "chat"], "chat"),
        # Browsers drop a connection whose offer is ignored.
        (["live", "chat"], None),
        ([f"protocol-number-{n}" for n in range(40)], "protocol-number-39"),
    ],
    ids=["one", "the second", "none", "a long list"],
)
async def test_subprotocol_is_the_one_gemini_chose(start, offered, chosen):
    def choose(_, asked):
        assert list(asked) == offered
        return chosen

    async with relay(start, subprotocols=offered, select_subprotocol=choose) as both:
        client, connection = await both.session(subprotocols=offered)
        assert client.subprotocol == (chosen or offered[0])
        await both.assert_passes(client, connection)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_refusal_of_the_upgrade_is_passed_on(start, status):
    body = json.dumps({"error": {"code": status, "message": "no"}}).encode()

    def refuse(_, request):
        headers = Headers(
            {"Content-Type": "application/json", "Content-Length": str(len(body))}
        )
        return Response(status, "No", headers, body)

    async with relay(start, process_request=refuse) as both:
        with pytest.raises(InvalidStatus) as refused:
            await soon(both.connect())
        assert refused.value.response.status_code == status
        assert bytes(refused.value.response.body) == body


async def test_nobody_listens_upstream(start):
    """The client hears of it, in words, and not by a hang."""
    proxy = start(Proxy, "ws://127.0.0.1:9")
    try:
        async with asyncio.timeout(SOON):
            async with connect(proxy.ws + PATH, proxy=None) as client:
                await client.send(json.dumps(SETUP))
                with pytest.raises(ConnectionClosed) as ended:
                    await client.recv()
        assert ended.value.rcvd.code in (1011, 1013, 1014) and ended.value.rcvd.reason
    except InvalidStatus as refused:
        assert refused.response.status_code in (502, 503, 504)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_one_port_takes_tls_and_plaintext(start, host):
    async with relay(start) as both:
        url = f"wss://{host}:{both.proxy.listening}{PATH}"
        async with connect(url, ssl=both.proxy.trust(), proxy=None) as secure:
            await secure.send(json.dumps(SETUP))
            over_tls = await both.gemini.accepted()
            await soon(secure.recv())
            plain, connection = await both.session()
            await both.assert_passes(secure, over_tls)
            await both.assert_passes(plain, connection)


async def test_the_certificate_names_nobody_else(start):
    proxy = start(Proxy, "ws://127.0.0.1:9")
    context = proxy.trust()
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(proxy.wss + PATH, ssl=context, server_hostname="example.com", proxy=None)
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(proxy.wss + PATH, ssl=ssl.create_default_context(), proxy=None)


async def test_development_key_is_for_its_owner_only(start):
    proxy = start(Proxy, "ws://127.0.0.1:9")
    secret = [
        path
        for path in proxy.data.rglob("*")
        if path.is_file() and b"PRIVATE KEY" in path.read_bytes()
    ]
    assert secret
    for path in secret:
        assert path.stat().st_mode & 0o077 == 0, path


async def test_development_ca_outlives_a_restart(start):
    """Clients keep trusting the file they were given."""
    proxy = start(Proxy, "ws://127.0.0.1:9")
    before = proxy.ca.read_bytes()
    proxy.end()
    again = start(Proxy, "ws://127.0.0.1:9", data=proxy.data)
    assert again.ca.read_bytes() == before


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", 200), ("/readyz", 200), ("/", 404), ("/models", 404)]
)
async def test_plain_http_on_the_data_port(start, path, status):
    proxy = start(Proxy, "ws://127.0.0.1:9")

    def get():
        try:
            with urllib.request.urlopen(proxy.http + path, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    code, body = await asyncio.to_thread(get)
    assert code == status
    if status == 404:
        assert isinstance(json.loads(body), dict)


async def test_upgrade_in_single_bytes(start):
    async with relay(start) as both:
        raw = await Raw.open(both.proxy)
        for byte in upgrade_request():
            raw.send(bytes([byte]))
            await raw.writer.drain()
            await asyncio.sleep(0)
        assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
        raw.close()


async def test_upgrade_and_first_frame_in_one_segment(start):
    """Clients that do not wait for the 101 lose nothing."""
    async with relay(start) as both:
        raw = await Raw.open(both.proxy)
        raw.send(upgrade_request() + frame(0x1, json.dumps(SETUP).encode()))
        assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
        await both.gemini.accepted()
        assert json.loads(both.gemini.setups[0]) == SETUP
        _, payload = await raw.frame()
        assert json.loads(payload) == {"setupComplete": {}}
        raw.close()


async def test_client_that_vanishes_during_the_upgrade(start):
    async with relay(start) as both:
        for _ in range(20):
            raw = await Raw.open(both.proxy)
            raw.send(upgrade_request()[:-10])
            await raw.writer.drain()
            raw.writer.transport.abort()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(both.gemini._connections.get(), 0.3)
            raise AssertionError("half a request reached gemini")
        client, connection = await both.session()
        await both.assert_passes(client, connection)
