"""Several nodes with one PostgreSQL: what they share, whichever of them is asked."""

import asyncio
import contextlib
import functools
import json
import subprocess
import time
import urllib.error
import urllib.request

import pytest
import watching
from relay import SETUP, Gemini, closed, soon
from tenants import CONSTRAINED, Tenants, session_id, with_handle
from turnkeeper import PROGRAM, Askew
from watching import is_said, shares
from websockets.exceptions import ConnectionClosed, InvalidStatus

until = functools.partial(watching.until, seconds=45)

KEY = "acme-client-key"
POLICY = "match: {{ keys: [env:ACME_KEY] }}\nupstream: {{ url: {url}, key: env:GEMINI_KEY }}\n"


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("GEMINI_KEY", "the-real-gemini-key")


class Nodes:
    """Three of them, in front of one gemini."""

    def __init__(self, gemini, nodes):
        self.gemini, self.nodes = gemini, nodes
        self.open = []

    def mint(self, node, **config):
        """A token, or the status of the answer that gives none."""
        request = urllib.request.Request(
            f"{self.nodes[node].http}/v1alpha/auth_tokens",
            json.dumps(config).encode(),
            {"x-goog-api-key": KEY, "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)["name"]
        except urllib.error.HTTPError as error:
            return error.code

    async def attempt(self, node, token=None):
        """Whether a session opens; otherwise the status of the answer, or the code of the close."""
        path = f"{CONSTRAINED}?access_token={token}" if token else None
        options = {"path": path} if path else {}
        try:
            client = await self.nodes[node].connect(None if token else KEY, **options)
        except InvalidStatus as error:
            assert error.response.headers["retry-after"]
            return error.response.status_code
        try:
            await client.send(json.dumps(SETUP))
            assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        except ConnectionClosed as error:
            return error.rcvd.code
        self.open.append(client)
        return True

    async def race(self, token, count, nodes=(0, 1, 2)):
        """How many of as many clients open a session; the others are told that it is used up."""
        answers = await asyncio.gather(
            *(self.attempt(nodes[index % len(nodes)], token) for index in range(count))
        )
        assert set(answers) <= {True, 1008}, answers
        return answers.count(True)


@contextlib.asynccontextmanager
async def three(start, postgres, extra="", arguments=()):
    async with Gemini() as gemini:
        policies = {"acme.yaml": POLICY.format(url=gemini.url) + extra}
        starting = (
            asyncio.to_thread(
                *(start, Tenants, policies, *postgres.options, "--node", name, *arguments)
            )
            for name in ("one", "two", "three")
        )
        yield Nodes(gemini, await asyncio.gather(*starting))


async def test_thirty_clients_and_three_uses(start, postgres):
    async with three(start, postgres) as nodes:
        for node in range(3):
            before = len(nodes.gemini.setups)
            token = await asyncio.to_thread(nodes.mint, node, uses=3)
            assert await nodes.race(token, 30) == 3
            assert await nodes.race(token, 6) == 0
            assert len(nodes.gemini.setups) == before + 3
        # Never a fourth, and the token stays good on those that are left.
        token = await asyncio.to_thread(nodes.mint, 0, uses=3)
        assert await nodes.attempt(0, token) is True
        nodes.nodes[0].process.kill()
        nodes.nodes[0].process.wait()
        nodes.nodes[0].end()
        assert await nodes.race(token, 10, (1, 2)) == 2
        assert await nodes.race(token, 6, (1, 2)) == 0


async def test_a_use_that_was_none_is_given_back(start, postgres):
    async with three(start, postgres) as nodes:
        token = await asyncio.to_thread(nodes.mint, 0, uses=1)
        client = await nodes.nodes[1].connect(None, f"{CONSTRAINED}?access_token={token}")
        assert await nodes.attempt(2, token) == 1008
        # It leaves without a setup.
        await client.close()
        used = "SELECT used FROM client_tokens"
        await until(lambda: postgres.number(used) == 0)
        assert await nodes.race(token, 9) == 1
        assert postgres.number(used) == 1


async def test_without_the_database_tokens_are_refused_and_keys_are_not(start, postgres):
    async with three(start, postgres) as nodes:
        token = await asyncio.to_thread(nodes.mint, 0, uses=2)
        assert await nodes.attempt(1, token) is True
        await asyncio.to_thread(postgres.stop)
        await until(lambda: all(is_said(node, "is cut off") for node in nodes.nodes))
        for node in range(3):
            assert await nodes.attempt(node, token) == 503
            assert await nodes.attempt(node) is True
            assert await asyncio.to_thread(nodes.mint, node, uses=1) == 503
        assert not shares(nodes.nodes[0])
        await asyncio.to_thread(postgres.start)
        await until(lambda: all(is_said(node, "shared database again") for node in nodes.nodes))
        assert await nodes.race(token, 9) == 1


async def test_a_database_that_answers_nobody_costs_no_use(start, postgres):
    async with three(start, postgres) as nodes:
        token = await asyncio.to_thread(nodes.mint, 0, uses=2)
        await asyncio.to_thread(postgres.pause, True)
        began = time.monotonic()
        answers = await asyncio.gather(*(nodes.attempt(node, token) for node in range(3)))
        # The bound is two seconds, and as much for a machine that is busy.
        assert answers == [503] * 3 and time.monotonic() - began < 4
        await asyncio.to_thread(postgres.pause, False)
        await until(lambda: all(shares(node) for node in nodes.nodes))
        # What was asked may have been done; it is given back.
        busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid != pg_backend_pid()"
        await until(lambda: postgres.number(f"SELECT used + ({busy}) FROM client_tokens") == 0)
        assert await nodes.race(token, 9) == 2


async def test_a_use_for_a_session_that_is_gone_is_put_off_while_nobody_can_count_it(start, postgres):
    async with three(start, postgres) as nodes:
        token = await asyncio.to_thread(nodes.mint, 0, uses=2)
        path = f"{CONSTRAINED}?access_token={token}"
        client = await nodes.nodes[0].connect(None, path)
        await client.send(json.dumps(SETUP))
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        name = {"x-turnkeeper-session": client.response.headers["x-turnkeeper-session"]}
        gemini = await nodes.gemini.accepted()
        await client.close()
        await gemini.wait_closed()
        back = await nodes.nodes[0].connect(None, path, headers=name)
        await asyncio.to_thread(postgres.pause, True)
        await back.send(json.dumps(SETUP))
        code, reason = await closed(back)
        await asyncio.to_thread(postgres.pause, False)
        # With 1008 the client would throw away a token that has a use left.
        assert code == 1013 and "try again" in reason, reason
        await until(lambda: all(shares(node) for node in nodes.nodes))
        row = "SELECT count(*) FROM client_tokens WHERE used = 1 AND resumed = 0"
        await until(lambda: postgres.number(row) == 1)
        again = await nodes.nodes[0].connect(None, path, headers=name)
        await again.send(json.dumps(SETUP))
        assert json.loads(await soon(again.recv())) == {"setupComplete": {}}
        assert postgres.number("SELECT used FROM client_tokens") == 2
        assert await nodes.race(token, 3) == 0


async def test_who_resumes_keeps_nobody_out(start, postgres):
    async with three(start, postgres) as nodes:
        token = await asyncio.to_thread(nodes.mint, 0, uses=2)
        client = await nodes.nodes[0].connect(None, f"{CONSTRAINED}?access_token={token}")
        await client.send(json.dumps(SETUP))
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        gemini = await nodes.gemini.accepted()
        await gemini.send(json.dumps({"sessionResumptionUpdate": {"newHandle": "abc", "resumable": True}}))
        handle = json.loads(await soon(client.recv()))["sessionResumptionUpdate"]["newHandle"]
        await client.close()
        back = await nodes.nodes[1].connect(None, f"{CONSTRAINED}?access_token={token}")
        await back.send(json.dumps(with_handle(handle)))
        assert json.loads(await soon(back.recv())) == {"setupComplete": {}}
        # Its upgrade was counted like any other. With its setup it was given back, at once: should that
        # node die now, no use is lost.
        assert postgres.number("SELECT used FROM client_tokens") == 1
        assert await nodes.attempt(2, token) is True
        assert await nodes.race(token, 3) == 0
        await until(lambda: postgres.number("SELECT resumed FROM client_tokens") == 1)


@pytest.mark.parametrize("apart", ["-3m", "+3m", "+30h"])
async def test_tokens_expire_by_the_clock_of_the_database(start, postgres, apart):
    kind = type("Askew", (Askew, Tenants), {"apart": apart})
    async with Gemini() as gemini:
        policies = {"acme.yaml": POLICY.format(url=gemini.url)}
        right = await asyncio.to_thread(start, Tenants, policies, *postgres.options, "--node", "one")
        wrong = await asyncio.to_thread(start, kind, policies, *postgres.options, "--node", "two")
        nodes = Nodes(gemini, [right, wrong])
        now = time.time()
        times = {
            "expireTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 900)),
            "newSessionExpireTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 60)),
        }
        for config in ({}, times):
            for made in range(2):
                token = await asyncio.to_thread(nodes.mint, made, uses=2, **config)
                assert await nodes.race(token, 2, (0, 1)) == 2, (made, config, token)
        past = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - 60))
        assert await asyncio.to_thread(nodes.mint, 1, expireTime=past) == 400
        # Nobody is closed because this node's clock is past a token's time.
        await asyncio.sleep(0.5)
        for client in nodes.open:
            await soon(await client.ping())


async def test_nodes_tell_each_other_that_they_are_there(start, postgres):
    async with three(start, postgres) as nodes:
        assert await nodes.attempt(1) is True
        rows = "SELECT node, sessions, admin != '' FROM processes ORDER BY node"
        here = [["one", "0", "t"], ["three", "0", "t"], ["two", "1", "t"]]
        await until(lambda: postgres.rows(rows) == here)
        assert postgres.number("SELECT count(DISTINCT policies) FROM processes") == 1
        nodes.nodes[0].end()
        await until(lambda: len(postgres.rows(rows)) == 2)


def listed(postgres, *options):
    said = subprocess.run(
        [PROGRAM, "nodes", *postgres.options, *options], capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 0, said
    return said.stdout


def by_name(postgres):
    return {one["node"]: one for one in json.loads(listed(postgres, "--json"))}


async def test_nodes_are_listed_with_what_differs(start, postgres):
    async with three(start, postgres) as nodes:
        assert await nodes.attempt(0) is True
        await until(lambda: by_name(postgres)["one"]["sessions"] == 1)
        await until(lambda: set(by_name(postgres)) == {"one", "two", "three"})
        found = by_name(postgres)
        assert {one["state"] for one in found.values()} == {"serving"}
        assert len({one["policies"] for one in found.values()} - {""}) == 1
        for name, node in zip(("one", "two", "three"), nodes.nodes):
            assert found[name]["admin"].endswith(node.admin.rpartition(":")[2])
        assert "differ" not in listed(postgres)
        with urllib.request.urlopen(f"{nodes.nodes[2].admin}/api/nodes", timeout=20) as answer:
            assert {one["node"]: one["admin"] for one in json.load(answer)} == {
                name: one["admin"] for name, one in found.items()
            }
        other = {"acme.yaml": POLICY.format(url=nodes.gemini.url) + "limits: { sessions: 7 }\n"}
        await asyncio.to_thread(start, Tenants, other, *postgres.options, "--node", "four")
        await until(lambda: "policies differ: " in listed(postgres))
        assert "on four" in listed(postgres)
        # One that ends is not listed any more; one that dies is.
        nodes.nodes[1].process.kill()
        nodes.nodes[1].process.wait()
        for node in nodes.nodes[1:]:
            await asyncio.to_thread(node.end)
        await until(lambda: by_name(postgres)["two"]["state"] == "silent")
        assert "silent for " in listed(postgres)
        await until(lambda: "three" not in by_name(postgres))


async def test_a_node_that_drains_and_one_of_another_version_are_listed(start, postgres):
    async with three(start, postgres, arguments=("--drain", "60s")) as nodes:
        assert await nodes.attempt(0) is True
        await until(lambda: set(by_name(postgres)) == {"one", "two", "three"})
        assert "versions differ" not in listed(postgres)
        (version,) = {one["version"] for one in by_name(postgres).values()}
        # In the middle of a question it is waited for.
        speech = {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": "AAEC" * 800}}}
        await nodes.open[0].send(json.dumps({"realtimeInput": {"activityStart": {}}}))
        await nodes.open[0].send(json.dumps(speech))
        nodes.nodes[0].process.terminate()
        await until(lambda: by_name(postgres)["one"]["state"] == "draining")
        (line,) = [line for line in listed(postgres).splitlines() if line.startswith("one ")]
        assert "draining" in line
        assert {by_name(postgres)[name]["state"] for name in ("two", "three")} == {"serving"}
        # As one of an older program, which has written its own.
        postgres.psql(
            "CREATE FUNCTION public.is_old() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN NEW.version := ''0.0.1''; RETURN NEW; END';"
            " CREATE TRIGGER is_old BEFORE INSERT OR UPDATE ON processes FOR EACH ROW"
            " WHEN (NEW.node = 'two') EXECUTE FUNCTION public.is_old()"
        )
        await until(lambda: "versions differ: " in listed(postgres))
        (told,) = [line for line in listed(postgres).splitlines() if line.startswith("versions differ: ")]
        assert "0.0.1 on two" in told and version in told
        assert by_name(postgres)["two"]["version"] == "0.0.1"
        await nodes.open[0].close()
        assert await asyncio.to_thread(nodes.nodes[0].process.wait, 30) == 0
        nodes.nodes[0].end()
        await until(lambda: set(by_name(postgres)) == {"two", "three"})


def order(node, verb, session):
    """By the command line: its status, and what it says."""
    admin = node.admin.removeprefix("http://")
    done = subprocess.run(
        [PROGRAM, "sessions", verb, session, "--admin", admin],
        **{"capture_output": True, "text": True, "timeout": 60},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("verb, code", [("end", 1008), ("drain", 1001)])
async def test_an_order_reaches_the_node_that_has_the_session(start, postgres, verb, code):
    async with three(start, postgres) as nodes:
        assert await nodes.attempt(1) is True and await nodes.attempt(1) is True
        named = "SELECT id FROM sessions ORDER BY id"
        await until(lambda: len(postgres.rows(named)) == 2)
        session, other = map(session_id, nodes.open)
        status, said = await asyncio.to_thread(order, nodes.nodes[0], verb, session)
        assert (status, json.loads(said)) == (0, {"id": session, "order": verb, "node": "two"})
        await asyncio.wait_for(nodes.open[0].wait_closed(), 20)
        assert nodes.open[0].close_code == code
        # Nobody else was meant, and the order is not given twice.
        await until(lambda: postgres.number("SELECT count(*) FROM orders") == 0)
        assert nodes.open[1].close_code is None

        def told():
            lines = [x for x in nodes.nodes[1].log() if x["message"] == f"session ordered to {verb}"]
            return [line["session"] for line in lines]

        await until(lambda: told() == [session])
        with urllib.request.urlopen(f"{nodes.nodes[2].admin}/api/sessions", timeout=20) as answer:
            assert {one["node"] for one in json.load(answer)} == {"two"}
        ended = f"SELECT count(*) FROM sessions WHERE id = '{session}' AND ended_us IS NOT NULL"
        await until(lambda: postgres.number(ended) == 1)
        for node in nodes.nodes:
            status, said = await asyncio.to_thread(order, node, verb, session)
            assert status == 1 and "no live session with this id" in said
        # Nor is a node that is dead told to do anything.
        nodes.nodes[1].process.kill()
        nodes.nodes[1].process.wait()
        await until(lambda: by_name(postgres)["two"]["state"] == "silent")
        status, said = await asyncio.to_thread(order, nodes.nodes[0], verb, other)
        assert status == 1 and "no live session with this id" in said
        assert postgres.number("SELECT count(*) FROM orders") == 0
        nodes.nodes[1].end()


async def test_an_order_without_the_database(start, postgres):
    async with three(start, postgres) as nodes:
        assert await nodes.attempt(0) is True and await nodes.attempt(1) is True
        here, there = map(session_id, nodes.open)
        await until(lambda: postgres.number("SELECT count(*) FROM sessions") == 2)
        await asyncio.to_thread(postgres.stop)
        status, said = await asyncio.to_thread(order, nodes.nodes[0], "end", there)
        assert status == 1 and "no live session with this id here, and other nodes" in said
        status, said = await asyncio.to_thread(order, nodes.nodes[0], "end", here)
        assert status == 0, said
        await asyncio.to_thread(postgres.start)


@pytest.mark.parametrize("table", ["lessons", "orders"])
async def test_a_table_that_no_call_needs_takes_nothing_else_with_it(start, postgres, table):
    async with three(start, postgres) as nodes:
        postgres.psql(f"ALTER TABLE turnkeeper.{table} RENAME TO gone")
        told = "nodes do not share what they learn about models, or orders for sessions"
        await until(lambda: all(is_said(node, told) for node in nodes.nodes))
        # An order cannot be passed on, and that is no outage either. Tokens are shared all the same.
        assert await nodes.attempt(1) is True
        there = session_id(nodes.open[0])
        await until(lambda: postgres.number(f"SELECT count(*) FROM sessions WHERE id = '{there}'"))
        status, said = await asyncio.to_thread(order, nodes.nodes[0], "end", there)
        assert status == (1 if table == "orders" else 0), said
        token = await asyncio.to_thread(nodes.mint, 0, uses=2)
        assert await nodes.race(token, 9) == 2
        assert not any(is_said(node, "is cut off") for node in nodes.nodes)
        postgres.psql(f"ALTER TABLE turnkeeper.gone RENAME TO {table}")
        again = "nodes share lessons and orders again"
        await until(lambda: all(is_said(node, again) for node in nodes.nodes))
