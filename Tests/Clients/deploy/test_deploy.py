"""Balancers in front of two servers, configured as docs/DEPLOY.md says."""

import asyncio
import contextlib
import http.client
import json
import re
import signal
import socket
import time

import balancers
import pytest
from certificates import Authority
from rest_gemini import RESTGemini
from turnkeeper import PATH, REPOSITORY, Guarded, Program, Proxy, Simulator
from watching import is_said, until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

SETUP = {"setup": {"model": "models/gemini-3.1-flash-live-preview"}}
PREFIXES = {
    "none": "", "kept": "/kept", "kept twice": "//a/b", "kept with a version": "/api/v1", "stripped": "/gemini",
}
SOON = 30
IDLE_SECONDS = 68


class Deployment:
    """A balancer, two servers, and what answers behind them."""

    def __init__(self, start, tmp_path, kind, url, policy="match: { anyone: true }", change=lambda text: text, options=(), **upstream):
        authority = Authority(tmp_path)
        files = authority.issue(host=balancers.HOST)
        tls = ",".join(map(str, files)) if kind.passes_tls else "off"
        arguments = ("--tls", tls, "--balancers", "127.0.0.1", "--drain", "5s")
        self.nodes = [start(Guarded, url, policy, *arguments, *options, **upstream) for _ in range(2)]
        ports = [node.listening for node in self.nodes]
        self.balancer = start(kind, ports, authority, files, change=change)

    def connect(self, prefix="", key="any", local="127.0.0.1", **headers):
        port = self.balancer.listening
        return connect(
            f"wss://{balancers.HOST}:{port}{prefix}{PATH}?key={key}",
            host="127.0.0.1", port=port, local_addr=(local, 0), ssl=self.balancer.trust(),
            ping_interval=None, max_size=None, proxy=None, open_timeout=2 * SOON,
            additional_headers=headers,
        )

    @contextlib.asynccontextmanager
    async def session(self, prefix=""):
        async with self.connect(prefix) as client:
            await client.send(json.dumps(SETUP))
            assert "setupComplete" in json.loads(await asyncio.wait_for(client.recv(), SOON))
            yield client

    def request(self, method, path, body=None, headers=None):
        """Over TLS; the answer's status and body."""
        answer = self.exchange(method, path, body, headers)
        return answer.status, answer.read()

    def exchange(self, method, path, body=None, headers=None):
        class Connection(http.client.HTTPSConnection):
            def connect(self):
                plain = socket.create_connection(("127.0.0.1", self.port), SOON)
                self.sock = self._context.wrap_socket(plain, server_hostname=self.host)

        connection = Connection(
            balancers.HOST, self.balancer.listening, context=self.balancer.trust()
        )
        connection.request(method, path, body, headers or {})
        return connection.getresponse()


async def ask(client, question="hello"):
    """Until the end of the turn: how many messages of sound were heard."""
    await client.send(json.dumps({"realtimeInput": {"text": question}}))
    heard = 0
    while True:
        message = json.loads(await asyncio.wait_for(client.recv(), SOON))
        content = message.get("serverContent", {})
        heard += "modelTurn" in content
        if content.get("turnComplete"):
            assert heard
            return heard


@pytest.fixture(params=balancers.ALL, ids=lambda kind: kind.__name__)
def deployment(request, start, tmp_path):
    return Deployment(start, tmp_path, request.param, start(Simulator, "--scenario", "quick").url)


async def test_clients_come_through_with_a_prefix_and_without(deployment):
    for prefix in PREFIXES.values():
        async with deployment.session(prefix) as client:
            await ask(client)
    for path in ("/readyz", "/kept/readyz", "/gemini/healthz", "/api/v1/readyz"):
        status, _ = await asyncio.to_thread(deployment.request, "GET", path)
        assert status == 200, path
    def active():
        return [node.count("sessions_active") for node in deployment.nodes]

    # Two that last are on two servers. What has gone before is over there a moment later.
    await until(lambda: active() == [0, 0])
    async with deployment.session(), deployment.session():
        await until(lambda: active() == [1, 1])


def with_lines(text):
    """Version 1 of the PROXY protocol."""
    assert "send-proxy-v2" in text
    return text.replace("send-proxy-v2", "send-proxy")


@pytest.mark.parametrize(
    "kind, change",
    [(kind, lambda text: text) for kind in balancers.ALL]
    + [(balancers.HAProxyPassingTLS, with_lines)],
    ids=[kind.__name__ for kind in balancers.ALL] + ["HAProxyPassingTLS-1"],
)
async def test_the_client_is_told_why_and_the_log_names_its_address(start, tmp_path, kind, change):
    url = start(Simulator, "--scenario", "quick").url
    deployment = Deployment(start, tmp_path, kind, url, change=change)
    for node in deployment.nodes:
        policies = node.log_path.parent / "policies"
        (policies / "acme.yaml").write_text(f"match: {{ keys: [sha256:{'0' * 64}] }}\ninherits: default\n")
        default = policies / "default.yaml"
        default.write_text(default.read_text().replace("anyone: true", "anyone: false"))
        node.process.send_signal(signal.SIGHUP)
    for node in deployment.nodes:
        async with asyncio.timeout(SOON):
            while "policies reloaded" not in node.log_path.read_text():
                await asyncio.sleep(0.05)
    forged = {"X-Forwarded-For": "203.0.113.7"}
    async with deployment.connect(key="wrong", local="127.0.0.9", **forged) as client:
        await client.send(json.dumps(SETUP))
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(client.recv(), SOON)
    assert closed.value.rcvd.code == 1007 and "API key not valid" in closed.value.rcvd.reason
    await until(lambda: any(is_said(node, "session refused") for node in deployment.nodes))
    logs = "".join(node.log_path.read_text() for node in deployment.nodes)
    (line,) = [line for line in logs.splitlines() if "session refused" in line]
    assert re.search(r"client=127\.0\.0\.9\b", line), line
    assert "203.0.113.7" not in logs


async def test_a_server_that_drains_gets_no_newcomers_and_ends_its_sessions_with_1001(deployment):
    leaving, staying = deployment.nodes
    async with deployment.session() as one, deployment.session() as other:
        await until(lambda: leaving.count("sessions_active") == 1)
        leaving.process.send_signal(signal.SIGTERM)
        leaving.was_ended = True
        await until(lambda: is_said(leaving, "draining"))
        if not deployment.balancer.retries:
            await asyncio.sleep(balancers.CHECKED)
        for _ in range(8):
            async with deployment.session() as newcomer:
                await ask(newcomer)
        ended, lasting = [], []
        for client in (one, other):
            try:
                await ask(client)
                lasting.append(client)
            except ConnectionClosed as closed:
                ended.append((closed.rcvd.code, closed.rcvd.reason))
        assert len(ended) == len(lasting) == 1
        assert ended[0][0] == 1001 and "going away" in ended[0][1]
    assert await asyncio.to_thread(leaving.process.wait, SOON) == 0
    # The one that had to go comes back to the other.
    async with deployment.session() as again:
        await ask(again)
    assert staying.process.poll() is None


def one_each(text):
    assert "maxconn 5000" in text
    return text.replace("maxconn 5000", "maxconn 1").replace("timeout queue   5s", "timeout queue 1m")


@pytest.mark.parametrize("kind", [balancers.HAProxy, balancers.HAProxyPassingTLS])
async def test_whom_no_server_has_room_for_waits_until_one_has(start, tmp_path, kind):
    url = start(Simulator, "--scenario", "quick").url
    deployment = Deployment(start, tmp_path, kind, url, change=one_each)

    async def third():
        async with deployment.session() as client:
            await ask(client)

    async with deployment.session():
        async with deployment.session() as leaving:
            waiting = asyncio.create_task(third())
            for _ in range(3):
                await ask(leaving)
                assert [node.count("sessions_active") for node in deployment.nodes] == [1, 1]
            assert not waiting.done()
        await asyncio.wait_for(waiting, SOON)


async def test_idle_sessions_stay(start, tmp_path):
    """All balancers at once. Meanwhile their health checks have asked dozens of times."""
    url = start(Simulator, "--scenario", "quick").url
    deployments = []
    for kind in balancers.ALL:
        directory = tmp_path / kind.__name__
        directory.mkdir()
        deployments.append(Deployment(start, directory, kind, url))

    async def idle(deployment, prefix):
        async with deployment.session(prefix) as client:
            await ask(client)
            await asyncio.sleep(IDLE_SECONDS)
            await ask(client)
        async with deployment.session(prefix) as newcomer:
            await ask(newcomer)

    prefixes = ("", "/kept", "/gemini")
    await asyncio.gather(*(idle(each, prefix) for each in deployments for prefix in prefixes))


def without_version(text):
    """nginx as it is unless told otherwise: it speaks HTTP/1.0 to what is behind it."""
    assert "proxy_http_version 1.1;" in text
    return text.replace("proxy_http_version 1.1;", "")


@pytest.mark.parametrize(
    "kind, change",
    [(kind, lambda text: text) for kind in balancers.ALL] + [(balancers.Nginx, without_version)],
    ids=[kind.__name__ for kind in balancers.ALL] + ["Nginx-1.0"],
)
def test_rest_comes_through(start, tmp_path, postgres, kind, change):
    with RESTGemini() as (rest, url):
        rest.go_on.release(10)
        deployment = Deployment(start, tmp_path, kind, url, change=change, options=postgres.options)
        key = {"x-goog-api-key": "any", "Content-Type": "application/json"}
        for prefix in PREFIXES.values():
            path = f"{prefix}/v1beta/models/gemini-3.8-flash"
            status, body = deployment.request("POST", f"{path}:generateContent", "{}", key)
            assert status == 200 and b'"whole"' in body, (prefix, body)
        status, body = deployment.request("POST", f"{path}:streamGenerateContent", "{}", key)
        assert status == 200 and b'"three"' in body
        assert {seen["path"].partition(":")[0] for seen in rest.requests} == {
            "/v1beta/models/gemini-3.8-flash"
        }
        assert deployment.request("GET", "/readyz")[0] == 200
        # The address where an upload goes on is the balancer's, with its scheme and its port.
        here = f"https://{balancers.HOST}:{deployment.balancer.listening}"
        begin = {"x-goog-api-key": "any", "X-Goog-Upload-Command": "start"}
        go_on = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
        for name, prefix in PREFIXES.items():
            kept = "" if name == "stripped" and not kind.passes_tls else prefix.replace("//", "/")
            # More often than there are servers: it goes on at either.
            for _ in range(3):
                begun = deployment.exchange("POST", f"{prefix}/upload/v1beta/files", "{}", begin)
                link = begun.headers["X-Goog-Upload-URL"]
                assert begun.status == 200 and link.startswith(f"{here}{kept}/upload/v1beta/files?"), (name, link)
                status, body = deployment.request("POST", link.removeprefix(here), "12345", go_on)
                assert status == 200 and json.loads(body)["file"]["size"] == 5, (name, body)


def test_health_is_answered_as_balancers_ask(start):
    """HAProxy's default and its old idiom, nginx's, Kubernetes', and others'."""
    node = start(Proxy, start(Simulator, "--scenario", "quick").url)
    asked = [
        "OPTIONS / HTTP/1.0\r\n\r\n",
        "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /readyz HTTP/1.0\r\n\r\n",
        "GET /readyz HTTP/1.0\r\nHost: turnkeeper\r\nConnection: close\r\n\r\n",
        "HEAD /readyz HTTP/1.0\r\n\r\n",
        "OPTIONS /readyz HTTP/1.0\r\n\r\n",
        "GET /kept/readyz HTTP/1.0\r\n\r\n",
        "GET //healthz HTTP/1.1\r\nHost: a\r\nUser-Agent: kube-probe/1.30\r\n\r\n",
        "GET http://a:80/healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    ]

    def statuses():
        found = []
        for text in asked:
            with socket.create_connection(node.address, SOON) as connection:
                connection.sendall(text.encode())
                found.append(int(connection.makefile("rb").readline().split()[1]))
        return found

    assert statuses() == [200] * len(asked)


def test_the_options_that_the_page_names_are_accepted(tmp_path):
    """Those of the commands, and those of the services."""
    page = (REPOSITORY / "docs/DEPLOY.md").read_text()
    commands = re.findall(r"^turnkeeper (serve .*)$", page, re.MULTILINE)
    services = re.findall(r'^TURNKEEPER_OPTIONS="(.*)"$', page, re.MULTILINE)
    assert commands and len(services) == 2
    (tmp_path / "policies").mkdir()
    Authority(tmp_path).issue()
    places = {
        "10.0.0.11:8080": "127.0.0.1:0",
        "10.0.0.11:8443": "127.0.0.1:0",
        "127.0.0.1:8081": "127.0.0.1:0",
        "cert.pem,key.pem": f"{tmp_path}/cert.pem,{tmp_path}/key.pem",
        "/etc/turnkeeper": str(tmp_path / "policies"),
        "/var/lib/turnkeeper": str(tmp_path / "data"),
    }
    for words in [*commands, *(f"serve {service}" for service in services)]:
        for documented, place in places.items():
            words = words.replace(documented, place)
        if "--data" not in words:
            words += f" --policies {tmp_path}/policies --data {tmp_path}/data"
        if "--admin" not in words:
            words += " --admin 127.0.0.1:0"
        server = Program(*words.split(), log=tmp_path / "log")
        server.port("admin on")
        server.end()
