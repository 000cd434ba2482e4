"""Conversations that go on at another node when theirs dies, is replaced, or is cut off."""

import asyncio
import base64
import contextlib
import json
import subprocess
import time

import pytest
from certificates import Authority
from database import HOST, USER, Secured
from nodes import settled
from relay import SOON, Gemini, closed, soon
from tenants import Session, Tenants, with_handle
from turnkeeper import PATH, PROGRAM, Proxy, Simulator, turns
from watching import is_said, until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

MODEL = "models/gemini-3.1-flash-live-preview"
# How long what was said may not be written yet: a second, and two for a machine that is busy.
DELAY = 3.0


class Caller:
    """Types questions, answers tool calls, and redials the next node with its handle when it is cut
    off. What it was in the middle of it asks anew, in other words."""

    def __init__(self, name, nodes, seat=0):
        self.name, self.nodes, self.seat = name, nodes, seat
        self.socket = self.handle = None
        self.asked = 0
        # (question, when its answer had come)
        self.answered = []
        # (the first question after it, what may not be forgotten, how long it took)
        self.returns = []
        self.closes = []
        self.calls = []
        self.is_ready = asyncio.Event()
        self.is_over = False

    async def dial(self):
        await self.set_up()
        assert json.loads(await soon(self.socket.recv())) == {"setupComplete": {}}

    async def set_up(self):
        resumption = {"handle": self.handle} if self.handle else {}
        setup = {
            "model": MODEL,
            "generationConfig": {"responseModalities": ["AUDIO"]},
            "inputAudioTranscription": {},
            "outputAudioTranscription": {},
            "realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}},
            "tools": [{"functionDeclarations": [{"name": "search"}]}],
            "sessionResumption": resumption,
        }
        url = f"{self.nodes[self.seat].ws}{PATH}?key=test-key"
        self.socket = await connect(url, max_size=None, ping_interval=None, proxy=None)
        await self.socket.send(json.dumps({"setup": setup}))

    async def ask(self, words=""):
        self.asked += 1
        question = f"{self.name} asks {words}number {self.asked}."
        await self.socket.send(json.dumps({"realtimeInput": {"text": question}}))
        while True:
            message = await self.hears()
            for call in message.get("toolCall", {}).get("functionCalls", []):
                self.calls.append(call["id"])
                answer = {"id": call["id"], "name": call["name"], "response": {"output": "found"}}
                response = {"toolResponse": {"functionResponses": [answer]}}
                await self.socket.send(json.dumps(response))
            if message.get("serverContent", {}).get("turnComplete"):
                self.answered.append((question, time.monotonic()))
                return question

    async def hears(self):
        message = json.loads(await soon(self.socket.recv(), 45))
        if update := message.get("sessionResumptionUpdate"):
            self.handle = update.get("newHandle") or self.handle
        return message

    async def until_it_has_a_handle(self):
        while not self.handle:
            await self.hears()

    async def leave(self, seat):
        """Vanishes, and goes on at another node."""
        self.socket.transport.abort()
        self.seat = seat
        await self.dial()

    async def talk(self):
        await self.dial()
        await self.ask()
        await self.until_it_has_a_handle()
        self.is_ready.set()
        while not self.is_over:
            try:
                await self.ask("to search for " if self.asked % 3 == 2 else "")
                await asyncio.sleep(0.3)
            except ConnectionClosed:
                await self.come_back()
        await self.socket.close()

    async def come_back(self):
        """Goes on at the next node that answers a question; more of them may die meanwhile."""
        cut = getattr(self.nodes[self.seat], "killed_at", time.monotonic())
        is_told = self.socket.protocol.close_rcvd is not None
        kept = [question for question, at in self.answered if is_told or at < cut - DELAY]
        for _ in self.nodes:
            received = self.socket.protocol.close_rcvd
            self.closes.append(received.code if received else 1006)
            took = await self.redial()
            with contextlib.suppress(ConnectionClosed):
                self.returns.append((await self.ask("again "), kept, took))
                return
        pytest.fail(f"{self.name} was cut off at every node")

    async def redial(self):
        """How long the successful attempt took."""
        deadline = time.monotonic() + 2 * SOON
        while True:
            self.seat = (self.seat + 1) % len(self.nodes)
            began = time.monotonic()
            try:
                await self.dial()
                return time.monotonic() - began
            except (OSError, EOFError, ConnectionClosed, InvalidStatus) as error:
                # A node that drains says so before the upgrade.
                assert "1008" not in str(error) and time.monotonic() < deadline, error
                await asyncio.sleep(0.05)


def where(record, question):
    """The conversation and the turn in which a question was asked; it must be the only one."""
    found = [
        (conversation, turn)
        for conversation in record["conversations"]
        for turn in conversation["turns"]
        if turn["text"] == question
    ]
    assert len(found) == 1, (question, found)
    return found[0]


def known(record, question):
    """What the model knew when it was asked, and whether its own handle brought it back."""
    conversation, turn = where(record, question)
    texts = {turn["number"]: turn["text"] for turn in conversation["turns"]}
    connection = turn["connection"]
    resumed = [one for one in conversation["resumes"] if one["connection"] == connection]
    # A handle also stands for what the conversation was rebuilt from.
    words = [
        seed["text"]
        for seed in conversation["seeds"]
        if seed["connection"] == connection or resumed and seed["connection"] < connection
    ]
    for resume in resumed:
        words += [texts[number] for number in resume["remembers"]]
    words += [
        earlier["text"]
        for earlier in conversation["turns"]
        if earlier["connection"] == connection and earlier["number"] < turn["number"]
    ]
    return " ".join(words), bool(resumed)


def assert_nothing_twice(record):
    """No question was asked twice, and no call answered twice, by our doing."""
    texts = [turn["text"] for turn in turns(record) if turn["text"]]
    assert len(texts) == len(set(texts)), [text for text in texts if texts.count(text) > 1]
    responses = [
        response["id"] for one in record["conversations"] for response in one["tool_responses"]
    ]
    assert len(responses) == len(set(responses))


def nodes_of(start, postgres, names, *arguments, policy=""):
    simulator = start(Simulator, "--scale", "0.05")
    return simulator, [
        start(Proxy, simulator.url, policy, *postgres.options, "--node", name, *arguments)
        for name in names
    ]


@contextlib.asynccontextmanager
async def talking(callers):
    tasks = [asyncio.create_task(caller.talk()) for caller in callers]
    try:
        # Without a handle there is nothing to come back to.
        await soon(asyncio.gather(*(caller.is_ready.wait() for caller in callers)), 60)
        yield
    finally:
        for caller in callers:
            caller.is_over = True
    await asyncio.gather(*tasks)


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "state-key"
    path.write_text("5a" * 32 + "\n")
    path.chmod(0o600)
    return path


async def test_nodes_are_killed(start, postgres, key):
    simulator, nodes = nodes_of(start, postgres, "abc", "--state-key", key)
    callers = [Caller(f"Caller {number}", nodes, number % 3) for number in range(24)]
    async with talking(callers):
        for node in nodes[:2]:
            await asyncio.sleep(6)
            node.killed_at = time.monotonic()
            node.process.kill()
            node.process.wait()
            node.end()
        await asyncio.sleep(6)
    record = simulator.record()
    assert_nothing_twice(record)
    returns = [one for caller in callers for one in caller.returns]
    assert len(returns) >= 20
    for question, kept, took in returns:
        words, _ = known(record, question)
        assert [text for text in kept if text not in words] == [], question
        assert took < 10
    assert sum(len(kept) for _, kept, _ in returns) > 40
    assert sum(known(record, question)[1] for question, _, _ in returns) > len(returns) / 2
    # Each question was answered by one conversation, and heard.
    for caller in callers:
        assert len(caller.calls) == len(set(caller.calls)) > 0
        assert not {code for code in caller.closes} - {1006}


def delays(node):
    """How many states were written, and how many of them within a second of their coming."""
    prompt = node.count("conversations_delay_seconds_bucket", le="1")
    return node.count("conversations_delay_seconds_count"), prompt


async def share_within_a_second(node):
    """Of what is written in the next six seconds."""
    count, prompt = delays(node)
    seconds = node.count("conversations_delay_seconds_sum")
    await asyncio.sleep(6)
    later, later_prompt = delays(node)
    # One for each turn and each handle, of which only the newest of a round is written.
    assert later - count > 12
    share = (later_prompt - prompt) / (later - count)
    mean = (node.count("conversations_delay_seconds_sum") - seconds) / (later - count)
    print(f"{later - count:.0f} states, {mean:.3f} s on average, {share:.1%} within 1 s")
    return share


async def test_how_long_states_wait_is_measured(start, postgres, key):
    simulator, nodes = nodes_of(start, postgres, "a", "--state-key", key)
    callers = [Caller(f"Caller {number}", nodes) for number in range(24)]
    async with talking(callers):
        shares = [await share_within_a_second(nodes[0])]
        # A busy machine may make a round late, and with it all that it writes; not one in each six seconds.
        while shares[-1] < 0.99 and len(shares) < 3:
            shares.append(await share_within_a_second(nodes[0]))
        assert max(shares) >= 0.99, nodes[0].metrics()
        # What waits in an outage has waited since before it was replaced by newer words.
        postgres.pause(True)
        try:
            await until(lambda: nodes[0].count("conversations_oldest_seconds") > 3)
        finally:
            postgres.pause(False)
        await until(lambda: nodes[0].count("conversations_oldest_seconds") < 1)
    await settled(postgres, nodes[0])
    count, _ = delays(nodes[0])
    assert nodes[0].count("conversations_delay_seconds_bucket", le="2") < count
    assert nodes[0].count("conversations_lost_total") == 0


async def test_a_node_is_replaced(start, postgres, key):
    simulator, nodes = nodes_of(start, postgres, "ab", "--state-key", key)
    callers = [Caller(f"Caller {number}", nodes) for number in range(12)]
    async with talking(callers):
        await asyncio.sleep(4)
        nodes[0].process.terminate()
        assert await asyncio.to_thread(nodes[0].process.wait, 30) == 0
        nodes[0].end()
        await asyncio.sleep(3)
    record = simulator.record()
    assert_nothing_twice(record)
    for caller in callers:
        assert caller.closes == [1001], caller.closes
        (question, kept, _), = caller.returns
        # All of it, up to the last word.
        words, _ = known(record, question)
        answered = [text for text, _ in caller.answered]
        assert kept and kept == answered[: answered.index(question)]
        assert [text for text in kept if text not in words] == []


async def test_one_client_is_never_at_two_nodes(start, postgres):
    simulator, nodes = nodes_of(start, postgres, "ab")
    caller = Caller("Ada", nodes)
    await caller.dial()
    first = await caller.ask()
    await caller.until_it_has_a_handle()
    await settled(postgres, nodes[0])
    # Its connection is not known to be dead there.
    old = caller.socket
    caller.seat = 1
    await caller.dial()
    code, reason = await closed(old)
    assert code == 1000 and "goes on at another node" in reason
    second = await caller.ask()
    await settled(postgres, nodes[1])
    # It vanishes without a word, and is waited for there; and back again.
    await caller.leave(0)
    third = await caller.ask()
    record = simulator.record()
    assert_nothing_twice(record)
    assert known(record, second) == (first, True)
    words, is_resumed = known(record, third)
    assert first in words and second in words and is_resumed
    await until(lambda: simulator.record()["live_connections"] == 1)
    assert postgres.number("SELECT generation FROM conversations") == 3
    await caller.socket.close()


@pytest.mark.parametrize("ending", ["left open", "torn", "closed"])
async def test_a_living_node_forgets_nothing(start, postgres, ending):
    """Its client is elsewhere the moment it has heard the answer, again and again; now and then on a new
    connection to the same node."""
    simulator, nodes = nodes_of(start, postgres, "abc")
    caller = Caller("Ada", nodes)
    await caller.dial()
    asked = [await caller.ask()]
    await caller.until_it_has_a_handle()
    left = []
    for seat in (1, 1, 2, 0, 0, 1):
        if ending == "closed":
            await caller.socket.close()
        elif ending == "left open":
            left.append(caller.socket)
        else:
            caller.socket.transport.abort()
        caller.seat = seat
        await caller.dial()
        asked.append(await caller.ask())
    record = simulator.record()
    assert_nothing_twice(record)
    for index, question in enumerate(asked):
        words, _ = known(record, question)
        assert [text for text in asked[:index] if text not in words] == [], question
    for old in left:
        code, reason = await closed(old)
        assert code == 1000
        assert "goes on at another node" in reason or "came back on another connection" in reason
    await caller.socket.close()
    await until(lambda: simulator.record()["live_connections"] == 0)


@pytest.mark.parametrize("ending", ["torn", "left open"])
async def test_the_newest_connection_goes_on(start, postgres, ending):
    """Clients that try one node after the other, and wait for none but the last."""
    simulator, nodes = nodes_of(start, postgres, "abc")
    record = []

    async def wander(way, gap):
        caller = Caller(f"{way} {gap}", nodes)
        await caller.dial()
        asked, left = [await caller.ask()], []
        await caller.until_it_has_a_handle()
        for node in way:
            left.append(caller.socket)
            if ending == "torn":
                caller.socket.transport.abort()
            caller.seat = "abc".index(node)
            await caller.set_up()
            if len(left) < len(way):
                await asyncio.sleep(gap)
        assert json.loads(await soon(caller.socket.recv())) == {"setupComplete": {}}
        asked.append(await caller.ask())
        # Longer than a round, and than anybody waits for another.
        await asyncio.sleep(1.5)
        asked.append(await caller.ask())
        for old in left:
            await closed(old)
        await caller.socket.close()
        record.append(asked)

    ways = [(way, gap) for way in ("ba", "bc", "bca", "baba") for gap in (0.02, 0.1, 0.3, 0.6, 0.9)]
    found = await asyncio.gather(*(wander(*way) for way in ways), return_exceptions=True)
    assert [(way, repr(one)) for way, one in zip(ways, found) if one is not None] == []
    heard = simulator.record()
    assert_nothing_twice(heard)
    for asked in record:
        for index, question in enumerate(asked):
            words, _ = known(heard, question)
            assert [text for text in asked[:index] if text not in words] == [], question
    await until(lambda: simulator.record()["live_connections"] == 0)


@pytest.mark.parametrize("fate", ["torn", "killed", "restarted", "drained"])
async def test_callers_keep_their_places(start, postgres, fate):
    """A tenant at its limit: who is cut off goes on elsewhere, and newcomers wait all the same."""
    policy = "limits: { sessions: 6 }"
    simulator, nodes = nodes_of(start, postgres, "abc", policy=policy)
    callers = [Caller(f"caller {number}", nodes, number % 3) for number in range(6)]

    async def insists(attempt):
        """Places move between nodes within a second or two; who is put off comes again."""
        async with asyncio.timeout(SOON):
            while True:
                try:
                    return await attempt()
                except InvalidStatus as error:
                    assert error.response.status_code == 503
                # A database on a busy machine.
                except ConnectionClosed as error:
                    assert error.rcvd.code == 1013, error
                await asyncio.sleep(0.2)

    for caller in callers:
        await insists(caller.dial)
    await asyncio.gather(*(caller.ask() for caller in callers))
    for caller in callers:
        await caller.until_it_has_a_handle()
    let_in, is_over, is_back = [], False, asyncio.Event()

    async def hope(seat):
        while not is_over:
            newcomer = Caller(f"newcomer at {seat}", nodes, seat)
            try:
                await newcomer.dial()
                let_in.append(newcomer)
            except ConnectionClosed as error:
                # It waited with its setup at a node that was killed, or that goes.
                if error.rcvd and error.rcvd.code != 1001:
                    assert error.rcvd.code in (1008, 1013), error
                    assert "limits.sessions" in error.rcvd.reason, error
                else:
                    assert fate in ("killed", "restarted") if error.rcvd is None else fate == "drained", error
            except InvalidStatus as error:
                assert error.response.status_code == 503
            # Killed, or gone.
            except (OSError, EOFError):
                pass
            await asyncio.sleep(0.1)

    async def goes_on(caller):
        if fate == "drained":
            assert (await closed(caller.socket))[0] == 1001
        elif fate == "torn":
            caller.socket.transport.abort()
        else:
            await caller.socket.wait_closed()
            await is_back.wait()
        caller.seat = 1 + callers.index(caller) % 2
        await insists(caller.dial)
        await caller.ask("again ")

    hopes = [asyncio.create_task(hope(seat)) for seat in range(3)]
    await asyncio.sleep(1)
    if fate in ("killed", "restarted"):
        nodes[0].process.kill()
        nodes[0].end()
        if fate == "restarted":
            arguments = (simulator.url, policy, *postgres.options, "--node", "a")
            nodes[0] = await asyncio.to_thread(start, Proxy, *arguments, data=nodes[0].data)
            # By now it has whatever it gets.
            await asyncio.sleep(1)
        is_back.set()
    elif fate == "drained":
        nodes[0].process.terminate()
    await asyncio.gather(*(goes_on(caller) for caller in callers if caller.seat == 0))
    if fate == "drained":
        nodes[0].end()
    # Longer than a place is kept for one who goes elsewhere.
    for _ in range(6):
        await asyncio.gather(*(caller.ask("once more ") for caller in callers))
        await asyncio.sleep(0.5)
    # The last ones of a node that has ended come back a moment after its places were free.
    assert len(let_in) <= (2 if fate == "drained" else 0)
    for caller in callers:
        await caller.socket.close()
    async with asyncio.timeout(SOON):
        while len(let_in) < 6:
            await asyncio.sleep(0.1)
    is_over = True
    await asyncio.gather(*hopes)
    for caller in let_in:
        await caller.socket.close()


async def test_a_new_handle_is_good_at_once(start, postgres):
    async with Gemini() as gemini:
        policies = {"default.yaml": f"upstream: {{ url: {gemini.url} }}"}
        nodes = [start(Tenants, policies, *postgres.options, "--node", name) for name in "ab"]
        for _ in range(8):
            session = await Session.open(nodes[0], gemini, "test-key")
            back = with_handle(await session.handle())
            await (await Session.open(nodes[1], gemini, "test-key", back)).turn()
        # What nobody has given is refused all the same.
        handle = back["setup"]["sessionResumption"]["handle"].split(".")
        handle[2] = "0" * len(handle[2])
        client = await nodes[1].connect("test-key")
        await client.send(json.dumps(with_handle(".".join(handle))))
        code, reason = await closed(client)
        assert code == 1008 and "session not found" in reason


async def test_without_the_database_nobody_else_goes_on(start, postgres):
    simulator, nodes = nodes_of(start, postgres, "ab")
    caller = Caller("Ada", nodes)
    await caller.dial()
    first = await caller.ask()
    await caller.until_it_has_a_handle()
    await settled(postgres, nodes[0])
    postgres.stop()
    # Where it is waited for, it comes back.
    await caller.leave(0)
    await caller.ask()
    with pytest.raises(ConnectionClosed):
        await caller.leave(1)
    code, reason = await closed(caller.socket)
    assert code == 1013 and "cannot be looked up now" in reason
    await until(lambda: is_said(nodes[1], "cannot be looked up"))
    await asyncio.to_thread(postgres.start)
    deadline = time.monotonic() + SOON
    while True:
        try:
            await caller.leave(1)
            break
        except ConnectionClosed:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
    last = await caller.ask()
    assert first in known(simulator.record(), last)[0]
    await caller.socket.close()


async def test_a_node_that_is_cut_off_knows_that_it_is_behind(start, postgres):
    # A role of its own for one node, which can be shut out alone.
    postgres.psql(f"CREATE ROLE other SUPERUSER LOGIN PASSWORD '{postgres.password}'")
    simulator, nodes = nodes_of(start, postgres, "b")
    address = postgres.address.replace(f"//{USER}@", "//other@")
    own = ("--ledger", address, *postgres.options[2:])
    nodes.insert(0, start(Proxy, simulator.url, "", *own, "--node", "a"))
    caller = Caller("Ada", nodes)
    await caller.dial()
    first = await caller.ask()
    await caller.until_it_has_a_handle()
    await settled(postgres, nodes[0])
    postgres.psql("ALTER ROLE other NOLOGIN")
    postgres.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'other'")
    # It is waited for there, and goes on at the other one.
    await caller.leave(1)
    second = await caller.ask()
    old = caller.handle
    while caller.handle == old:
        await caller.hears()
    await settled(postgres, nodes[1])
    with pytest.raises(ConnectionClosed):
        await caller.leave(0)
    code, reason = await closed(caller.socket)
    assert code == 1013 and "try again" in reason
    await caller.leave(1)
    third = await caller.ask()
    record = simulator.record()
    assert_nothing_twice(record)
    # It was waited for at the other one, on the connection that knows all of it.
    assert first in known(record, third)[0]
    assert where(record, second)[1]["connection"] == where(record, third)[1]["connection"]
    await caller.socket.close()
    postgres.psql("ALTER ROLE other LOGIN")


async def test_a_drain_does_not_wait_for_a_frozen_database(start, postgres):
    _, nodes = nodes_of(start, postgres, "a", "--drain", "1s")
    caller = Caller("Ada", nodes)
    await caller.dial()
    await caller.ask()
    await caller.until_it_has_a_handle()
    await asyncio.to_thread(postgres.pause, True)
    try:
        await caller.ask()
        began = time.monotonic()
        nodes[0].process.terminate()
        assert (await closed(caller.socket))[0] == 1001
        assert await asyncio.to_thread(nodes[0].process.wait, 30) == 0
        # What the documents promise, and ten for a machine that is busy.
        assert time.monotonic() - began < 1 + 2 + 5 + 10
    finally:
        await asyncio.to_thread(postgres.pause, False)
    nodes[0].end()


def refused(tmp_path, *arguments):
    (tmp_path / "policies").mkdir(exist_ok=True)
    return subprocess.run(
        [
            *(PROGRAM, "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"),
            *("--policies", tmp_path / "policies", "--data", tmp_path / "data", *arguments),
        ],
        **{"capture_output": True, "text": True, "timeout": 60},
    )


async def test_a_key_that_nobody_uses_locks_nobody_out(start, postgres, key, tmp_path):
    """The first node had a wrong one."""
    wrong = tmp_path / "wrong"
    wrong.write_text("11" * 32 + "\n")
    wrong.chmod(0o600)
    simulator, nodes = nodes_of(start, postgres, "a", "--state-key", wrong)
    with_key = (*postgres.options, "--node", "b", "--state-key", key)
    assert "encrypt conversations with a key" in refused(tmp_path, *with_key).stderr, "one runs with it"
    nodes[0].end()
    grow_older = "UPDATE state_keys SET used = used - interval '200 seconds'"
    postgres.rows(grow_older + " RETURNING id")
    with_right = start(Proxy, simulator.url, "", *with_key)
    caller = Caller("Ada", [with_right])
    await caller.dial()
    await caller.ask()
    await caller.until_it_has_a_handle()
    await settled(postgres, with_right)
    await caller.socket.close()
    with_right.end()
    # But what is encrypted with a key counts for as long as it may be claimed.
    postgres.rows(grow_older + " RETURNING id")
    assert "encrypt conversations with a key" in refused(tmp_path, *postgres.options, "--state-key", wrong).stderr


async def test_a_key_that_comes_later_shuts_nobody_out(start, postgres, key):
    """On this machine: elsewhere nothing is kept that is not encrypted, and nothing such is believed."""
    simulator, nodes = nodes_of(start, postgres, "a")
    caller = Caller("Ada", nodes)
    await caller.dial()
    secret = await caller.ask()
    await caller.until_it_has_a_handle()
    await settled(postgres, nodes[0])
    assert postgres.rows("SELECT key FROM conversations") == [[""]]
    nodes[0].end()
    nodes.append(start(Proxy, simulator.url, "", *postgres.options, "--node", "b", "--state-key", key))
    await caller.leave(1)
    last = await caller.ask()
    assert secret in known(simulator.record(), last)[0]
    await settled(postgres, nodes[1])
    ((name, value),) = postgres.rows("SELECT key, value FROM conversations")
    assert name and secret.encode() not in base64.b64decode(value)
    await caller.socket.close()


async def test_keys(start, postgres, key, tmp_path):
    simulator, nodes = nodes_of(start, postgres, "a", "--state-key", key)
    new = tmp_path / "new"
    new.write_text("c3" * 32 + "\n" + key.read_text())
    new.chmod(0o600)
    nodes.append(start(Proxy, simulator.url, "", *postgres.options, "--node", "b", "--state-key", new))
    caller = Caller("Ada", nodes)
    await caller.dial()
    secret = await caller.ask()
    await caller.until_it_has_a_handle()
    await settled(postgres, nodes[0])
    rows = postgres.rows("SELECT key, value FROM conversations")
    assert len(rows) == 1 and secret.encode() not in base64.b64decode(rows[0][1])
    # A node with the next key before it goes on with it, and writes with that.
    await caller.leave(1)
    await caller.ask()
    await settled(postgres, nodes[1])
    assert postgres.rows("SELECT key FROM conversations") != [[rows[0][0]]]
    assert postgres.number("SELECT count(*) FROM state_keys") == 2
    # The other one lacks that key: the operator has forgotten it there, and the client goes on here.
    with pytest.raises(ConnectionClosed):
        await caller.leave(0)
    code, reason = await closed(caller.socket)
    assert code == 1013 and "try again" in reason
    written = postgres.rows("SELECT key FROM conversations")[0][0]
    await until(lambda: is_said(nodes[0], f"this node lacks the key it is encrypted with: {written}"))
    await caller.leave(1)
    last = await caller.ask()
    assert secret in known(simulator.record(), last)[0]
    await caller.socket.close()
    wrong = tmp_path / "wrong"
    wrong.write_text("11" * 32 + "\n")
    wrong.chmod(0o600)
    known_nodes = (
        "SELECT (SELECT count(*) FROM processes)"
        " + (SELECT count(*) FROM nodes WHERE seen > now() - interval '1 hour')"
    )
    nodes_then = postgres.number(known_nodes)
    for arguments, status, words in [
        (("--state-key", wrong), 1, "encrypt conversations with a key"),
        (("--state-key", key), 1, "encrypt conversations with a key"),
        ((), 1, "encrypt conversations with a key"),
        (("--state-key", tmp_path / "nothing"), 2, "cannot be read"),
    ]:
        said = refused(tmp_path, *postgres.options, *arguments)
        line, hint = said.stderr.strip().split("\n")[-2:]
        assert said.returncode == status and words in line, said
        assert hint.startswith("Try: "), said
        assert "11" * 32 not in said.stderr and "5a" * 32 not in said.stderr
        # Who was refused is no node.
        assert postgres.number(known_nodes) == nodes_then
    # Nor without a key from afar, where nothing is kept that is not encrypted.
    remote = Secured(postgres, Authority(tmp_path))
    remote.certificate(remote.authority.issue(host=HOST))
    afar = remote.options(remote.address(f"&sslrootcert={remote.authority.ca}"))
    said = refused(tmp_path, *afar)
    remote.certificate(None)
    assert said.returncode == 1 and "encrypt conversations with a key" in said.stderr, said
    wrong.write_text("11" * 31)
    said = refused(tmp_path, *postgres.options, "--state-key", wrong)
    assert said.returncode == 2 and "line 1 is not a key" in said.stderr and "Try:" in said.stderr
    wrong.chmod(0o620)
    said = refused(tmp_path, *postgres.options, "--state-key", wrong)
    assert said.returncode == 2 and "chmod go-w" in said.stderr
    said = refused(tmp_path, "--state-key", key)
    assert said.returncode == 2 and "share a PostgreSQL" in said.stderr
