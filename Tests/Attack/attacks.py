"""The attacks. Each is given a fresh view of the victim, and raises where something did not hold."""

import base64
import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import sqlite3
import struct
import time

from turnkeeper import PATH
from victim import ACME, BOLT, CONSTRAINED, CORP, KEY, SETUP, TOKEN, UPGRADE

ATTACKS = []


def attack(who, what, **options):
    """Registers an attack: who would try it, and what must hold."""

    def register(run):
        ATTACKS.append((who, what, options, run))
        return run

    return register


def request(method, path, headers="", key=ACME, body="{}", version="1.1"):
    return (
        f"{method} {path} HTTP/{version}\r\nHost: a\r\nx-goog-api-key: {key}\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )


def status(answer):
    return int(answer[9:12]) if answer[:5] == b"HTTP/" else 0


VERTEX = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
SERVICE = PATH.removeprefix("/ws/")


@attack("client", "no path but the Live services is dialed")
def other_paths(victim):
    paths = [
        "/v1beta/files/ws/x",
        "/ws/../v1beta/files",
        "/ws/%2e%2e/v1beta/files",
        f"/ws/{SERVICE.replace('B', '%42')}",
        f"/ws/{SERVICE.replace('.', '%2E', 1)}",
        f"/%2577s/{SERVICE}",
        "/ws/x",
        "/ws/",
        "/v1/projects/corp/locations/us-central1/customJobs/ws/x",
        f"/ws/{SERVICE}/../../v1beta/files",
        f"/ws/{SERVICE}/x",
        f"/ws/{SERVICE}%2f..%2fx",
        f"/ws/{SERVICE};x",
        f"/ws/./{SERVICE}",
        f"/ws\\{SERVICE}",
        f"/%77s/{SERVICE}",
        f"/ws/{SERVICE.replace('Content', 'Content%00')}",
        "/ws/google.ai.generativelanguage.v1beta.FileService.ListFiles",
        f"{VERTEX}/locations/..",
        f"{VERTEX}/projects/x",
        f"/v1beta/models?x=/ws/{SERVICE}",
    ]
    to_vertex(victim)
    before = len(victim.gemini.heads)
    for path in paths:
        for key in (ACME, CORP):
            assert victim.status(path, key=key) in (400, 404), path
    assert len(victim.gemini.heads) == before
    return 2 * len(paths)


def to_vertex(victim):
    """The head that reaches Vertex, once the proxy has its access token."""
    for _ in range(200):
        if victim.status(VERTEX, key=CORP) == 101:
            return victim.gemini.heads[-1]
        time.sleep(0.1)
    raise AssertionError("no access token in time")


@attack("client", "doubled slashes and a kept prefix lead to the one path")
def kept_prefixes(victim):
    paths = [f"//ws/{SERVICE}", f"/gemini/ws/{SERVICE}", f"/a//b/ws/{SERVICE}", f"/ws/ws/{SERVICE}"]
    for path in paths:
        assert victim.status(path) == 101, path
        assert victim.gemini.heads[-1].startswith(f"GET {PATH} ")
    return len(paths)


@attack("client", "beside our key no project, method, routing or second key goes out")
def smuggled_headers(victim):
    headers = {
        "X-Goog-User-Project": "victim",
        "X-Goog-Request-Params": "project=victim",
        "X-HTTP-Method-Override": "DELETE",
        "X-Goog-Iam-Authorization-Token": "t",
        "Authorization": "Bearer other",
        "X-Goog-Api-Key-2": "x",
        "Cookie": "a=b",
        "X-Forwarded-For": "1.2.3.4",
    }
    queries = ["%6bey=x", "key=x", "access_token=x", "$httpHeaders=x-goog-api-key:x", "%24httpHeaders=a", "oauth_token=x", "quotaUser=x", "userProject=x", "KEY=x", "upload_id=1;key=x", "fields=a;userProject=x"]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    for query in queries:
        for send in (
            lambda: victim.ask(request("POST", f"/v1beta/models/gemini-a:generateContent?{query}&alt=sse", lines)),
            lambda: victim.upgrade(f"{PATH}?{query}", headers=lines),
        ):
            send()
            head = victim.gemini.heads[-1]
            fields = [line.split(":")[0].lower() for line in head.split("\r\n")[1:]]
            assert not set(fields) & {name.lower() for name in headers}, head
            assert fields.count("x-goog-api-key") == 1 and query not in head.split("\r\n")[0], head
    assert f"Authorization: Bearer {TOKEN}" in to_vertex(victim).split("\r\n")
    model = "/v1/projects/corp/locations/us-central1/publishers/google/models/gemini-a:generateContent"
    for query in queries:
        for send in (
            lambda: victim.ask(request("POST", f"{model}?{query}&alt=sse", lines, key=CORP)),
            lambda: victim.upgrade(f"{VERTEX}?{query}", key=CORP, headers=lines),
        ):
            before = len(victim.gemini.heads)
            send()
            # Who shows two credentials may be refused as well.
            for head in victim.gemini.heads[before:]:
                fields = [line.split(":")[0].lower() for line in head.split("\r\n")[1:]]
                assert not set(fields) & {name.lower() for name in headers if name != "Authorization"}, head
                assert fields.count("authorization") == 1 and f"Bearer {TOKEN}" in head, head
                assert "x-goog-api-key" not in fields and query not in head.split("\r\n")[0], head
    return 4 * len(queries)


@attack("token holder", "the vendor's tokens are minted here or not at all")
def vendor_tokens(victim):
    before = len(victim.gemini.heads)
    paths = ["auth%5Ftokens", "auth_tokens:create", "AUTH_TOKENS", "authTokens", "auth_tokens/x", "auth_tokens;a", "./auth_tokens", "x/../auth_tokens", "auth%255Ftokens", "auth_tokens%2f"]
    for path in paths:
        assert status(victim.ask(request("POST", f"/v1alpha/{path}"))) in (400, 404), path
    for path in ("auth_tokens", "auth_tokens/", "/auth_tokens//"):
        answer = victim.ask(request("POST", f"/v1alpha/{path}"))
        assert status(answer) == 200 and b"auth_tokens/" in answer, path
    for method in ("GET", "PUT", "DELETE", "TRACE", "CONNECT", "OPTIONS", "get", "M-SEARCH"):
        assert status(victim.ask(request(method, "/v1alpha/auth_tokens"))) in (400, 403, 404, 405)
    assert len(victim.gemini.heads) == before
    return len(paths) + 11


def quotations():
    """Our key as a service may quote it: whole, and cut where a reason ends."""
    percent = "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in KEY)
    every = "".join(f"%{ord(c):02x}" for c in KEY)
    whole = [
        KEY,
        percent,
        re.sub("%..", lambda escape: escape[0].lower(), percent),
        every,
        percent.replace("%", "%25"),
        base64.b64encode(KEY.encode()).decode(),
        base64.urlsafe_b64encode(KEY.encode()).decode(),
        base64.b64encode(b"x" + KEY.encode()).decode(),
        KEY.encode().hex(),
        KEY.replace("/", "\\/"),
        KEY.replace("A", "\\u0041"),
        KEY.replace("-", "&#45;"),
        # Quoted again by somebody else, in parts or as a whole.
        KEY.replace("A", "%5Cu0041").replace("-", "\\u00252D"),
        KEY.replace("-", "%26%2345%3B").replace("/", "%5C%2F"),
        KEY.replace("A", "\\\\u0041").replace("/", "\\\\\\/"),
        KEY.replace("-", "&#37;2D").replace("_", "&lowbar;"),
        KEY.replace("A", "\\u0026#x41;").replace("-", "%u002d"),
    ]
    return whole


@attack("gemini's side", "a reason that quotes our key shows no client anything of it")
def quoted_in_reasons(victim):
    count = 0
    for form in quotations():
        for text in (f"Consumer 'api_key:{form}' suspended", ("x" * 90 + form)):
            victim.gemini.close = (1008, text.encode()[:123])
            code, reason = victim.closed()
            assert "AIzaSyD-" not in reason and form[:24] not in reason, (form, reason)
            count += 1
    for cut in range(8, len(KEY)):
        victim.gemini.close = (1008, ("reason " + KEY[:cut]).encode())
        assert KEY[:8] not in victim.closed()[1]
        count += 1
    victim.gemini.close = None
    return count


@attack("gemini's side", "an answer other than 101 shows its status and our words")
def quoted_in_refusals(victim):
    count = 0
    for code in (400, 401, 403, 404, 429):
        for form in quotations()[:6]:
            body = json.dumps({"error": {"message": f"key {form}"}}).encode()
            victim.gemini.answer = lambda _: (
                f"HTTP/1.1 {code} {form}\r\nX-Echo: {form}\r\nRetry-After: 7\r\nLocation: /{form}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode() + body
            )
            head, client = victim.upgrade()
            body_seen = client.data
            while piece := client.connection.recv(4096):
                body_seen += piece
            victim.said.append(body_seen)
            assert f" {code} " in head and "Retry-After: 7" in head and "X-Echo" not in head, head
            assert b"turnkeeper" in body_seen
            count += 1
    victim.gemini.answer = None
    return count


@attack("gemini's side", "an error of the REST API is passed on without our key")
def quoted_in_rest(victim):
    count = 0
    for code in (200, 400, 403, 500):
        for form in quotations():
            for framing in ("length", "chunked", "close"):
                body = b'{"ok":1}' if code == 200 else json.dumps({"error": {"message": f"key {form}."}}).encode()
                head = f"HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nX-Echo: {form}\r\n"
                if framing == "length":
                    answer = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
                elif framing == "chunked":
                    half = len(body) // 2
                    answer = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
                    for piece in (body[:half], body[half:]):
                        answer += f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
                    answer += b"0\r\n\r\n"
                else:
                    answer = f"{head}\r\n".encode() + body
                victim.gemini.answer = lambda _, answer=answer: answer
                assert status(victim.ask(request("POST", "/v1beta/models/gemini-a:generateContent"))) == code
                count += 1
    victim.gemini.answer = None
    return count


@attack("client", "a wrong key is told so as SDKs can show it, and reaches nobody")
def wrong_keys(victim):
    before = len(victim.gemini.heads)
    for key in ("wrong", ACME + "x", ACME[:-1], ACME.upper(), "auth_tokens/" + "a" * 43, " "):
        code, reason = victim.closed(key=key)
        assert code in (1007, 1008) and "session" in reason, (code, reason)
        assert key.strip() == "" or key not in reason
    assert victim.closed(key=None)[0] == 1008
    assert len(victim.gemini.heads) == before
    return 7


@attack("client", "an id from a log takes no conversation over; nor does a guess")
def taking_over(victim):
    head, client = victim.session()
    name = next(l for l in head.split("\r\n") if l.lower().startswith("x-turnkeeper-session"))
    session, _, secret = name.split(": ")[1].partition(".")
    assert len(secret) >= 22
    assert b"setupComplete" in client.frame()[1]
    shown = [session, session + ".", f"{session}.{secret[:-1]}", f"{session}.{secret}x", f".{secret}", f"{session}.{secret}"]
    for text in shown:
        before = len(victim.gemini.setups)
        _, thief = victim.session(headers=f"x-turnkeeper-session: {text}\r\n")
        assert b"setupComplete" in thief.frame()[1]
        assert len(victim.gemini.setups) == before + 1, "a conversation of its own"
    client.write(1, b'{"clientContent":{"turns":[{"role":"user","parts":[{"text":"?"}]}],"turnComplete":true}}')
    assert b'"yes"' in client.frame()[1]
    # Parked: another tenant with everything right, and ours with half of it.
    client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.connection.close()
    time.sleep(0.3)
    for key, text in ((BOLT, f"{session}.{secret}"), (ACME, session)):
        before = len(victim.gemini.setups)
        _, thief = victim.session(key=key, headers=f"x-turnkeeper-session: {text}\r\n")
        assert b"setupComplete" in thief.frame()[1]
        assert len(victim.gemini.setups) == before + 1
    assert secret.encode() not in victim.log_path.read_bytes()
    return len(shown) + 2


@attack("client", "who asks is said once")
def said_twice(victim):
    before = len(victim.gemini.heads)
    pairs = [
        "Origin: https://a.example\r\nOrigin: https://b.example\r\n",
        f"x-goog-api-key: {BOLT}\r\n",
        "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n",
        "x-turnkeeper-session: a\r\nX-Turnkeeper-Session: b\r\n",
        "Host: b\r\n",
    ]
    for pair in pairs:
        assert victim.status(headers=pair) == 400, pair
        assert status(victim.ask(request("POST", "/v1beta/models/gemini-a:generateContent", pair))) == 400, pair
    assert len(victim.gemini.heads) == before
    return 2 * len(pairs)


@attack("token holder", "a mask that names nothing is not minted, and twins unlock nothing")
def masks(victim):
    def mint(body):
        return victim.ask(request("POST", "/v1alpha/auth_tokens", body=json.dumps(body)))

    wrong = ["nonsense", ",", "model,", "generationConfig.", ".model", "setup.model", "model.x", "generationConfig.nonsense", "tools.functionDeclarations", "*", "generationConfig..temperature", "generation-config"]
    for mask in wrong:
        answer = mint({"fieldMask": mask, "bidiGenerateContentSetup": {"model": "models/gemini-a"}})
        assert status(answer) == 400, (mask, answer)
    answer = mint(
        {
            "uses": 0,
            "fieldMask": "model,generationConfig.temperature,generation_config.speech_config.language_code",
            "bidiGenerateContentSetup": {"model": "models/gemini-locked", "generationConfig": {"temperature": 0.1}},
        }
    )
    assert status(answer) == 200, answer
    token = json.loads(answer.partition(b"\r\n\r\n")[2])["name"]
    twins = [
        '{"setup":{"model":"models/a","model":"models/b"}}',
        '{"setup":{"model":"models/a","generationConfig":{"temperature":1,"temperature":2}}}',
        '{"setup":{"model":"models/a","generationConfig":{"temperature":1},"generation_config":{"temperature":2}}}',
        '{"setup":{"model":"models/a","generationConfig":{"speechConfig":{"languageCode":"a"},"speech_config":{"languageCode":"b"}}}}',
        '{"setup":{"model":"models/a","generationConfig":{"speechConfig":{"languageCode":"a","language_code":"b"}}}}',
        '{"setup":{"model":"models/a"},"setup":{"model":"models/b"}}',
        '{"setup":{"mod\\u0065l":"models/a","model":"models/b"}}',
    ]
    for setup in twins:
        before = len(victim.gemini.setups)
        code, _ = victim.closed(setup.encode(), path=f"{CONSTRAINED}?access_token={token}", key=None)
        assert code in (1007, 1008), setup
        assert len(victim.gemini.setups) == before, setup
    # What a tool answers is its own affair: there twins are passed on as they came.
    _, client = victim.session(b'{"setup":{}}', path=f"{CONSTRAINED}?access_token={token}", key=None)
    assert b"setupComplete" in client.frame()[1]
    result = b'{"toolResponse":{"functionResponses":[{"id":"a","name":"f","response":{"x":1,"x":2,"y":{"z":[{"q":1,"q":2}]}}}]}}'
    client.write(1, result)
    assert victim.is_answered(client)
    assert result in victim.gemini.messages
    return len(wrong) + len(twins) + 1


@attack("page", "a page of another origin has no part in the admin port")
def admin_hosts(victim):
    hosts = ["", "evil.example", "[", "[evil]", "127.0.0.1.evil.example", "localhost:x", "a b", ":", "user@localhost", "0x7f.1"]
    for host in hosts:
        answer = victim.ask(f"GET /api/sessions HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n", victim.admin)
        assert status(answer) in (0, 400, 403, 404, 421), (host, answer[:80])
    answer = victim.ask(
        f"GET /api/sessions HTTP/1.1\r\nHost: localhost:{victim.admin}\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n",
        victim.admin,
    )
    assert status(answer) == 403
    return len(hosts) + 1


@attack("page", "preflights let in only origins that a tenant lets in")
def preflights(victim):
    def ask(origin, path="/v1alpha/auth_tokens"):
        return victim.ask(
            f"OPTIONS {path} HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\n"
            "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-goog-api-key\r\n\r\n"
        )

    answer = ask("https://app.acme.example")
    assert status(answer) == 204 and b"Access-Control-Allow-Origin: https://app.acme.example" in answer
    origins = ["https://evil.example", "null", "https://app.acme.example.evil", "http://app.acme.example"]
    for origin in origins:
        answer = ask(origin)
        assert status(answer) == 403 and b"Access-Control-Allow-Origin" not in answer, origin
    return len(origins) + 1


@attack("operator's slip", "old HTTP of health checks and forward proxies' targets are served")
def old_clients(victim):
    for path, code in (("/healthz", 200), ("/readyz", 200), ("/", 404)):
        assert status(victim.ask(f"GET {path} HTTP/1.0\r\n\r\n")) == code
        assert status(victim.ask(f"HEAD {path} HTTP/1.0\r\nHost: a\r\n\r\n")) == code
    assert b"\r\n\r\n" == victim.ask("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n")[-4:]
    assert status(victim.ask("GET http://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n")) == 200
    for target in ("http://b/healthz", "http://u@a/healthz", "http://a@b/healthz", "gopher://a/healthz"):
        assert status(victim.ask(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")) == 400, target
    answer = victim.ask(request("POST", "/v1beta/models/gemini-a:generateContent", version="1.0"))
    assert status(answer) == 200 and b"chunked" not in answer.lower()
    return 12


@attack("client", "requests that two readers could read in two ways are refused")
def smuggling(victim):
    bodies = [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Content-Length: +5\r\n",
        "Content-Length : 5\r\n",
        "X: a\r\n b\r\n",
        "X: a\nY: b\r\n",
        "X: a\x00\r\n",
    ]
    before = len(victim.gemini.heads)
    for lines in bodies:
        answer = victim.ask(
            f"POST /v1beta/models/gemini-a:generateContent HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {ACME}\r\n{lines}\r\nhello"
        )
        assert status(answer) in (400, 501), (lines, answer[:60])
    assert len(victim.gemini.heads) == before
    return len(bodies)


@attack("local user", "the process leaves no core, and nobody but its owner reads its files")
def local_user(victim):
    limits = open(f"/proc/{victim.process.pid}/limits").read()
    line = next(l for l in limits.splitlines() if l.startswith("Max core file size"))
    assert line.split()[4] == "0", line
    victim.is_served()
    found = 0
    for path in [victim.data, *victim.data.rglob("*")]:
        # Some are there for a moment only.
        with contextlib.suppress(FileNotFoundError):
            mode = path.stat().st_mode
            assert mode & 0o077 == 0, (path, oct(mode))
            found += 1
    return found + 1


@attack("operator's slip", "a newline behind a key is no part of it; a key that no header carries dials nothing")
def odd_keys(victim):
    assert victim.is_served(ACME)
    before = len(victim.gemini.heads)
    for key in ("odd-client-key", "accented-client-key"):
        head, _ = victim.upgrade(key=key)
        assert " 502 " in head and len(victim.gemini.heads) == before, head
    assert victim.status(key="newline-client-key") == 101
    assert victim.gemini.heads[-1].lower().count("x-goog-api-key: a-key-with-a-newline") == 1
    return 4


@attack("token holder", "a use is on disk before its upgrade is answered", kills=True)
def killed_token(victim):
    answer = victim.ask(request("POST", "/v1alpha/auth_tokens", body='{"uses":1}'))
    token = json.loads(answer.partition(b"\r\n\r\n")[2])["name"]
    assert victim.status(f"{CONSTRAINED}?access_token={token}", key=None) == 101
    victim.was_ended = True
    os.kill(victim.process.pid, signal.SIGKILL)
    victim.process.wait(10)
    digest = hashlib.sha256(token.encode()).hexdigest()
    with contextlib.closing(sqlite3.connect(victim.data / "state.db")) as kept:
        used = kept.execute("SELECT used FROM tokens WHERE digest = ?", (digest,)).fetchall()
    assert used == [(1,)], used
    return 1
