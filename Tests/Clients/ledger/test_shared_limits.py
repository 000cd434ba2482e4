"""Three nodes with one PostgreSQL: sessions, dollars and end users' quotas of all of them together."""

import asyncio
import contextlib
import functools
import itertools
import json
import re
import signal
import time
import urllib.request

import pytest
import watching
from faulty_relay import FaultyRelay
from relay import SETUP, SOON, Gemini, Raw, closed, soon, upgrade_request
from tenants import Session, Tenants, with_handle
from watching import freeze, is_said, shares
from websockets.exceptions import ConnectionClosed, InvalidStatus

until = functools.partial(watching.until, seconds=45)

KEY = "acme-client-key"
POLICY = "match: {{ keys: [env:ACME_KEY] }}\nupstream: {{ url: {url}, key: env:GEMINI_KEY }}\n"
# A round, an answer, and a machine that has other things to do.
HEARD = 2.5


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("GEMINI_KEY", "the-real-gemini-key")


class Fleet:
    """Nodes in front of one gemini, and their clients, each with an address of its own."""

    def __init__(self, start, gemini, postgres, policy, arguments):
        self.start, self.gemini, self.postgres = start, gemini, postgres
        self.policies = {"acme.yaml": POLICY.format(url=gemini.url) + policy}
        self.arguments = (*postgres.options, "--balancers", "127.0.0.1", *arguments)
        self.nodes, self.clients = [], []
        self.addresses = itertools.count(1)

    async def add(self, name, *arguments, database=None, **options):
        """`database`: the port where it finds that, if not its own."""
        to = f":{database or self.postgres.port}/"
        shared = (str(option).replace(f":{self.postgres.port}/", to) for option in self.arguments)
        arguments = (*shared, "--node", name, *arguments)
        node = await asyncio.to_thread(self.start, Tenants, self.policies, *arguments, **options)
        self.nodes.append(node)
        return node

    def header(self, user=None):
        number = next(self.addresses)
        fields = {"x-forwarded-for": f"10.0.{number // 250}.{number % 250 + 1}"}
        return fields | ({"x-end-user": user} if user else {})

    async def attempt(self, node, user=None):
        """Whether a session opens; otherwise the status of the answer, or the code of the close."""
        try:
            client = await self.nodes[node].connect(KEY, headers=self.header(user))
        except InvalidStatus as error:
            # Places move in a second; too many starts at once wait for two.
            assert error.response.headers["retry-after"] in ("1", "2")
            return error.response.status_code
        try:
            await client.send(json.dumps(SETUP))
            assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        except ConnectionClosed as error:
            assert "limits.sessions" in error.rcvd.reason or user, error.rcvd
            return error.rcvd.code
        await self.gemini.accepted()
        self.clients.append(client)
        return True

    async def comes_in(self, node):
        """Once the node knows what the database grants it."""
        async with asyncio.timeout(SOON):
            while (answer := await self.attempt(node)) is not True:
                assert answer == 1013
                await asyncio.sleep(0.1)

    async def is_full(self, node):
        """Lets nobody in, and says so for good once it has heard that no other node would."""
        async with asyncio.timeout(SOON):
            while (answer := await self.attempt(node)) != 1008:
                assert answer == 1013
                await asyncio.sleep(0.1)

    async def refused(self, node, user=None, setup=SETUP):
        """The key of the policy that a client is refused by."""
        client = await self.nodes[node].connect(KEY, headers=self.header(user))
        await client.send(json.dumps(setup))
        code, reason = await closed(client)
        assert code == 1008
        return re.search(r"(\w+\.\w+) (of this|is used up)", reason)[1]

    async def kill(self, node):
        node.process.kill()
        await asyncio.to_thread(node.process.wait)
        node.end()

    async def insist(self, node, limit, patience):
        """Comes again as it is told to, until there are so many."""
        end = time.monotonic() + patience
        while len(self.clients) < limit and time.monotonic() < end:
            if await self.attempt(node) is not True:
                await asyncio.sleep(1)
            assert len(self.clients) <= limit

    async def fill(self, nodes, limit, count, patience=30):
        """So many clients at once, at these nodes."""
        began = time.monotonic()
        each = (self.insist(nodes[at % len(nodes)], limit, patience) for at in range(count))
        await asyncio.gather(*each)
        assert len(self.clients) == limit
        return time.monotonic() - began

    async def hang_up(self):
        await asyncio.gather(*(client.close() for client in self.clients))
        self.clients = []
        await until(lambda: sum(self.column("used")) == 0)

    def column(self, name, node="%"):
        sql = f"SELECT {name} FROM places JOIN processes ON id = process WHERE tenant = 'acme'"
        sql += f" AND node LIKE '{node}'"
        return sorted(int(row[0]) for row in self.postgres.rows(sql))

    async def talk(self, node, user=None, setup=SETUP):
        """Both sides of a session."""
        return await Session.open(
            self.nodes[node], self.gemini, KEY, setup, headers=self.header(user)
        )


@contextlib.asynccontextmanager
async def fleet(start, postgres, policy, count=3, arguments=()):
    async with Gemini() as gemini:
        made = Fleet(start, gemini, postgres, policy, arguments)
        # In their order, whichever was ready first.
        made.nodes = list(await asyncio.gather(*(made.add(name) for name in ("one", "two", "three")[:count])))
        yield made


async def test_a_hundred_sessions_for_three_hundred_clients(start, postgres):
    async with fleet(start, postgres, "limits: { sessions: 100 }\n") as three:
        await until(lambda: min(three.column("held")) >= 16)
        assert len(three.column("held")) == 3 and sum(three.column("held")) <= 100
        took = await three.fill((0, 1, 2), 100, 300)
        print(f"300 clients at three nodes: {took:.1f} s")
        for node in range(3):
            await three.is_full(node)
        # All of them at one node, and at one that came last.
        await three.hang_up()
        print(f"150 clients at one node: {await three.fill((1,), 100, 150):.1f} s")
        await three.hang_up()
        await three.add("four")
        assert await three.attempt(3) is True
        print(f"150 clients at a newcomer: {await three.fill((3,), 100, 150):.1f} s")


async def test_a_newcomer_refuses_nobody(start, postgres):
    async with fleet(start, postgres, "limits: { sessions: 40 }\n", count=1) as nodes:
        assert nodes.column("held") == [40]
        # At least half of what is free, divided by all of them.
        for count, share in ((2, 20), (3, 10), (4, 6)):
            await nodes.add(f"node-{count}")
            answers = [await nodes.attempt(count - 1) for _ in range(share // 2)]
            assert answers == [True] * (share // 2)
        assert sum(nodes.column("held")) <= 40


async def test_places_of_a_killed_node_are_free_again(start, postgres):
    async with fleet(start, postgres, "limits: { sessions: 12 }\n", count=2) as nodes:
        await nodes.fill((0, 1), 12, 12)
        await nodes.kill(nodes.nodes[0])
        began = time.monotonic()
        nodes.clients = [client for client in nodes.clients if await is_open(client)]
        left = len(nodes.clients)
        assert 0 < left < 12
        await nodes.fill((1,), 12, 12, patience=40)
        # Not before its absence is over.
        assert time.monotonic() - began > 10
        # What restarts with its files has at once what nobody used; the rest waits for its callers.
        await asyncio.gather(*(client.close() for client in nodes.clients))
        nodes.clients = []
        for count in range(5):
            await nodes.insist(1, count + 1, 10)
        await until(lambda: nodes.column("used", node="two") == [5])
        await nodes.kill(nodes.nodes[1])
        began = time.monotonic()
        nodes.clients = []
        await nodes.add("two", data=nodes.nodes[1].data)
        await until(lambda: nodes.column("held", node="two") == [5, 7])
        for count in range(8):
            await nodes.insist(2, count + 1, 40)
        assert time.monotonic() - began > 10
        await nodes.fill((2,), 12, 4)


async def test_of_those_that_come_at_once_none_is_refused_while_others_hold_idle_places(start, postgres):
    """All find places at the upgrade, and more of them than there are reach their setups."""
    async with fleet(start, postgres, "limits: { sessions: 12 }\n") as three:
        await until(lambda: len(three.column("held")) == 3 and min(three.column("held")) > 1)
        (held,) = three.column("held", node="one")
        answers = await asyncio.gather(*(three.attempt(0) for _ in range(held + 2)))
        assert answers == [True] * (held + 2)


async def is_open(client):
    with contextlib.suppress(TimeoutError, ConnectionClosed):
        await asyncio.wait_for(client.recv(), 1)
    return client.state.name == "OPEN"


async def test_nodes_that_are_cut_off_keep_what_they_hold(start, postgres):
    async with fleet(start, postgres, "limits: { sessions: 9 }\n") as three:
        await until(lambda: three.column("held") == [3, 3, 3])
        await asyncio.to_thread(postgres.stop)
        await until(lambda: all(is_said(node, "is cut off") for node in three.nodes))
        for node in range(3):
            answers = await asyncio.gather(*(three.attempt(node) for _ in range(8)))
            assert answers.count(True) == 3 and set(answers) <= {True, 503, 1013}
        # One that begins now has a tenth, but at least one.
        three.arguments += ("--ledger-required", "no")
        await three.add("late")
        assert [await three.attempt(3) for _ in range(3)] == [True, 503, 503]
        await asyncio.to_thread(postgres.start)
        await until(lambda: all(shares(node) for node in three.nodes))
        await until(lambda: three.column("used") == [1, 3, 3, 3])
        for node in range(4):
            await three.is_full(node)


async def test_a_node_that_stands_still_passes_the_limit_by_what_it_held(start, postgres):
    async with fleet(start, postgres, "limits: { sessions: 10 }\n", count=2) as nodes:
        await until(lambda: nodes.column("held") == [5, 5])
        frozen = nodes.nodes[0].process
        freeze(frozen)
        try:
            await nodes.fill((1,), 10, 10, patience=40)
            began = [asyncio.create_task(nodes.attempt(0)) for _ in range(12)]
            await asyncio.sleep(0.5)
        finally:
            frozen.send_signal(signal.SIGCONT)
        answers = await asyncio.gather(*began)
        async with asyncio.timeout(SOON):
            while answers[-1] != 1008:
                answers.append(await nodes.attempt(0))
                await asyncio.sleep(0.1)
        # The formula: the limit, and what it held.
        assert answers.count(True) <= 5


BUDGET = "budget: { day_usd: 0.9 }\n"
TOTAL = "SELECT coalesce(sum(cost), 0) FROM spending WHERE end_user = ''"


def dollars(postgres):
    return postgres.number(TOTAL) / 1e6


def spent(node):
    """Of the tenant's budget, as this node knows it."""
    with urllib.request.urlopen(node.admin + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return next(
        float(line.rsplit(" ", 1)[1])
        for line in lines
        if line.startswith("turnkeeper_budget_used_usd{") and 'tenant="acme"' in line
    )


def near(amount):
    # Tokens are whole.
    return pytest.approx(amount, abs=1e-4)


async def test_a_days_dollars_over_three_nodes(start, postgres):
    async with fleet(start, postgres, BUDGET) as three:
        sessions = [await three.talk(node) for node in range(3)]
        await sessions[0].turn(dollars=0.5)
        await sessions[1].turn(dollars=0.3)
        # 0.1 is left, and each hears of it.
        await until(lambda: [spent(node) for node in three.nodes] == [near(0.8)] * 3)
        await sessions[2].turn(dollars=0.2)
        code, reason = await closed(sessions[2].client)
        assert code == 1008 and "budget.day_usd" in reason
        await until(lambda: [spent(node) for node in three.nodes] == [near(1.0)] * 3)
        assert [await three.refused(node) for node in range(3)] == ["budget.day_usd"] * 3
        assert dollars(postgres) == near(1.0)
        # Whoever begins again knows it from the ledger, its file and the others: once.
        await three.kill(three.nodes[0])
        await three.add("one", data=three.nodes[0].data)
        assert spent(three.nodes[3]) == near(1.0)
        assert await three.refused(3) == "budget.day_usd"
        await asyncio.sleep(HEARD)
        assert dollars(postgres) == near(1.0) and spent(three.nodes[3]) == near(1.0)


@pytest.mark.parametrize("budget", ["session_usd: 1", "session_tokens: 83333"])
async def test_a_session_s_budget_goes_on_at_another_node(start, postgres, budget):
    async with fleet(start, postgres, f"budget: {{ {budget} }}\n") as three:
        session = await three.talk(0)
        await session.turn(dollars=0.3)
        back = with_handle(await session.handle())
        kept = f"SELECT count(*) FROM conversations WHERE session = '{session.id}'"
        await until(lambda: postgres.number(kept) == 1)
        # A killed node loses its last second's rows, and they are counted below.
        await until(lambda: postgres.number("SELECT count(*) FROM turns WHERE ended_us > 0") == 1)
        await three.kill(three.nodes[0])
        # What it has used it still has at the third, and what it used at the second.
        session = await three.talk(1, setup=back)
        await session.turn(dollars=0.3)
        await session.handle("google-2")
        await session.client.close()
        await until(lambda: postgres.number("SELECT is_over::int FROM conversations") == 1)
        session = await three.talk(2, setup=back)
        await session.turn(dollars=0.6)
        code, reason = await closed(session.client)
        assert code == 1008 and f"budget.{budget.split(':')[0]}" in reason
        # As its conversation, what it has used is known elsewhere once it is written.
        await until(lambda: postgres.number("SELECT is_over::int FROM conversations") == 1)
        setups = len(three.gemini.setups)
        for node in (1, 2):
            assert await three.refused(node, setup=back) == f"budget.{budget.split(':')[0]}"
        assert len(three.gemini.setups) == setups
        # The books have each turn once, and so has the day.
        await until(lambda: postgres.number("SELECT count(*) FROM turns WHERE ended_us > 0") == 3)
        assert postgres.number("SELECT sum(cost_micro_usd) FROM turns") / 1e6 == near(1.2)
        await until(lambda: dollars(postgres) == near(1.2))
        # Another conversation has a budget of its own.
        await (await three.talk(1)).turn(dollars=0.4)


async def test_a_session_s_budget_cannot_be_outrun(start, postgres):
    async with fleet(start, postgres, "budget: { session_usd: 1 }\n") as three:
        back = SETUP
        for turn in range(4):
            session = await three.talk(turn % 3, setup=back)
            await session.turn(dollars=0.3)
            if turn == 3:
                assert (await closed(session.client))[0] == 1008
                break
            # Elsewhere at once, its old connection as it is.
            back = with_handle(await session.handle(f"google-{turn}"))
        setups = len(three.gemini.setups)
        for node in range(3):
            assert await three.refused(node, setup=back) == "budget.session_usd"
        assert len(three.gemini.setups) == setups


async def test_what_is_spent_in_an_outage_is_within_the_formula_and_counted_once(start, postgres):
    async with fleet(start, postgres, BUDGET, arguments=("--ledger-required", "no")) as three:
        sessions = [await three.talk(node) for node in range(3)]
        await sessions[0].turn(dollars=0.3)
        await until(lambda: [spent(node) for node in three.nodes] == [near(0.3)] * 3)
        await asyncio.to_thread(postgres.stop)
        await until(lambda: all(is_said(node, "is cut off") for node in three.nodes))
        # 0.6 is left: 0.2 for each, and the turn that uses it up.
        for session in sessions[:2]:
            await session.turn(dollars=0.15)
            await session.turn(dollars=0.15)
            code, reason = await closed(session.client)
            assert code == 1008 and "budget.day_usd" in reason
        assert [await three.refused(node) for node in (0, 1)] == ["budget.day_usd"] * 2
        await sessions[2].turn(dollars=0.05)
        # One of them is killed, and begins again, with a tenth of what its file leaves.
        await until(lambda: three.nodes[0].saved("acme") == near(0.6))
        await three.kill(three.nodes[0])
        again = await three.add("one", data=three.nodes[0].data)
        assert spent(again) == near(0.6)
        late = await three.talk(3)
        await late.turn(dollars=0.04)
        code, reason = await closed(late.client)
        assert code == 1008 and "budget.day_usd" in reason
        await asyncio.to_thread(postgres.start)
        await until(lambda: all(shares(node) for node in three.nodes[1:]))
        # 0.3, and in the outage 0.3, 0.3, 0.05, 0.04.
        await until(lambda: dollars(postgres) >= 0.98)
        await until(lambda: [spent(node) for node in three.nodes[1:]] == [near(0.99)] * 3)
        await asyncio.sleep(HEARD)
        assert dollars(postgres) == near(0.99)
        assert [spent(node) for node in three.nodes[1:]] == [near(0.99)] * 3
        assert await three.refused(2) == "budget.day_usd"


async def test_an_end_users_quota_over_three_nodes(start, postgres):
    policy = "end_users: { header: x-end-user, day_usd: 0.5, day_minutes: 1 }\n"
    async with fleet(start, postgres, policy) as three:
        first = await three.talk(0, "ann")
        await first.turn(dollars=0.3)
        await asyncio.sleep(HEARD)
        second = await three.talk(1, "ann")
        await asyncio.sleep(HEARD)
        await second.turn(dollars=0.3)
        code, reason = await closed(second.client)
        assert code == 1008 and "end_users.day_usd" in reason
        assert await three.refused(1, "ann") == "end_users.day_usd"
        await asyncio.sleep(HEARD)
        # A node that has never met her has one look, and ends what it began.
        third = await three.nodes[2].connect(KEY, headers=three.header("ann"))
        await third.send(json.dumps(SETUP))
        code, reason = await closed(third)
        assert code == 1008 and "end_users.day_usd" in reason
        assert await three.refused(2, "ann") == "end_users.day_usd"
        # However long hers lasted, gemini has no other that is open.
        while not three.gemini._connections.empty():
            three.gemini._connections.get_nowait()
        await (await three.talk(2, "bob")).turn(dollars=0.1)


async def test_a_take_over_leaves_no_place_unused(start, postgres):
    async with fleet(start, postgres, "limits: { sessions: 20 }\n", count=1) as nodes:
        old = nodes.nodes[0]
        assert [await nodes.attempt(0) for _ in range(6)] == [True] * 6
        new = await nodes.add("one", "--take-over", data=old.data)
        # At once what it waited for, and soon all that the other one does not use.
        assert [await nodes.attempt(1) for _ in range(7)] == [True] * 7
        await until(lambda: nodes.column("held") == [6, 14])
        for _ in range(7):
            await nodes.comes_in(1)
        await nodes.is_full(1)
        assert new.process.poll() is None


@contextlib.asynccontextmanager
async def one_of_three_cut_off(start, postgres, policy):
    """The third is, for as long as the relay says so."""
    async with fleet(start, postgres, policy, count=2) as three, FaultyRelay(postgres.port) as between:
        await three.add("three", database=between.port)
        yield three, between


async def cut(three, between):
    between.swallows = True
    await until(lambda: is_said(three.nodes[2], "is cut off"))


async def healed(three, between):
    between.heal()
    between.reset()
    await until(lambda: shares(three.nodes[2]))


async def test_sessions_of_a_node_that_is_cut_off_are_within_the_formula(start, postgres):
    limit = 12
    async with one_of_three_cut_off(start, postgres, f"limits: {{ sessions: {limit} }}\n") as (three, between):
        await until(lambda: len(three.column("held")) == 3)
        await asyncio.sleep(HEARD)
        await cut(three, between)
        began = time.monotonic()
        (held,) = three.column("held", node="three")
        # Its own clients find what it held, and no more.
        answers = await asyncio.gather(*(three.attempt(2) for _ in range(2 * limit)))
        assert answers.count(True) == held > 0 and set(answers) <= {True, 503, 1013}
        alone = list(three.clients)
        # The others have the rest at once, and all of it when they have not heard of it for 15 s.
        three.clients = []
        await three.fill((0, 1), limit, 2 * limit, patience=40)
        assert time.monotonic() - began > 10
        assert await three.attempt(2) is not True
        print(f"{limit + held} sessions at a limit of {limit}")
        await healed(three, between)
        # Nobody is sent away for it, and nobody more comes in, before there are fewer than the limit.
        await until(lambda: sum(three.column("used")) == limit + held)
        for node in range(3):
            await three.is_full(node)
        assert {client.state.name for client in (*alone, *three.clients)} == {"OPEN"}
        await asyncio.gather(*(client.close() for client in alone))
        await until(lambda: sum(three.column("used")) == limit)
        for node in range(3):
            await three.is_full(node)
        await three.clients.pop().close()
        await three.insist(2, limit, SOON)
        assert len(three.clients) == limit


async def starts(three, address, count):
    """So many upgrades from one address at each node at once: how many there are."""
    headers = (f"x-goog-api-key: {KEY}", f"x-forwarded-for: {address}")

    async def one(node):
        raw = Raw()
        raw.reader, raw.writer = await asyncio.open_connection("127.0.0.1", three.nodes[node].listening)
        raw.send(upgrade_request(headers=headers))
        head = await raw.head()
        raw.close()
        if head.startswith(b"HTTP/1.1 101 "):
            return True
        assert head.startswith(b"HTTP/1.1 503 ") and b"retry-after: 2" in head.lower(), head
        return False

    return sum(await asyncio.gather(*(one(node) for node in range(3) for _ in range(count))))


async def test_starts_at_three_nodes_are_within_the_formula(start, postgres):
    """One of them is cut off, which gives it no more, nor the others."""
    limit = 120
    async with one_of_three_cut_off(start, postgres, f"limits: {{ sessions: {limit} }}\n") as (three, between):
        await until(lambda: len(three.column("held")) == 3)
        await asyncio.sleep(HEARD)
        await cut(three, between)
        began = time.monotonic()
        each = limit // 3 + 5
        counts = [await starts(three, "192.0.2.1", each)]
        assert limit * 0.9 < counts[0] <= limit * (1 + (time.monotonic() - began) / 20)
        counts += await asyncio.gather(*(starts(three, f"192.0.2.{number}", each) for number in range(2, 7)))
        # A twentieth of them comes back in a second.
        took = time.monotonic() - began
        again = 1 + took / 20
        print(f"{counts} starts at a limit of {limit} sessions, within {took:.1f} s")
        assert max(counts) <= limit * again
        # Of a tenant, whatever the addresses.
        assert 4 * limit * 0.9 < sum(counts) <= 4 * limit * again


async def spend_all(session, dollars):
    """Turns of so many dollars until it is closed: what all of them cost."""
    total = 0
    with contextlib.suppress(ConnectionClosed):
        while True:
            await session.turn(dollars)
            total += dollars
            assert total < 5
    code, reason = await closed(session.client)
    assert code == 1008 and ".day_usd is used up" in reason, (code, reason)
    return total


# 5000 tokens.
TURN = 0.06


async def test_what_a_node_spends_that_is_cut_off_is_within_the_formula(start, postgres):
    async with one_of_three_cut_off(start, postgres, BUDGET) as (three, between):
        sessions = [await three.talk(node) for node in (0, 1, 2, 2)]
        await sessions[0].turn(dollars=0.3)
        await until(lambda: [spent(node) for node in three.nodes] == [near(0.3)] * 3)
        await cut(three, between)
        # r is 0.6 and n is 3; and each session that is open has the turn at whose end it is closed.
        alone = await spend_all(sessions[2], TURN)
        assert 0.2 - 1e-4 < alone < 0.2 + TURN + 1e-4
        assert await three.refused(2) == "budget.day_usd"
        alone += await spend_all(sessions[3], TURN)
        # The others know nothing of it.
        others = await spend_all(sessions[0], TURN)
        assert 0.6 - 1e-4 < others < 0.6 + TURN + 1e-4
        await until(lambda: spent(three.nodes[1]) == near(0.3 + others))
        others += await spend_all(sessions[1], TURN)
        assert 0.3 + others + alone < 0.9 + 0.2 + 4 * TURN + 1e-4
        await until(lambda: dollars(postgres) == near(0.3 + others))
        await healed(three, between)
        await until(lambda: dollars(postgres) == near(0.3 + others + alone))
        await until(lambda: [spent(node) for node in three.nodes] == [near(0.3 + others + alone)] * 3)
        assert [await three.refused(node) for node in range(3)] == ["budget.day_usd"] * 3


async def test_end_users_of_a_node_that_is_cut_off_are_within_the_formula(start, postgres):
    quota = "end_users: { header: x-end-user, day_usd: 0.5 }\n"
    async with one_of_three_cut_off(start, postgres, quota) as (three, between):
        people = {}
        for user in ("ann", "bob"):
            people[user] = await three.talk(0, user)
            await people[user].turn(dollars=0.2)
        of_users = "SELECT count(*) FROM spending WHERE end_user != '' AND cost > 190000"
        await until(lambda: postgres.number(of_users) == 2)
        # It has heard of bob, who talks there too, and never of ann.
        bob = await three.talk(2, "bob")
        await asyncio.sleep(HEARD)
        await cut(three, between)
        ann = await three.talk(2, "ann")
        for session, knew, user in ((bob, 0.2, "bob"), (ann, 0.0, "ann")):
            alone = await spend_all(session, TURN)
            assert 0.5 - knew - 1e-4 < alone < 0.5 - knew + TURN + 1e-4, user
            assert await three.refused(2, user) == "end_users.day_usd"
            elsewhere = await spend_all(people[user], TURN)
            assert 0.3 - 1e-4 < elsewhere < 0.3 + TURN + 1e-4, user
            people[user] = 0.2 + elsewhere + alone
        await healed(three, between)
        for user, total in people.items():
            assert total < 0.5 + 0.5 + 2 * TURN
            sql = f"SELECT sum(cost) FROM spending WHERE end_user LIKE '%{user}%'"
            await until(lambda: postgres.number(sql) / 1e6 == near(total))
            assert [await three.refused(node, user) for node in (0, 2)] == ["end_users.day_usd"] * 2
        await (await three.talk(2, "eve")).turn(dollars=0.1)
