"""A client whose base URL serves both Live and REST: REST is streamed through, the key swapped."""

import hashlib
import http.client
import json
import signal
import socket
import time

import pytest
from google import genai
from google.genai import errors, types
from rest_gemini import RESTGemini
from tenants import Tenants

CLIENT_KEY, GEMINI_KEY = "acme-client-key", "the-real-gemini-key"


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", CLIENT_KEY)
    monkeypatch.setenv("GEMINI_KEY", GEMINI_KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def rest():
    with RESTGemini() as (server, url):
        server.url = url
        yield server


@pytest.fixture
def proxy(start, rest):
    upstream = f"url: {rest.url}, key: env:GEMINI_KEY"
    return start(
        Tenants,
        {
            "acme.yaml": f"match: {{ keys: [env:ACME_KEY] }}\n"
            f"upstream: {{ {upstream}, rest: pass }}\nlimits: {{ buffer: 1MiB }}",
            "refused.yaml": f"match: {{ keys: [sha256:{hashlib.sha256(b'live-only').hexdigest()}] }}"
            f"\nupstream: {{ {upstream} }}",
        },
    )


def sdk(proxy, key=CLIENT_KEY, **options):
    return genai.Client(
        api_key=key, http_options=types.HttpOptions(base_url=proxy.http, **options)
    )


def ask(proxy, method, path, body=None, headers=None, key=CLIENT_KEY):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.listening, timeout=30)
    connection.request(method, path, body, {"x-goog-api-key": key} | (headers or {}))
    return connection.getresponse()


def test_the_sdk_generates(proxy, rest):
    client = sdk(proxy)
    reply = client.models.generate_content(model="gemini-3.8-flash", contents="hello")
    assert reply.text == "whole"
    seen = rest.requests[0]
    assert seen["headers"]["x-goog-api-key"] == GEMINI_KEY
    assert seen["headers"]["Host"] == rest.url.removeprefix("ws://")
    assert CLIENT_KEY not in json.dumps(seen["headers"])
    assert json.loads(seen["body"])["contents"][0]["parts"] == [{"text": "hello"}]


def test_the_sdk_streams_as_it_comes(proxy, rest):
    words = []
    client = sdk(proxy)
    stream = client.models.generate_content_stream(model="gemini-3.8-flash", contents="hello")
    for chunk in stream:
        words.append(chunk.text)
        # Gemini goes on only now, so this chunk was not waiting for another.
        rest.go_on.release()
    assert words == ["one", "two", "three"]


@pytest.mark.parametrize(
    "place, header",
    [
        ("/v1beta/files/digest?key=KEY&alt=json", {}),
        ("/v1alpha/files/digest?alt=json&access_token=KEY", {}),
        ("/v1/files/digest?alt=json", {"Authorization": "Bearer KEY"}),
        ("/upload/v1beta/files/digest?alt=json", {"Authorization": "Token KEY"}),
        ("/v1beta1/files/digest?alt=json", {"X-Goog-Api-Key": "KEY"}),
    ],
)
def test_the_key_is_found_and_swapped_wherever_it_is(proxy, rest, place, header):
    headers = {name: value.replace("KEY", CLIENT_KEY) for name, value in header.items()}
    connection = http.client.HTTPConnection("127.0.0.1", proxy.listening, timeout=30)
    connection.request("POST", place.replace("KEY", CLIENT_KEY), b"{}", headers)
    assert connection.getresponse().status == 200
    seen = rest.requests[0]
    assert CLIENT_KEY not in json.dumps([seen["headers"], seen["path"]])
    assert seen["headers"]["x-goog-api-key"] == GEMINI_KEY and seen["path"].endswith("?alt=json")


def test_large_bodies_pass_both_ways(proxy, rest):
    body = bytes(range(256)) * (4096 * 40)
    reply = json.load(ask(proxy, "POST", "/v1beta/files/digest", body))
    assert reply == {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
    pieces = [body[:100_000], b"", body[100_000:3_000_000], body[3_000_000:]]
    reply = json.load(ask(proxy, "PUT", "/v1beta/files/digest", (p for p in pieces if p)))
    assert reply == {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
    large = ask(proxy, "GET", "/v1beta/files/large").read()
    assert len(large) == 64 << 20 and large.count(b"y") == len(large)


def test_a_client_that_does_not_read_slows_gemini_down(proxy, rest):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 10)
    client.connect(("127.0.0.1", proxy.listening))
    client.sendall(
        f"GET /v1beta/files/large HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {CLIENT_KEY}\r\n\r\n".encode()
    )
    client.recv(1000)
    time.sleep(2)
    # What the sockets and limits.buffer hold between them, and no more.
    assert rest.written < 32
    # Others are served meanwhile, and who has waited gets the rest.
    assert json.load(ask(proxy, "POST", "/v1beta/files/digest", b"1"))["size"] == 1
    got = 0
    while piece := client.recv(1 << 20):
        got += len(piece)
    assert got > (64 << 20) - 1000


def test_other_shapes_of_answers(proxy):
    squeezed = ask(proxy, "GET", "/v1beta/gzip")
    assert squeezed.headers["Content-Encoding"] == "gzip" and squeezed.headers["Set-Cookie"] == "a=b"
    assert ask(proxy, "GET", "/v1beta/until-close").read() == b"x" * 100_000
    head = ask(proxy, "HEAD", "/v1beta/gzip")
    assert head.status == 200 and head.read() == b""
    assert ask(proxy, "DELETE", "/v1beta/nothing").status == 404
    early = ask(proxy, "POST", "/v1beta/files/reads-nothing", b"z" * 100)
    assert early.status == 413
    waited = ask(proxy, "POST", "/v1beta/files/digest", b"12", {"Expect": "100-continue"})
    assert json.load(waited)["size"] == 2
    # One that waits for leave to send its body.
    polite = socket.create_connection(("127.0.0.1", proxy.listening), timeout=20)
    polite.sendall(
        f"POST /v1beta/files/digest HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {CLIENT_KEY}\r\n"
        "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n".encode()
    )
    assert polite.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    polite.sendall(b"12")
    assert polite.recv(100).startswith(b"HTTP/1.1 200 ")


def test_failures_are_told(start, proxy, rest):
    silent = ask(proxy, "GET", "/v1beta/silent")
    assert silent.status == 502
    error = json.load(silent)["error"]
    assert error["code"] == 502 and error["status"] == "UNAVAILABLE"
    cut = ask(proxy, "GET", "/v1beta/cut")
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        cut.read()
    nobody = start(
        Tenants,
        {
            "acme.yaml": "match: { keys: [env:ACME_KEY] }\n"
            "upstream: { url: ws://127.0.0.1:9, key: env:GEMINI_KEY, rest: pass }"
        },
    )
    unreachable = ask(nobody, "POST", "/v1beta/files/digest", b"{}")
    assert unreachable.status == 502 and "error" in json.load(unreachable)
    client = sdk(nobody)
    with pytest.raises(errors.ServerError):
        client.models.generate_content(model="gemini-3.8-flash", contents="hello")


def test_who_may_not_is_refused_before_anything_is_dialed(proxy, rest):
    wrong = ask(proxy, "POST", "/v1beta/models/gemini-a:generateContent", b"{}", key="wrong")
    assert wrong.status == 401 and json.load(wrong)["error"]["status"] == "UNAUTHENTICATED"
    client = sdk(proxy, key="live-only")
    with pytest.raises(errors.ClientError) as refused:
        client.models.generate_content(model="a", contents="hello")
    assert refused.value.code == 403 and "upstream.rest" in refused.value.message
    assert ask(proxy, "GET", "/favicon.ico").status == 404
    assert ask(proxy, "GET", "/v1beta").status == 404
    assert rest.requests == []


def test_only_models_that_the_policy_allows_are_reached(proxy, rest):
    """By default `gemini-*` of Google's, whatever stands around the name."""
    for path in [
        "v1beta/models/other:generateContent",
        "v1beta/models/other",
        "v1beta/tunedModels/secret:generateContent",
        "v1/publishers/anthropic/models/gemini-x:rawPredict",
        "v1beta/openai/chat/completions",
        "v1beta/interactions",
        # These name theirs in the body.
        "v1beta/cachedContents",
        "v1beta/tunedModels",
        "v1beta/fileSearchStores",
        "v1beta/of-tomorrow",
    ]:
        refused = ask(proxy, "POST", f"/{path}", b"{}")
        assert refused.status == 403 and "models.allow" in refused.read().decode(), path
    foreign = "v1beta/projects/other/locations/us/publishers/google/models/gemini-3.8-live:predict"
    assert ask(proxy, "POST", f"/{foreign}", b"{}").status == 403
    assert ask(proxy, "POST", "/v1internal/models/gemini-3.8-live:generateContent").status == 404
    assert rest.requests == []
    assert proxy.count("refusals_total", code="403", reason="models.allow") == 10


def test_a_key_that_is_passed_on_serves_rest_by_default(start, rest):
    proxy = start(Tenants, {"default.yaml": f"upstream: {{ url: {rest.url} }}"})
    client = sdk(proxy, key="their-own")
    reply = client.models.generate_content(model="a", contents="hello")
    assert reply.text == "whole"
    assert rest.requests[0]["headers"]["x-goog-api-key"] == "their-own"


def test_a_wrong_seal_makes_an_upload_nobodys(start, rest):
    """Where strangers are served, it must not become a stranger's request."""
    proxy = start(
        Tenants,
        {
            "default.yaml": f"match: {{ anyone: true }}\nupstream: {{ url: {rest.url} }}",
            "acme.yaml": "match: { keys: [env:ACME_KEY] }\n"
            f"upstream: {{ url: {rest.url}, key: env:GEMINI_KEY, rest: pass }}",
        },
    )
    for expires in (1, int(time.time()) + 1000):
        seal = f"turnkeeper={expires}.{'ab' * 16}.{b'acme'.hex()}"
        for query in (seal, f"upload_id=x&{seal}", f"{seal}&upload_id=x"):
            for headers in ({}, {"x-goog-api-key": CLIENT_KEY}):
                connection = http.client.HTTPConnection("127.0.0.1", proxy.listening, timeout=30)
                connection.request("PUT", f"/upload/v1beta/files?{query}", b"sound", headers)
                answer = connection.getresponse()
                assert answer.status == 410, (query, headers)
                assert "expired" in json.load(answer)["error"]["message"]
    assert rest.requests == []
    assert proxy.count("refusals_total", code="410", reason="upload") == 12
    assert '"reason":"upload"' in proxy.log_path.read_text()


def test_framings_that_could_be_read_twice_are_refused(proxy, rest):
    for framing in (
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Content-Length: 1\r\nContent-Length: 2",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ):
        client = socket.create_connection(("127.0.0.1", proxy.listening), timeout=20)
        client.sendall(
            f"POST /v1beta/files/digest HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {CLIENT_KEY}\r\n"
            f"{framing}\r\n\r\n0\r\n\r\n".encode()
        )
        assert client.recv(12)[9:12] in (b"400", b"501")
    # A second request in the same breath is nobody's: one to a connection.
    client = socket.create_connection(("127.0.0.1", proxy.listening), timeout=20)
    one = f"POST /v1beta/files/digest HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {CLIENT_KEY}\r\n"
    client.sendall((f"{one}Content-Length: 1\r\n\r\n1" + f"{one}Content-Length: 1\r\n\r\n2").encode())
    whole = b""
    while piece := client.recv(1 << 16):
        whole += piece
    assert whole.count(b"HTTP/1.1 200") == 1 and len(rest.requests) == 1
    # Chunks that are none.
    client = socket.create_connection(("127.0.0.1", proxy.listening), timeout=20)
    client.sendall(f"{one}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode())
    assert client.recv(12)[9:12] == b"400"


@pytest.mark.parametrize(
    "options, forwarded, scheme",
    [
        ((), {}, "http"),
        # Anybody can say so.
        ((), {"X-Forwarded-Proto": "https"}, "http"),
        (("--balancers", "127.0.0.1"), {"X-Forwarded-Proto": "https"}, "https"),
        (("--balancers", "127.0.0.1"), {"X-Forwarded-Proto": "HTTPS"}, "https"),
        (("--balancers", "127.0.0.1"), {"X-Forwarded-Proto": "http"}, "http"),
        (("--balancers", "127.0.0.1"), {}, "http"),
    ],
)
def test_an_upload_goes_on_by_the_scheme_that_the_client_used(start, rest, options, forwarded, scheme):
    proxy = start(Tenants, {"acme.yaml": acme(rest)}, *options)
    begin = {"Host": "voice.example.com:8443", "X-Goog-Upload-Command": "start"}
    for prefix in ("", "/kept", "/api/v1"):
        begun = ask(proxy, "POST", f"{prefix}/upload/v1beta/files", b"{}", begin | forwarded)
        link = begun.headers["X-Goog-Upload-URL"]
        assert link.startswith(f"{scheme}://voice.example.com:8443{prefix}/upload/v1beta/files?upload_id="), link


def test_an_upload_of_a_client_that_names_no_host_is_refused(proxy):
    """HTTP/1.0 allows it; there is no address then where it could go on."""
    client = socket.create_connection(("127.0.0.1", proxy.listening), timeout=20)
    client.sendall(
        f"POST /upload/v1beta/files HTTP/1.0\r\nx-goog-api-key: {CLIENT_KEY}\r\n"
        "X-Goog-Upload-Command: start\r\nContent-Length: 0\r\n\r\n".encode()
    )
    answer = b""
    while piece := client.recv(1 << 16):
        answer += piece
    assert answer[9:12] == b"502" and b"http://" not in answer, answer


PAGE = "https://app.acme.example"


def acme(rest, match=""):
    return (
        f"match: {{ keys: [env:ACME_KEY], {match} }}\n"
        f"upstream: {{ url: {rest.url}, key: env:GEMINI_KEY, rest: pass }}"
    )


def is_readable(answer, origin=PAGE):
    """Whether a browser shows it to a page of this origin, once only: two values are none."""
    allowed = answer.headers.get_all("Access-Control-Allow-Origin") or []
    assert all(value != "*" for value in allowed)
    return allowed == [origin] and "Origin" in (answer.headers.get("Vary") or "")


def test_a_page_reads_every_answer_if_its_origin_is_let_in(start, rest):
    proxy = start(Tenants, {"acme.yaml": acme(rest, f"origins: ['{PAGE}']")})
    rest.go_on.release(3)
    asked = [
        ("POST", "/v1beta/models/gemini-a:generateContent", 200),
        ("POST", "/v1beta/models/gemini-a:streamGenerateContent", 200),
        ("GET", "/v1beta/files/until-close", 200),
        ("GET", "/v1beta/nothing", 404),
        ("GET", "/v1beta/files/silent", 502),
        ("POST", "/v1beta/models/other:generateContent", 403),
        ("POST", "/v1beta/files/reads-nothing", 413),
    ]
    for method, path, status in asked:
        answer = ask(proxy, method, path, b"{}", {"Origin": PAGE})
        assert answer.status == status and is_readable(answer), (path, answer.status, answer.headers.items())
    wrong = ask(proxy, "GET", "/v1beta/files", None, {"Origin": PAGE}, key="wrong")
    assert wrong.status == 401 and is_readable(wrong)
    begun = ask(proxy, "POST", "/upload/v1beta/files", b"", {"Origin": PAGE, "X-Goog-Upload-Command": "start"})
    assert is_readable(begun) and "x-goog-upload-url" in begun.headers["Access-Control-Expose-Headers"]
    evil = ask(proxy, "GET", "/v1beta/files", None, {"Origin": "https://evil.example"})
    assert evil.status == 403 and evil.headers["Access-Control-Allow-Origin"] is None


def test_a_page_reads_that_the_server_is_going_away(start, rest):
    proxy = start(Tenants, {"acme.yaml": acme(rest, f"origins: ['{PAGE}']")})
    # It holds the server up.
    stream = ask(proxy, "POST", "/v1beta/models/gemini-a:streamGenerateContent", b"{}")
    late = {origin: http.client.HTTPConnection("127.0.0.1", proxy.listening, timeout=30) for origin in (PAGE, "https://evil.example")}
    for connection in late.values():
        connection.connect()
    # Accepted, as it has answered one that came later.
    assert ask(proxy, "GET", "/v1beta/nothing").status == 404
    proxy.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 30
    while "draining" not in proxy.log_path.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    for origin, connection in late.items():
        connection.request("GET", "/v1beta/files", None, {"x-goog-api-key": CLIENT_KEY, "Origin": origin})
        answer = connection.getresponse()
        assert answer.status == 503 and answer.headers["Retry-After"] == "1"
        assert is_readable(answer) == (origin == PAGE)
    rest.go_on.release(3)
    assert b"three" in stream.read()
    proxy.end()


def test_a_refusal_behind_a_balancer_names_the_client(start):
    policies = {"acme.yaml": f"match: {{ keys: [sha256:{'0' * 64}] }}"}
    proxy = start(Tenants, policies, "--balancers", "127.0.0.0/8")
    through = {"X-Forwarded-For": "203.0.113.9"}
    assert ask(proxy, "GET", "/v1beta/models", headers=through, key="nobody-s").status == 401
    deadline = time.monotonic() + 30
    while "session refused" not in proxy.log_path.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    (line,) = [line for line in proxy.log_path.read_text().splitlines() if "session refused" in line]
    assert "203.0.113.9" in line and "127.0.0.1" not in line
