"""Three nodes as docs/DEPLOY.md starts them, behind its HAProxy, with one PostgreSQL and a gemini that counts:
the whole of what somebody runs who needs more than one machine."""

import asyncio
import collections
import contextlib
import csv
import json
import re
import socket
import time
import urllib.request

import accounts
import balancers
from callers import GenaiLine, RawLine
from certificates import Authority
from counting_gemini import CountingGemini
from ports import free_port
from turnkeeper import Program, Proxy
from watching import until

KEY = "acme-client-key-0123456789"
GEMINI_KEY = "the-real-gemini-key-0123456789"
NAMES = ("a", "b", "c")
POLICY = "match: {{ keys: [env:ACME_KEY] }}\nupstream: {{ url: {url}, key: env:GEMINI_KEY }}\n"
# Of every node, as the database has them.
ROUNDS = """
    CREATE TABLE public.rounds (node text, seen timestamptz);
    CREATE FUNCTION public.keep_round() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO public.rounds VALUES (NEW.node, NEW.seen); RETURN NULL; END';
    CREATE TRIGGER rounds AFTER INSERT OR UPDATE ON processes
        FOR EACH ROW EXECUTE FUNCTION public.keep_round();
"""
BILL = re.compile(r"(?<![~\w])ra(\d+)")


class Node(Program):
    """On a port of its own that it comes back to."""

    def __init__(self, directory, name, port, policies, data, *arguments):
        data.mkdir(exist_ok=True)
        super().__init__(
            *("serve", "--listen", f"127.0.0.1:{port}", "--admin", "127.0.0.1:0", "--tls", "off"),
            *("--balancers", "127.0.0.1", "--policies", policies, "--data", data, "--node", name),
            *arguments,
            log=directory / "node.log",
        )
        self.port("listening on")
        self.admin = f"http://127.0.0.1:{self.port('admin on')}"

    metrics, count = Proxy.metrics, Proxy.count

    def is_written(self):
        return self.count("ledger_queue") == 0 and self.count("ledger_success") == 1


class Watched(balancers.HAProxy):
    """It tells which servers it has found to be ready."""

    def here(self, text):
        return f"global\n    stats socket {self.directory}/stats\n{super().here(text)}"

    def has(self, name):
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(f"{self.directory}/stats")
            asking.sendall(b"show stat\n")
            said = b"".join(iter(lambda: asking.recv(1 << 16), b"")).decode()
        (row,) = [row for row in csv.DictReader(said.splitlines()) if row["# pxname"] == "turnkeeper" and row["svname"] == name]
        return row["status"] == "UP"


class Service:
    """`record` is of all that clients and gemini see; `options` of a node may be others than all have."""

    key = KEY

    def __init__(self, start, postgres, directory, gemini, record, policy):
        self.start_program, self.postgres, self.directory = start, postgres, directory
        self.gemini, self.record = gemini, record
        self.policies = directory / "policies"
        self.policies.mkdir()
        (self.policies / "acme.yaml").write_text(POLICY.format(url=gemini.url) + policy)
        state_key = directory / "state-key"
        state_key.write_text("5a" * 32 + "\n")
        state_key.chmod(0o600)
        self.options = (*postgres.options, "--state-key", state_key)
        first = free_port(len(NAMES))
        self.ports = {name: first + at for at, name in enumerate(NAMES)}
        self.nodes = {}

    async def start(self, name):
        options = (name, self.ports[name], self.policies, self.directory / name, *self.options)
        self.nodes[name] = await asyncio.to_thread(self.start_program, Node, *options)

    async def begin(self):
        await asyncio.gather(*map(self.start, NAMES))
        await asyncio.to_thread(self.postgres.psql, ROUNDS)
        authority = Authority(self.directory)
        two, third = [self.ports[name] for name in NAMES[:2]], self.ports[NAMES[2]]

        def with_a_third(text):
            more = re.sub("( +server b .*\n)", rf"\1    server c 127.0.0.1:{third}\n", text)
            assert more.count("    server c ") == 2
            return more

        self.balancer = await asyncio.to_thread(
            self.start_program, Watched, two, authority, authority.issue(), change=with_a_third
        )
        self.port, self.trust = self.balancer.listening, self.balancer.trust()

    def callers(self, make, raw, genai=0):
        kinds = [RawLine] * raw + [GenaiLine] * genai
        return [make(self.record, self, number, kind) for number, kind in enumerate(kinds)]

    def mint(self, uses):
        """A client token, as a backend gets one: through the balancer."""
        request = urllib.request.Request(
            f"https://localhost:{self.port}/v1alpha/auth_tokens",
            json.dumps({"uses": uses}).encode(),
            {"x-goog-api-key": self.key, "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20, context=self.trust) as answer:
            return json.load(answer)["name"]

    async def kill(self, name):
        node = self.nodes[name]
        self.record.note("kills", name)
        node.process.kill()
        await asyncio.to_thread(node.process.wait)
        await asyncio.to_thread(node.end)

    async def drain(self, name):
        """Asks once, and waits: how long that took."""
        node, began = self.nodes[name], time.monotonic()
        node.process.terminate()
        assert await asyncio.to_thread(node.process.wait, 60) == 0
        await asyncio.to_thread(node.end)
        return time.monotonic() - began

    async def is_found(self, name):
        """By the balancer, which looks every two seconds: until it has had no doubt for so long, since it may
        not have noticed yet that the node was away."""
        since = None
        async with asyncio.timeout(60):
            while since is None or time.monotonic() - since < 2.5:
                is_up = await asyncio.to_thread(self.balancer.has, name)
                since = (since or time.monotonic()) if is_up else None
                await asyncio.sleep(0.1)

    def rounds(self):
        found = collections.defaultdict(list)
        for node, seen in self.postgres.rows("SELECT node, extract(epoch FROM seen) FROM public.rounds"):
            found[node].append(float(seen))
        return found

    def books(self):
        """Every bill in them, as often as it is there."""
        rows = self.postgres.rows("SELECT tokens FROM turn WHERE tokens != ''")
        return [int(bill) for (tokens,) in rows for bill in BILL.findall(tokens)]

    def unfinished(self):
        """The sessions whose end the books do not know, and say so."""
        return {session for (session,) in self.postgres.rows("SELECT id FROM sessions WHERE outcome = 'unfinished'")}

    async def written(self):
        """Until every node has sent what it knows."""
        for node in self.nodes.values():
            await until(node.is_written, 45)

    async def all_is_written(self):
        """Until nothing is missing; or not, and then it is told what."""
        with contextlib.suppress(TimeoutError):
            await until(lambda: not accounts.missing_from_books(self.record.events, self.books()), 45)
        return self.books()


@contextlib.asynccontextmanager
async def service(start, postgres, directory, policy="", **gemini):
    record = accounts.Record(time.time)
    async with CountingGemini(record, **gemini) as gemini:
        made = Service(start, postgres, directory, gemini, record, policy)
        await made.begin()
        yield made
