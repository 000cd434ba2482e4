"""Attacks around what is passed on without being a session, and on those who say nothing."""

import errno
import json
import os
import re
import socket
import struct
import subprocess
import time
import urllib.request

from attacks import SERVICE, attack, quotations, request, status
from turnkeeper import PATH, PROGRAM
from victim import ACME, BOLT, KEY, SETUP, UPGRADE, framed

MUSIC = PATH.replace("BidiGenerateContent", "BidiGenerateMusic")
START = "X-Goog-Upload-Protocol: resumable\r\nX-Goog-Upload-Command: start\r\n"
SEND = "X-Goog-Upload-Command: upload, finalize\r\nX-Goog-Upload-Offset: 0\r\n"


def fields(answer):
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def told(victim, **headers):
    """The answer to the beginning of an upload, where gemini answers with these fields."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    victim.gemini.answer = lambda _: (
        f"HTTP/1.1 200 {KEY}\r\n{lines}X-Goog-Upload-Status: active\r\nContent-Length: 0\r\n\r\n"
    ).encode()
    answer = victim.ask(request("POST", "/upload/v1beta/files", START))
    victim.gemini.answer = None
    return answer


@attack("client", "an upload is gone on with through us, without a key, and nothing else is by its link")
def upload_links(victim):
    here = f"http://127.0.0.1:{victim.gemini.port}"
    target = "/upload/v1beta/files?upload_id=AB-12_x&upload_protocol=resumable"
    answer = told(victim, X_Goog_Upload_URL=f"{here}{target}&key={KEY}", X_Goog_Upload_Control_URL=here + target)
    assert status(answer) == 200 and KEY.encode() not in answer, answer
    for name in ("x-goog-upload-url", "x-goog-upload-control-url"):
        link = fields(answer)[name]
        assert link.startswith(f"http://a{target}&turnkeeper="), link
    link = link.removeprefix("http://a")

    def follow(path, headers=SEND, key=None, method="POST"):
        text = request(method, path, headers, key=key or "-")
        return victim.ask(text if key else text.replace("x-goog-api-key: -\r\n", ""))

    for key in (None, ACME, BOLT, "wrong"):
        assert status(follow(link, key=key)) == 200, key
        head = victim.gemini.heads[-1]
        assert head.startswith(f"POST {target} HTTP/1.1\r\n"), head
        assert f"x-goog-api-key: {KEY}" in head and ACME not in head and "wrong" not in head
    expires, seal, tenant = link.rpartition("turnkeeper=")[2].split(".")
    tried = [
        link.replace("AB-12_x", "AB-12_y"),
        link.replace("/files", "/corpora"),
        link.replace("/upload/v1beta", "/upload/v1alpha"),
        link.replace("/upload/v1beta/files", "/v1beta/files"),
        link.replace("&upload_protocol=resumable", ""),
        link.replace("upload_protocol", "uploadType"),
        link.replace(expires, str(int(expires) + 1)),
        link.replace(expires, "99999999999999999999"),
        link.replace(seal, seal[:-1]),
        link.replace(seal, ""),
        link.replace(tenant, b"bolt".hex()),
        link.replace(tenant, "zz"),
        link.partition("&turnkeeper")[0],
        f"/upload/v1beta/files?turnkeeper={expires}.{seal}.{tenant}",
    ]
    before = len(victim.gemini.heads)
    for path in tried:
        # A seal that is not right goes nowhere, whatever key is with it.
        for key in (None, BOLT) if "turnkeeper=" in path else (None,):
            expected = 410 if "turnkeeper=" in path else 401
            assert status(follow(path, key=key)) == expected, (path, key)
    # What begins an upload shows a key.
    for command in ("start", "start, upload", "upload, START"):
        assert status(follow(link, f"X-Goog-Upload-Command: {command}\r\n")) == 410, command
    assert len(victim.gemini.heads) == before
    # A prefix that a balancer kept is there again.
    victim.gemini.answer = lambda _: (
        f"HTTP/1.1 200 OK\r\nX-Goog-Upload-URL: {here}{target}\r\nContent-Length: 0\r\n\r\n".encode()
    )
    answer = victim.ask(request("POST", "/gemini/upload/v1beta/files", START))
    victim.gemini.answer = None
    assert fields(answer)["x-goog-upload-url"].startswith(f"http://a/gemini{target}&turnkeeper=")
    return len(tried) + 8


@attack("gemini's side", "an address that leads past us is no client's to follow with its key")
def links_elsewhere(victim):
    port = victim.gemini.port
    elsewhere = [
        "https://storage.example/upload/v1beta/files?upload_id=x",
        "//storage.example/upload/v1beta/files?upload_id=x",
        f"http://127.0.0.1:{port}@evil.example/upload/v1beta/files?upload_id=x",
        f"http://127.0.0.1:{port}.evil.example/upload/v1beta/files?upload_id=x",
        f"http://127.0.0.1:{port + 1}/upload/v1beta/files?upload_id=x",
        f"http://127.0.0.1:{port}\\@evil.example/upload/v1beta/files",
        f"ftp://127.0.0.1:{port}/upload/v1beta/files",
        f"http://127.0.0.1:{port}/v1beta/../files",
        f"http://127.0.0.1:{port}{PATH}",
        "/ws/x",
        "files/x",
        "javascript:alert(1)",
        "",
    ]
    for address in elsewhere:
        for name in ("X_Goog_Upload_URL", "X_Goog_Upload_Control_URL", "X_Goog_Upload_Chunk_URL"):
            answer = told(victim, **{name: address})
            assert status(answer) == 502 and b"bypasses this proxy" in answer, (address, answer)
            assert not address or address.encode() not in answer.replace(b"/ws/google", b"")
        for code in (301, 302, 303, 307, 308):
            victim.gemini.answer = lambda _: (
                f"HTTP/1.1 {code} X\r\nLocation: {address}\r\nContent-Length: 0\r\n\r\n".encode()
            )
            assert status(victim.ask(request("GET", "/v1beta/files/x"))) == 502, (code, address)
        victim.gemini.answer = lambda _: (
            f"HTTP/1.1 201 X\r\nLocation: {address}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        answer = victim.ask(request("POST", "/v1beta/files"))
        assert status(answer) == 201 and b"Location" not in answer, answer
    for address in ("/v1beta/files/y", f"http://127.0.0.1:{port}/v1beta/files/y"):
        victim.gemini.answer = lambda _: (
            f"HTTP/1.1 302 {KEY}\r\nLocation: {address}?key={KEY}&alt=media\r\nContent-Length: 0\r\n\r\n".encode()
        )
        answer = victim.ask(request("GET", "/v1beta/files/x"))
        assert fields(answer)["location"] == "http://a/v1beta/files/y?alt=media", answer
    # Where the key is the client's own, so is its way.
    victim.gemini.answer = lambda _: (
        b"HTTP/1.1 200 OK\r\nX-Goog-Upload-URL: https://storage.example/x\r\nContent-Length: 0\r\n\r\n"
    )
    answer = victim.ask(request("POST", "/upload/v1beta/files", START, key="own-client-key"))
    assert fields(answer)["x-goog-upload-url"] == "https://storage.example/x"
    assert "x-goog-api-key: own-client-key" in victim.gemini.heads[-1]
    victim.gemini.answer = None
    return len(elsewhere) * 9 + 3


@attack(
    "gemini's side",
    "what quotes our key in a conversation goes on as it came, and into no recording or bundle",
    more="log: { record: on }",
)
def recorded(victim):
    _, client = victim.session()
    assert b"setupComplete" in client.frame()[1]
    forms = [form for form in quotations() if '"' not in form]
    for form in forms:
        words = "Consumer 'api_key:FORM' is out"
        spoken = json.dumps({"serverContent": {"modelTurn": {"parts": [{"text": words}]}}})
        spoken = spoken.replace("FORM", form).encode()
        victim.gemini.sockets[-1].write(2, spoken)
        assert client.frame()[1] == spoken
        # A complaint is no conversation.
        complaint = json.dumps({"error": {"code": 8, "message": words}}).replace("FORM", form).encode()
        victim.gemini.sockets[-1].write(2, complaint)
        got = client.frame()[1]
        assert len(got) == len(complaint) and got.endswith(b" is out\"}}") and form.encode() not in got, got
    client.write(8, struct.pack("!H", 1000) + f"with {ACME}".encode())
    client.close_frame()
    victim.gemini.close = (1008, f"Consumer 'api_key:{KEY}' has been suspended".encode())
    assert KEY not in victim.closed()[1]
    victim.gemini.close = None
    deadline = time.monotonic() + 30
    recordings = []
    while len(recordings) < 2 and time.monotonic() < deadline:
        time.sleep(0.5)
        recordings = [
            path
            for path in (victim.data / "recordings").iterdir()
            if b'"end"' in path.read_bytes()
        ]
    assert len(recordings) == 2, recordings
    read = b"".join(path.read_bytes() for path in recordings)
    assert b"out" in read and ACME.encode() not in read + victim.log_path.read_bytes()
    names = {path.name.partition(".")[0] for path in recordings}
    for name in names:
        bundle = subprocess.run(
            [PROGRAM, "bundle", name, "--with-words", "--out", "-", "--data", victim.data]
            + ["--policies", victim.policies],
            capture_output=True,
            timeout=60,
        )
        assert bundle.returncode == 0, bundle.stderr
        victim.said.append(bundle.stdout)
        assert ACME.encode() not in bundle.stdout
    return len(forms) + len(names)


@attack("client", "music passes as it comes, with our key, and only where REST does")
def music(victim):
    head, client = victim.upgrade(MUSIC)
    assert " 101 " in head, head
    sent = victim.gemini.heads[-1]
    assert sent.startswith(f"GET {MUSIC} ") and f"x-goog-api-key: {KEY}" in sent and ACME not in sent
    client.write(1, json.dumps(SETUP).encode())
    assert b"setupComplete" in client.frame()[1]
    # Nobody here asks whether it is a conversation.
    odd = [b"{", b"\xff\x00", b'{"clientContent":{}}']
    for payload in odd:
        client.write(2, payload)
    assert b'"yes"' in client.frame()[1]
    assert victim.gemini.messages[-3:] == odd
    client.connection.close()
    victim.gemini.close = (1008, ("Consumer 'api_key:" + KEY + "' is suspended").encode())
    head, client = victim.upgrade(MUSIC)
    client.write(1, json.dumps(SETUP).encode())
    code, reason = client.close_frame()
    assert code == 1008 and KEY not in reason and "[redacted]" in reason
    victim.gemini.close = None
    before = len(victim.gemini.heads)
    code, reason = victim.closed(path=MUSIC, key="live-client-key")
    assert code == 1008 and "upstream.rest" in reason
    assert victim.closed(path=MUSIC, key="wrong")[0] == 1007
    assert victim.status(MUSIC + "Constrained") in (400, 404)
    assert len(victim.gemini.heads) == before
    return 6


@attack("operator's slip", "a path before the vendor's is put before all that is dialed, once")
def upstream_path(victim):
    for path in (PATH, "/gemini" + PATH, "//ws//" + SERVICE):
        assert victim.status(path, key="path-client-key") == 101, path
        assert victim.gemini.heads[-1].startswith(f"GET /corp/gateway{PATH} "), victim.gemini.heads[-1]
    answer = victim.ask(request("POST", "/x/v1beta/models/gemini-a:generateContent", key="path-client-key"))
    assert status(answer) == 200
    assert victim.gemini.heads[-1].startswith("POST /corp/gateway/v1beta/models/gemini-a:generateContent ")
    here = f"http://127.0.0.1:{victim.gemini.port}"
    for base, code in (("/corp/gateway", 200), ("", 502), ("/corp/other", 502)):
        victim.gemini.answer = lambda _: (
            f"HTTP/1.1 200 OK\r\nX-Goog-Upload-URL: {here}{base}/upload/v1beta/files?upload_id=1\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode()
        answer = victim.ask(request("POST", "/upload/v1beta/files", START, key="path-client-key"))
        assert status(answer) == code, (base, answer)
    victim.gemini.answer = None
    assert victim.status("/corp/gateway/v1beta/files", key="path-client-key") in (400, 404)
    return 8


@attack("client", "every refusal is counted, logged with an id, and told with it")
def refusals_counted(victim):
    def counted():
        with urllib.request.urlopen(f"http://127.0.0.1:{victim.admin}/metrics", timeout=10) as page:
            text = page.read().decode()
        pattern = r'turnkeeper_refusals_total\{code="(\w+)",reason="([\w.]+)"\} (\d+)'
        return {(code, reason): int(n) for code, reason, n in re.findall(pattern, text)}

    def upgrade(**options):
        return lambda: victim.closed(**options)

    def rest(key, path="/v1beta/models/gemini-a:generateContent", method="POST", headers=""):
        return lambda: (status(victim.ask(request(method, path, headers, key=key))), "")

    place = victim.session(key="tiny-client-key")
    assert b"setupComplete" in place[1].frame()[1]
    answer = victim.ask(request("POST", "/v1alpha/auth_tokens", body='{"uses":1}'))
    token = json.loads(answer.partition(b"\r\n\r\n")[2])["name"]
    origin = "Origin: https://evil.example\r\n"
    refused_model = {"setup": {"model": "models/other-model"}}
    def raw(text):
        return lambda: (status(victim.ask(text)), "")

    escaped = PATH.replace("Bidi", "%42idi")
    kinds = [
        (lambda: (victim.status(escaped), ""), 400, "path"),
        (raw(f"GET {escaped} HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "path"),
        (lambda: (victim.status(PATH.replace("GenerativeService", "FileService")), ""), 404, "path"),
        (lambda: (victim.status("/v1/projects/corp/locations/us-central1/customJobs/ws/x"), ""), 404, "path"),
        (raw(request("POST", "/batch")), 404, "path"),
        (raw(request("GET", "/.env")), 404, "path"),
        (raw(f"GET {PATH[1:]} HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n"), 400, "request"),
        (raw(f"GET ws://b{PATH} HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n"), 400, "request"),
        (raw(f"GET gopher://a{PATH} HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n"), 400, "request"),
        (raw("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "request"),
        (raw("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"), 400, "request"),
        (raw("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505, "request"),
        (raw(f"GET /{'x' * 70_000} HTTP/1.1\r\nHost: a\r\n\r\n"), None, "request"),
        (raw(f"GET {PATH} HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {ACME}\r\n\r\n"), 426, "request"),
        (raw(request("TRACE", "/v1beta/models/a")), 405, "request"),
        (raw(request("POST", "/v1beta/models/a", "Origin: a\r\nOrigin: b\r\n")), 400, "request"),
        (upgrade(key="wrong"), 1007, "key"),
        (upgrade(key=None), 1008, "no_key"),
        (upgrade(path=f"{PATH}?access_token={token}", key=None), 1007, "token"),
        (lambda: (victim.status(key="page-client-key", headers=origin), ""), 403, "origin"),
        (upgrade(key="tiny-client-key"), 1008, "limits.sessions"),
        (upgrade(setup=refused_model, key=ACME), 1008, "models.allow"),
        (upgrade(path=MUSIC, key="live-client-key"), 1008, "upstream.rest"),
        (upgrade(setup=b"{"), 1007, "setup"),
        (rest("wrong"), 401, "key"),
        (rest("live-client-key"), 403, "upstream.rest"),
        (rest(token), 401, "token"),
        (rest("page-client-key", headers=origin), 403, "origin"),
        (rest(ACME, "/v1/projects/other/locations/l/x"), None, None),
    ]
    for run, code, reason in kinds:
        before = counted()
        assert reason is None or any(r == reason for _, r in before), f"{reason} is not there from the start"
        seen, words = run()
        if reason is None:
            continue
        after = counted()
        grown = {k: n - before.get(k, 0) for k, n in after.items() if n != before.get(k, 0)}
        assert list(grown.values()) == [1], (code, reason, seen, words, grown)
        (shown, why), = grown
        assert why == reason and seen == (code or seen), (code, reason, seen, words, grown)
        assert int(shown) == seen, (shown, seen)
    deadline = time.monotonic() + 20
    for reason in ("path", "request", "key", "no_key", "token", "origin", "upstream.rest", "limits.sessions"):
        wanted = rf"session refused.*session=\w{{26}}.*reason={re.escape(reason)} "
        # The log is written behind the answer.
        while not re.search(wanted, victim.log_path.read_text()):
            assert time.monotonic() < deadline, reason
            time.sleep(0.05)
    return len(kinds)


@attack(
    "client",
    "1,000 without a setup, 1,000 half-sent messages, 10,000 slow heads: neighbours are answered",
    more="limits: { sessions: 2000 }",
    arguments=("--memory", "512MiB"),
    is_last=True,
)
def flood(victim):
    _, neighbour = victim.session(key=BOLT)
    assert b"setupComplete" in neighbour.frame()[1]
    before, setups, crowd = resident(victim), len(victim.gemini.setups), []
    slow, silent, half = (100, 100, 100) if os.environ.get("FEW") else (10_000, 1000, 1000)

    def look():
        assert status(victim.ask("GET /healthz HTTP/1.0\r\n\r\n")) == 200
        # Newcomers may be refused while memory is short; whoever is here goes on.
        assert victim.is_answered(neighbour), "the neighbour is not answered"

    def come(data, after=None, number=0):
        connection = socket.socket()
        # A balancer's many addresses: no client's address alone is at its bound.
        connection.bind((f"127.0.{1 + number // 200}.{1 + number % 200}", 0))
        connection.settimeout(10)
        try:
            connection.connect(("127.0.0.1", victim.listening))
            connection.sendall(data)
            if after:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = connection.recv(4096)
                    if not piece:
                        return connection.close()
                    head += piece
                if b" 101 " not in head:
                    return connection.close()
                connection.sendall(after)
            crowd.append(connection)
        except OSError as error:
            connection.close()
            # A crowd that this process cannot be is none.
            assert error.errno not in (errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL), error

    upgrade = f"GET {PATH} HTTP/1.1\r\nHost: a\r\nx-goog-api-key: {ACME}\r\n{UPGRADE}\r\n".encode()
    first = framed(1, json.dumps(SETUP).encode(), mask=True)
    part = b"\x81\xff" + struct.pack("!Q", 8 << 20) + b"\0\0\0\0" + b"x" * 600_000
    for number in range(max(slow, silent, half)):
        if number < slow:
            come(upgrade[:-3], number=number)
        if number < silent:
            come(upgrade, b"\x81", number=number)
        if number < half:
            come(upgrade, first + part, number=number)
        if number % 250 == 249:
            look()
    for _ in range(5):
        look()
        time.sleep(0.2)
    most = resident(victim, "VmHWM")
    assert most < 540 << 20, f"{most >> 20} MiB"
    if not os.environ.get("FEW"):
        # What was sent did arrive, and was too much.
        assert len(victim.gemini.setups) - setups > half // 4, len(victim.gemini.setups)
        assert "memory is short" in victim.log_path.read_text(), f"{most >> 20} MiB at most"
    for connection in crowd:
        connection.close()
    deadline = time.monotonic() + 60
    while resident(victim) > before + (150 << 20) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert resident(victim) < before + (150 << 20), f"{resident(victim) >> 20} of {before >> 20} MiB"
    assert victim.comes_to_be_served(ACME, deadline)
    return slow + silent + half


def resident(victim, kind="VmRSS"):
    """Bytes of memory that are the process's now; `VmHWM`: the most that ever were."""
    lines = open(f"/proc/{victim.process.pid}/status").read()
    return int(re.search(rf"{kind}:\s*(\d+) kB", lines)[1]) << 10
