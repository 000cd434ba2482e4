"""What is open to others: certificates, the admin port, and whom a default serves."""

import datetime
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from relay import SETUP, Gemini, Relay, closed
from tenants import Session, Tenants, tenants
from turnkeeper import PROGRAM, START_SECONDS, Program, Proxy
from watching import until
from wire.test_take_over import activated
from websockets.asyncio.client import connect

TOKEN = "a-long-enough-admin-token"
OWN = "upstream: { url: UPSTREAM, key: env:GEMINI_KEY }"


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("GEMINI_KEY", "the-real-gemini-key")
    monkeypatch.setenv("ACME_KEY", "acme-client-key")


def certificate(directory, name):
    """A certificate of its own authority, written beside and put in place."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    files = directory / "cert.pem", directory / "key.pem"
    contents = (
        made.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    for path, content in zip(files, contents):
        fresh = path.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.rename(path)
    return files


def presented(port):
    """The common name of the certificate that is shown there."""
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        with context.wrap_socket(plain) as secure:
            shown = x509.load_der_x509_certificate(secure.getpeercert(True))
    return shown.subject.rfc4514_string()


def failed(*arguments):
    done = subprocess.run([PROGRAM, "serve", *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


async def test_certificates_are_read_again_on_both_ports(start, tmp_path):
    cert, key = certificate(tmp_path, "first")
    async with tenants(
        start, {"default.yaml": "upstream: { url: UPSTREAM }"}, tls=f"{cert},{key}"
    ) as (gemini, proxy):
        admin = int(proxy.admin.rsplit(":", 1)[1])
        assert presented(proxy.listening) == presented(admin) == "CN=first"
        context = ssl.create_default_context(cafile=cert)
        url = f"wss://localhost:{proxy.listening}/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
        client = await connect(url, ssl=context, proxy=None)
        certificate(tmp_path, "second")
        deadline = time.monotonic() + START_SECONDS
        while (presented(proxy.listening), presented(admin)) != ("CN=second", "CN=second"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # Half a pair changes nothing, and is told.
        key.write_text("nonsense")
        while not any(line["message"] == "certificates not reloaded" for line in proxy.log()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert presented(proxy.listening) == "CN=second"
        certificate(tmp_path, "third")
        while presented(proxy.listening) != "CN=third":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # A signal is enough, and so are other permissions: an administrator's cure for what could not be read.
        for again in (lambda: os.kill(proxy.process.pid, signal.SIGHUP), lambda: cert.chmod(0o640)):
            before = sum(line["message"] == "certificates reloaded" for line in proxy.log())
            again()
            while sum(line["message"] == "certificates reloaded" for line in proxy.log()) == before:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        # Sessions under the old one go on.
        await client.send(json.dumps(SETUP))
        assert json.loads(await client.recv()) == {"setupComplete": {}}
        await client.close()


def test_the_admin_token_never_travels_in_clear(tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    common = ("--data", tmp_path / "data", "--admin-token", token, "--admin", "0.0.0.0:0")
    code, words = failed("--listen", "127.0.0.1:0", "--tls", "off", *common)
    assert code == 2 and "unencrypted" in words and "Try:" in words
    assert TOKEN not in words
    cert, key = certificate(tmp_path, "admin")
    server = Program(
        *("serve", "--listen", "127.0.0.1:0", "--tls", f"{cert},{key}", *common),
        log=tmp_path / "proxy.log",
    )
    try:
        port = server.port("admin on")
        assert presented(port) == "CN=admin"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            plain.sendall(
                f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
            )
            try:
                answer = plain.recv(4096)
            except ConnectionError:
                answer = b""
            assert b"turnkeeper_" not in answer and b" 200 " not in answer
    finally:
        server.end()


def test_a_default_with_a_credential_says_whom_it_serves(tmp_path):
    policies = tmp_path / "policies"
    policies.mkdir()
    default = policies / "default.yaml"
    default.write_text(OWN.replace("UPSTREAM", "ws://127.0.0.1:9") + "\n")
    arguments = ("--listen", "0.0.0.0:0", "--admin", "off", "--tls", "off", "--ledger", "off")
    arguments += ("--policies", policies, "--data", tmp_path / "data")
    code, words = failed(*arguments)
    assert code == 2 and "match: { anyone: true }" in words and "default.yaml:1:" in words
    check = subprocess.run([PROGRAM, "check", "--policies", policies], capture_output=True, text=True)
    assert check.returncode == 0 and "warning: upstream.key" in check.stderr + check.stdout
    for said in ("true", "false"):
        default.write_text(default.read_text().splitlines()[0] + f"\nmatch: {{ anyone: {said} }}\n")
        server = Program("serve", *arguments, log=tmp_path / f"{said}.log")
        server.port("listening on")
        server.end()
        check = subprocess.run([PROGRAM, "check", "--policies", policies], capture_output=True, text=True)
        assert check.returncode == 0 and "anyone" not in check.stderr + check.stdout


GUARDED = OWN.replace("UPSTREAM", "ws://127.0.0.1:9") + "\n"


def test_sockets_of_systemd_s_are_judged_by_their_own_address(tmp_path):
    """Whatever `--listen` is, or would be."""
    default = tmp_path / "default.yaml"
    tries = [
        ("", "0.0.0.0", [], "is not a loopback address"),
        (GUARDED, "0.0.0.0", ["--tls", "off"], "match: { anyone: true }"),
        (GUARDED, "0.0.0.0", ["--tls", "off", "--listen", "127.0.0.1:0"], "match: { anyone: true }"),
        ("", "0.0.0.0", ["--tls", "off"], None),
        (GUARDED, "127.0.0.1", ["--listen", "0.0.0.0:0"], None),
    ]
    for policy, host, arguments, refused in tries:
        default.write_text(policy)
        with socket.create_server((host, 0)) as given:
            process = activated(tmp_path, given, *arguments)
        try:
            if refused:
                assert process.wait(START_SECONDS) == 2 and refused in (tmp_path / "log").read_text()
            else:
                assert process.stdout.readline().startswith(f"listening on {host}:")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def test_who_takes_over_is_judged_by_the_sockets_it_gets(start, tmp_path):
    policies, data = tmp_path / "policies", tmp_path / "data"
    policies.mkdir()
    (policies / "default.yaml").write_text("match: { anyone: true }\n" + GUARDED)
    common = ("--admin", "off", "--policies", policies, "--data", data)
    server = Program(*("serve", "--listen", "0.0.0.0:0", "--tls", "off"), *common, log=tmp_path / "log")
    try:
        port = server.port("listening on")
        code, words = failed(*common, "--take-over")
        assert code == 2 and "0.0.0.0:" in words and "not a loopback address" in words
        (policies / "default.yaml").write_text(GUARDED)
        code, words = failed(*common, "--take-over", "--tls", "off")
        assert code == 2 and "match: { anyone: true }" in words
        (policies / "default.yaml").write_text("match: { anyone: true }\n" + GUARDED)
        for other in (f"127.0.0.1:{port}", f"0.0.0.0:{port + 1}"):
            code, words = failed(*common, "--take-over", "--tls", "off", "--listen", other)
            assert code == 2 and f"listen on 0.0.0.0:{port}" in words and other in words, words
        # It goes on as if nobody had come.
        assert server.process.poll() is None
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert plain.recv(100).startswith(b"HTTP/1.1 200 ")
        for same in ((), ("--listen", f"0.0.0.0:{port}")):
            heir = Program("serve", *common, "--take-over", "--tls", "off", *same, log=tmp_path / "heir.log")
            try:
                assert heir.port("listening on") == port
            finally:
                server.end()
            server = heir
    finally:
        server.end()


async def test_strangers_are_served_where_it_is_said(start):
    tenant = {"acme.yaml": "match: { keys: [env:ACME_KEY] }\ninherits: default"}
    for anyone, isServed in ((None, False), ("false", False), ("true", True)):
        said = "" if anyone is None else f"match: {{ anyone: {anyone} }}\n"
        async with tenants(start, tenant | {"default.yaml": said + OWN}) as (gemini, proxy):
            await Session.open(proxy, gemini, "acme-client-key")
            assert gemini.requests[-1].headers["x-goog-api-key"] == "the-real-gemini-key"
            client = await proxy.connect("wrong")
            await client.send(json.dumps(SETUP))
            if isServed:
                assert json.loads(await client.recv()) == {"setupComplete": {}}
            else:
                assert (await closed(client))[0] == 1007
            warned = any("anyone" in str(line) for line in proxy.log())
            assert warned == (anyone is None)


async def test_a_reload_does_not_open_what_was_guarded(start):
    tenant = {"acme.yaml": "match: { keys: [env:ACME_KEY] }\n" + OWN}
    async with tenants(start, tenant) as (gemini, proxy):
        (proxy.policies / "acme.yaml").rename(proxy.policies / "acme.off")
        await proxy.reload({})
        assert any(line["message"] == "policy not reloaded" for line in proxy.log())
        client = await proxy.connect("wrong")
        await client.send(json.dumps(SETUP))
        assert (await closed(client))[0] == 1007
        await Session.open(proxy, gemini, "acme-client-key")


NOBODY = 65534
READS_MEMORY = f"""
import os, sys
if os.getuid() == 0: os.setgid({NOBODY}); os.setuid({NOBODY})
for name in ("environ", "mem"):
    try: os.close(os.open(f"/proc/{{sys.argv[1]}}/{{name}}", os.O_RDONLY)); print(name)
    except PermissionError: pass
"""


class Nobodys(Proxy):
    """Runs as a user without rights, where this one has all."""

    def launcher(self):
        if os.getuid() != 0:
            return []
        place = self.log_path.parent
        for path in [place, *place.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        for parent in place.parents:
            if parent.owner() == "root" and str(parent).startswith("/tmp/"):
                os.chmod(parent, 0o755)
        return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]


async def test_who_runs_as_the_same_user_reads_no_key_from_its_memory(start):
    def read(process):
        ask = [sys.executable, "-c", READS_MEMORY, str(process.pid)]
        return subprocess.run(ask, capture_output=True, text=True, check=True, timeout=30).stdout.split()

    async with Gemini() as gemini:
        proxy = start(Nobodys, gemini.url)
        await Relay(gemini, proxy).session()
        other = subprocess.Popen([*proxy.launcher(), "sleep", "60"])
        try:
            # What is no program of ours is read so.
            await until(lambda: read(other) == ["environ", "mem"])
            assert read(proxy.process) == []
        finally:
            other.kill()
            other.wait()
