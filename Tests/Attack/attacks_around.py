"""Neighbours of earlier attacks: other roads to the same thing."""

import gzip
import json
import selectors
import signal
import socket
import sqlite3
import struct
import time

from attacks import attack, request, status
from attacks_passing import MUSIC, resident
from turnkeeper import PATH
from victim import ACME, BOLT, CONSTRAINED, KEY, SETUP, UPGRADE, Service


@attack("gemini's side", "redirections, trailers, chunks and names of fields quote no key of ours")
def quoted_around_rest(victim):
    page = f'<A HREF="https://a.example/?key={KEY}">here</A>'.encode()
    tried = 0
    for code in (300, 302, 303, 304, 307, 308):
        location = f"/v1beta/y?key={KEY}&alt=media"
        victim.gemini.answer = lambda _: (
            f"HTTP/1.1 {code} X\r\nLocation: {location}\r\nRange: bytes=0-41\r\n"
            f"Content-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n".encode() + page
        )
        answer = victim.ask(request("GET", "/v1beta/files/x"))
        assert status(answer) == code and b"Location: http://a/v1beta/y?alt=media" in answer, answer
        assert b"Range: bytes=0-41" in answer and KEY.encode() not in answer, answer
        tried += 1
    for body in (
        f"2;quoted=\"{KEY}\"\r\n{{}}\r\n0\r\n\r\n",
        f"2\r\n{{}}\r\n0;{KEY}\r\n\r\n",
        f"2\r\n{{}}\r\n0\r\nX-Echo: {KEY}\r\nX-Last: {KEY}\r\n\r\n",
    ):
        victim.gemini.answer = lambda _: (
            f"HTTP/1.1 200 X\r\nTrailer: X-Echo\r\nTransfer-Encoding: chunked\r\n\r\n{body}".encode()
        )
        answer = victim.ask(request("GET", "/v1beta/files/x"))
        assert answer.endswith(b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), answer
        tried += 1
    victim.gemini.answer = None
    return tried


@attack("gemini's side", "an error that cannot be read is not shown: coded, framed in two ways, or in UTF-16")
def unreadable_errors(victim):
    words = f"Consumer 'api_key:{KEY}' has been suspended".encode()
    pieces = b"".join(b"4\r\n%s\r\n" % words[at : at + 4].ljust(4) for at in range(0, len(words), 4)) + b"0\r\n\r\n"
    squeezed = gzip.compress(words)
    chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(squeezed), squeezed)
    length = f"Content-Length: {len(words)}\r\n"
    kinds = [
        ("Transfer-Encoding: chunked\r\nContent-Length: 99\r\n", pieces),
        ("Content-Length: 99\r\nTransfer-Encoding: chunked\r\n", pieces),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", pieces),
        ("Transfer-Encoding: chunked, identity\r\n", pieces),
        ("Transfer-Encoding: gzip, chunked\r\n", chunk),
        ("Transfer-Encoding: gzip\r\n", squeezed),
        ("Transfer-Encoding: x\r\n" + length, words),
        ("Content-Length: 9999\r\n" + length, words),
        (f"Content-Encoding: gzip\r\nContent-Length: {len(squeezed)}\r\n", squeezed),
        (f"Content-Type: text/plain; charset=utf-16\r\nContent-Length: {2 * len(words)}\r\n", words.decode().encode("utf-16-le")),
    ]
    for head, body in kinds:
        for code in (300, 403, 500):
            victim.gemini.answer = lambda _: f"HTTP/1.1 {code} X\r\nRetry-After: 3\r\n{head}\r\n".encode() + body
            answer = victim.ask(request("GET", "/v1beta/files/x"))
            shown, _, told = answer.partition(b"\r\n\r\n")
            assert status(answer) in (code, 502), answer
            # Neither whole nor in pieces.
            assert not any(piece in told for piece in (squeezed, words[:4], KEY[:4].encode(), b"\0")), answer
            assert json.loads(told)["error"]["code"] in (code, 502), answer
            assert shown.count(b"Content-Type") == 1, shown
    # What can be read is shown, without the key.
    for head, body in ((length, words), ("Transfer-Encoding: chunked\r\n", pieces)):
        victim.gemini.answer = lambda _: f"HTTP/1.1 403 X\r\n{head}\r\n".encode() + body
        answer = victim.ask(request("GET", "/v1beta/files/x"))
        assert status(answer) == 403 and b"Consumer 'api_key:[redacted]'" in answer, answer
    victim.gemini.answer = None
    return 3 * len(kinds) + 2


@attack("client", "no field beside our key goes out behind a body")
def smuggled_trailers(victim):
    heard = []

    class Whole(Service):
        """Answers a body that it has read to its end."""

        def talk(self, connection, head, rest):
            with connection:
                while not rest.endswith(b"\r\n\r\n") and (piece := connection.recv(1 << 16)):
                    rest += piece
                heard.append(rest)
                connection.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n{}")

    service = Whole()
    path = victim.policies / "acme.yaml"
    path.write_text(path.read_text().replace(f":{victim.gemini.port}", f":{service.port}"))
    victim.process.send_signal(signal.SIGHUP)
    head = f"POST /v1beta/models/gemini-a:generateContent HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {ACME}\r\nTransfer-Encoding: chunked\r\n\r\n"
    deadline = time.monotonic() + 30
    while not heard and time.monotonic() < deadline:
        victim.ask(f"{head}2\r\n{{}}\r\n0\r\n\r\n")
        time.sleep(0.1)
    bodies = [
        "2\r\n{}\r\n0\r\nX-Goog-User-Project: victim\r\n\r\n",
        "2\r\n{}\r\n0\r\nA: b\r\nx-goog-api-key: other\r\n\r\n",
        "2;X-Goog-User-Project=victim\r\n{}\r\n0;a=b\r\n\r\n",
    ]
    for body in bodies:
        answer = victim.ask(head + body)
        assert status(answer) == 200, answer
        assert heard[-1] == b"2\r\n{}\r\n0\r\n\r\n", heard[-1]
    service.listener.close()
    return len(bodies)


@attack("token holder", "gRPC's names of the vendor's token service are nobody's either")
def vendor_services(victim):
    before = len(victim.gemini.heads)
    service = "google.ai.generativelanguage.v1alpha.AuthTokenService"
    paths = [
        f"/v1alpha/$rpc/{service}/CreateToken",
        f"/v1/$rpc/{service}/CreateAuthToken",
        f"/v1/{service}/CreateToken",
        f"/$rpc/{service}/v1/CreateToken",
        "/v1alpha/auth-tokens",
        "/v1alpha/auth.tokens",
        "/v1alpha/x:createAuthToken",
        "/v1alpha/Auth_Tokens",
    ]
    for path in paths:
        for method in ("POST", "GET", "PUT"):
            assert status(victim.ask(request(method, path))) in (400, 404), path
    assert len(victim.gemini.heads) == before
    return 3 * len(paths)


@attack("token holder", "only what resumes is a resumption: no handle of one's own, no id of what is over")
def invented_handles(victim):
    def mint():
        answer = victim.ask(request("POST", "/v1alpha/auth_tokens", body='{"uses":1}'))
        token = json.loads(answer.partition(b"\r\n\r\n")[2])["name"]
        return f"{CONSTRAINED}?access_token={token}"

    model = SETUP["setup"]["model"]
    resumable = {"setup": {"model": model, "sessionResumption": {}}}
    path = mint()
    head, client = victim.session(resumable, path=path, key=None)
    assert b"setupComplete" in client.frame()[1]
    victim.gemini.sockets[-1].write(
        2, b'{"sessionResumptionUpdate":{"newHandle":"google-1","resumable":true}}'
    )
    handle = json.loads(client.frame()[1])["sessionResumptionUpdate"]["newHandle"]
    _, _, rest = handle.partition(".")
    line = next(l for l in head.split("\r\n") if l.lower().startswith("x-turnkeeper-session"))
    name = line.split(": ")[1]
    invented = [
        rest, f"x.{rest}", f".{rest}", f"google-1.{rest}", f"Turnkeeper.{rest}", f"turnkeeper.x.{rest}",
        name, f"{rest}.", "google-1", f"turnkeeper.{rest}x", f"turnkeeper. {rest}",
    ]
    for made_up in invented:
        before = len(victim.gemini.setups)
        setup = {"setup": {"model": model, "sessionResumption": {"handle": made_up}}}
        code, reason = victim.closed(setup, path=path, key=None)
        assert code == 1008, (made_up, code, reason)
        assert len(victim.gemini.setups) == before, made_up
    # By id, while it is in use, and when it is over.
    for is_over in (False, True):
        if is_over:
            client.write(8, struct.pack("!H", 1000))
            client.close_frame()
            time.sleep(0.2)
        before = len(victim.gemini.setups)
        code, reason = victim.closed(path=path, key=None, headers=f"x-turnkeeper-session: {name}\r\n")
        assert code == 1008 and "token.uses" in reason, (is_over, code, reason)
        assert len(victim.gemini.setups) == before
    return len(invented) + 2


@attack("gemini's side", "a report of usage that quotes our key keeps none of it in the books")
def quoted_in_receipts(victim):
    _, client = victim.session()
    assert b"setupComplete" in client.frame()[1]
    usage = {"totalTokenCount": 3, "note": f"Consumer api_key:{KEY}", f"of {KEY}": 1}
    message = json.dumps({"usageMetadata": usage}).encode()
    victim.gemini.sockets[-1].write(2, message)
    shown = client.frame()[1]
    assert KEY.encode() not in shown and len(shown) == len(message) and b'"totalTokenCount": 3' in shown, shown
    client.write(8, struct.pack("!H", 1000))
    client.close_frame()
    deadline = time.monotonic() + 20
    receipts = []
    while not receipts and time.monotonic() < deadline:
        time.sleep(0.3)
        books = sqlite3.connect(f"file:{victim.data}/ledger.db?mode=ro", uri=True)
        tables = [row[0] for row in books.execute("select name from sqlite_master where type='table'")]
        for table in tables:
            rows = books.execute(f'select * from "{table}"').fetchall()
            receipts += [str(row) for row in rows if "Consumer api_key:" in str(row)]
        books.close()
    assert receipts and not any(KEY in row for row in receipts), "the report is kept, without the key"
    return 1


@attack("client", "music that says nothing is closed, and takes the places that sessions do",
        more="limits: { sessions: 3 }\nclient: { setup: 3s }")
def silent_music(victim):
    _, silent = victim.upgrade(MUSIC)
    code, reason = silent.close_frame()
    assert code == 1008 and "client.setup" in reason, (code, reason)
    kept = []
    for number in range(5):
        head, client = victim.upgrade(MUSIC)
        if " 101 " not in head:
            continue
        client.write(1, json.dumps(SETUP).encode())
        opcode, payload = client.frame()
        if opcode == 8:
            assert struct.unpack("!H", payload[:2])[0] == 1008 and b"limits.sessions" in payload, payload
        else:
            kept.append(client)
    assert len(kept) == 3, len(kept)
    for client in kept:
        client.connection.close()
    return 6


@attack(
    "client",
    "who is refused, or asks for a token, holds no memory: the bound of the process holds",
    arguments=("--memory", "256MiB"),
)
def half_sent_by_strangers(victim):
    assert victim.is_served()
    before, most, crowd = resident(victim), 0, []
    upgrade = f"GET {PATH} HTTP/1.1\r\nHost: a\r\nKEY{UPGRADE}\r\n"
    part = b"\x81\xff" + struct.pack("!Q", 1 << 20) + b"\0\0\0\0" + b"x" * 1_040_000
    wish = (
        f"POST /v1alpha/auth_tokens HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {ACME}\r\n"
        "Content-Length: 262000\r\n\r\n"
    ).encode() + b'{"a":"' + b"x" * 261_000
    kinds = [
        (upgrade.replace("KEY", ""), part),
        (upgrade.replace("KEY", "x-goog-api-key: wrong\r\n"), part),
        (upgrade.replace("KEY", f"x-goog-api-key: {ACME}\r\n").replace(PATH, MUSIC), part),
        (None, wish),
    ]
    each = 300
    for number in range(each * len(kinds)):
        first, then = kinds[number % len(kinds)]
        connection = socket.socket()
        connection.bind((f"127.0.{1 + number // 200}.{1 + number % 200}", 0))
        connection.settimeout(2)
        try:
            connection.connect(("127.0.0.1", victim.listening))
            if first:
                connection.sendall(first.encode())
                assert connection.recv(4096)
            connection.sendall(then)
        except OSError:
            pass
        crowd.append(connection)
        most = max(most, resident(victim))
        if number % 200 == 199:
            assert status(victim.ask("GET /healthz HTTP/1.0\r\n\r\n")) == 200
    # What was sent did arrive, and not more than there is room for.
    assert before + (100 << 20) < most < 270 << 20, f"{most >> 20} of 256 MiB"
    for connection in crowd:
        connection.close()
    deadline = time.monotonic() + 60
    while resident(victim) > before + (60 << 20) and time.monotonic() < deadline:
        time.sleep(0.5)
    while time.monotonic() < deadline:
        try:
            if victim.is_served():
                break
        except (OSError, AssertionError):
            time.sleep(0.5)
    assert victim.is_served()
    return len(crowd)


@attack(
    "client",
    "400 half-sent setups at once, all of one address: the bound of the process holds",
    arguments=("--memory", "256MiB"),
)
def half_sent_setups(victim):
    assert victim.is_served()
    upgrade = f"GET {PATH} HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {ACME}\r\n{UPGRADE}\r\n".encode()
    part = b"\x81\xff" + struct.pack("!Q", 1000 << 10) + b"\0\0\0\0" + b"x" * 900_000
    ready, crowd, most = selectors.DefaultSelector(), [], 0
    for _ in range(400):
        connection = socket.create_connection(("127.0.0.1", victim.listening))
        connection.sendall(upgrade)
        assert b" 101 " in connection.recv(4096)
        connection.setblocking(False)
        ready.register(connection, selectors.EVENT_WRITE, [memoryview(part)])
        crowd.append(connection)
    deadline = time.monotonic() + 12
    while ready.get_map() and time.monotonic() < deadline:
        for key, _ in ready.select(0.05):
            try:
                sent = key.fileobj.send(key.data[0][: 64 << 10])
                key.data[0] = key.data[0][sent:]
            except OSError:
                key.data[0] = key.data[0][:0]
            if not key.data[0]:
                ready.unregister(key.fileobj)
        most = max(most, resident(victim))
    while time.monotonic() < deadline - 6:
        most = max(most, resident(victim))
        time.sleep(0.005)
    assert 150 << 20 < most <= 256 << 20, f"{most >> 20} of 256 MiB"
    assert status(victim.ask("GET /healthz HTTP/1.0\r\n\r\n")) == 200
    for connection in crowd:
        connection.close()
    assert victim.comes_to_be_served(ACME, time.monotonic() + 30)
    return len(crowd)


@attack(
    "client",
    "400 whole setups of a megabyte are counted: who holds them pays, and a neighbour comes in",
    arguments=("--memory", "256MiB"),
)
def whole_setups(victim):
    assert victim.is_served()
    instruction = {"parts": [{"text": "x" * 1_000_000}]}
    setup = {"setup": SETUP["setup"] | {"systemInstruction": instruction}}
    crowd, refused = [], 0
    for number in range(400):
        head, client = victim.upgrade()
        if " 101 " not in head:
            refused += 1
            continue
        client.connection.settimeout(5)
        try:
            client.write(1, json.dumps(setup).encode())
        except OSError:
            continue
        crowd.append(client)
        victim.gemini.setups.clear()
        victim.gemini.messages.clear()
        assert resident(victim) <= 256 << 20, number
    held = victim.metric("turnkeeper_buffer_bytes")
    assert held > 60 << 20, f"{held} bytes of {len(crowd)} setups are counted"
    # They stay, and say nothing; none of the clients goes.
    assert victim.comes_to_be_served(BOLT, time.monotonic() + 15)
    assert resident(victim) <= 256 << 20
    for client in crowd:
        client.connection.close()
    assert victim.comes_to_be_served(ACME, time.monotonic() + 30)
    return len(crowd) + refused


@attack("client", "messages of 16 MiB that are dear to a session hold up neither health nor neighbours")
def hostile_messages(victim):
    size = 16_000_000
    turns = ",".join(['{"role":"user"}'] * (size // 16))
    answers = ",".join(['{"id":"1","name":"f","response":{}}'] * (size // 36))
    bodies = [
        f'{{"clientContent":{{"turns":[{turns}],"turnComplete":false}}}}',
        f'{{"clientContent":{{"turns":[{turns}],"turnComplete":true}}}}',
        f'{{"toolResponse":{{"functionResponses":[{answers}]}}}}',
        '{"contextUpdate":{"systemInstruction":{"parts":[{"text":"' + "x" * size + '"}]}}}',
        '{"realtimeInput":{"text":"' + "\\u0061" * (size // 7) + '"}}',
    ]
    for body in bodies:
        _, client = victim.session()
        assert b"setupComplete" in client.frame()[1]
        client.write(1, body.encode())
        victim.looks_alive(within=3)
        client.connection.close()
        victim.gemini.messages.clear()
    return len(bodies)


@attack(
    "token holder",
    "setups of a megabyte that are dear to read or edit hold up neither health nor neighbours",
)
def hostile_setups(victim):
    wish = {"uses": 0, "fieldMask": "model", "bidiGenerateContentSetup": {"model": "models/gemini-locked"}}
    answer = victim.ask(request("POST", "/v1alpha/auth_tokens", body=json.dumps(wish)))
    token = json.loads(answer.partition(b"\r\n\r\n")[2])["name"]
    size = 1_000_000

    def filled(piece):
        return ",".join(piece(number) for number in range(size // len(piece(size))))

    bodies = [
        filled(lambda _: '"a":1'),
        filled(lambda number: f'"k{number}":1'),
        # The second and the third are of what this model's profile takes out.
        '"generationConfig":{' + filled(lambda number: f'"top{number}":1') + "}",
        '"generationConfig":{' + filled(lambda _: '"enableAffectiveDialog":true') + "}",
        filled(lambda number: f'"proactivity":{{"p{number}":1}}'),
        filled(lambda _: '"\\u0061":1'),
        '"a":' + "[" * (size // 2) + "]" * (size // 2),
        '"a":' + '{"a":' * (size // 6) + "1" + "}" * (size // 6),
        '"tools":[' + filled(lambda number: f'{{"functionDeclarations":[{{"name":"f{number}"}}]}}') + "]",
        '"systemInstruction":{"parts":[{"text":"' + "\\\\" * (size // 2) + '"}]}',
    ]
    for body in bodies:
        crowd = []
        for path, key in ((f"{CONSTRAINED}?access_token={token}", None), (PATH, ACME)) * 2:
            _, client = victim.session(f'{{"setup":{{"model":"{SETUP["setup"]["model"]}",{body}}}}}'.encode(), path=path, key=key)
            crowd.append(client)
        victim.looks_alive(within=3)
        for client in crowd:
            assert client.frame()[1], "neither an answer nor a close"
            client.connection.close()
    return 4 * len(bodies)


@attack("client", "a model's name puts no credential and no control character before an operator")
def steering_labels(victim):
    names = ["\x1b[2J", "a\tb", "\u202e", "a\r\nb", "a\"b\\", "caf\u00e9", ACME, f"x.{BOLT}", "\x7f"]
    for name in names:
        _, client = victim.session({"setup": {"model": f"models/gemini-{name}"}})
        assert client.frame()[1]
        client.write(8, struct.pack("!H", 1000))
        client.close_frame()
    _, client = victim.session({"setup": {"model": "models/gemini-2.5-plain_name"}})
    assert client.frame()[1]
    metrics = victim.ask("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n", victim.admin)
    body = metrics.partition(b"\r\n\r\n")[2]
    time.sleep(1)
    assert all(byte == 10 or 32 <= byte < 127 for byte in body), body
    for place in (body, victim.log_path.read_bytes()):
        odd = [c for c in place.decode() if c != "\n" and (not c.isprintable() or c == "\u202e")]
        assert place and not odd, odd
        assert ACME.encode() not in place and BOLT.encode() not in place
    victim.said.append(body)
    for path in victim.data.rglob("*"):
        assert not path.is_file() or ACME.encode() not in path.read_bytes(), path
    return len(names)
