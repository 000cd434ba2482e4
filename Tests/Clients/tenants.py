"""A proxy with one policy file per tenant, and a gemini that bills."""

import asyncio
import contextlib
import json
import signal
import sqlite3
import ssl

from google import genai
from google.genai import types
from relay import SETUP, SOON, Gemini, soon
from turnkeeper import PATH, START_SECONDS, Program, Proxy
from websockets.asyncio.client import connect

# Of the 3.1 family a million tokens of spoken answer cost 12 dollars.
AUDIO_TOKENS_PER_DOLLAR = 1_000_000 / 12
CONSTRAINED = (
    "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained"
)


class Tenants(Program):
    """`turnkeeper serve` with these policies: a mapping of file name to YAML.

    `ca` is the authority of its certificate, if it speaks TLS only.
    """

    def __init__(
        self, directory, policies, *arguments, data=None, tls="off", ca=None, admin="127.0.0.1:0", workers=2
    ):
        self.policies = directory / "policies"
        self.policies.mkdir(parents=True)
        self.data = data or directory / "data"
        for name, text in policies.items():
            (self.policies / name).write_text(text + "\n")
        super().__init__(
            *("serve", "--listen", "127.0.0.1:0", "--admin", admin),
            *("--policies", self.policies, "--data", self.data),
            *("--workers", workers, "--tls", tls, "--log-format", "json", *arguments),
            log=directory / "proxy.log",
        )
        self.listening = self.port("listening on")
        self.trust = ssl.create_default_context(cafile=ca) if ca else None
        self.ws = f"wss://localhost:{self.listening}" if ca else f"ws://127.0.0.1:{self.listening}"
        self.http = f"http://127.0.0.1:{self.listening}"
        self.https = f"https://localhost:{self.listening}"
        self.admin = f"http://127.0.0.1:{self.port('admin on')}"

    metrics, count = Proxy.metrics, Proxy.count

    def connect(self, key, path=PATH, **options):
        options = {"max_size": None, "ping_interval": None, "proxy": None, "open_timeout": SOON} | options
        if self.trust:
            options["ssl"] = self.trust
        headers = {"x-goog-api-key": key} if key else {}
        headers |= options.pop("headers", {})
        return connect(self.ws + path, additional_headers=headers, **options)

    def log(self):
        """The log's lines so far, without one that is being written."""
        whole, _, _ = self.log_path.read_text(errors="replace").rpartition("\n")
        return [json.loads(line) for line in whole.split("\n") if line.startswith("{")]

    def saved(self, tenant, end_user=""):
        """Dollars of its budget that a next start in this directory knows without any ledger."""
        sums = "SELECT coalesce(sum(cost), 0) FROM spending WHERE process = '' AND tenant = ? AND end_user = ?"
        # Until the file and its tables are made.
        with contextlib.suppress(sqlite3.OperationalError):
            with contextlib.closing(sqlite3.connect(f"file:{self.data}/state.db?mode=ro", uri=True)) as kept:
                return kept.execute(sums, (tenant, end_user)).fetchone()[0] / 1e6
        return 0

    async def reload(self, policies):
        """Writes the files, asks for a reload, and returns once it has been reported."""
        for name, text in policies.items():
            made = self.policies / (name + ".new")
            made.write_text(text + "\n")
            made.rename(self.policies / name)
        reports = ("policies reloaded", "policy not reloaded")
        before = sum(line["message"] in reports for line in self.log())
        self.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(START_SECONDS):
            while sum(line["message"] in reports for line in self.log()) == before:
                await asyncio.sleep(0.02)


def session_id(client):
    """As logs and reasons have it; the header's secret is the client's alone."""
    return client.response.headers["x-turnkeeper-session"].split(".")[0]


def with_handle(handle, setup=SETUP):
    return {"setup": {**setup["setup"], "sessionResumption": {"handle": handle}}}


class Session:
    """A client that is set up, and gemini's side of it."""

    def __init__(self, client, gemini):
        self.client, self.gemini = client, gemini
        self.id = session_id(client)

    @classmethod
    async def open(cls, proxy, gemini, key, setup=SETUP, **options):
        client = await proxy.connect(key, **options)
        await client.send(json.dumps(setup))
        # First, since a client that is not let in is closed without gemini hearing of it.
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        return cls(client, await gemini.accepted())

    async def turn(self, dollars=0.0):
        """One question and its spoken answer, billed in tokens of audio."""
        content = {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}
        await self.client.send(json.dumps({"clientContent": content}))
        await soon(self.gemini.recv())
        tokens = round(dollars * AUDIO_TOKENS_PER_DOLLAR)
        blob = {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}
        parts = {"modelTurn": {"parts": [{"inlineData": blob}]}}
        await self.gemini.send(json.dumps({"serverContent": parts}))
        usage = {
            "responseTokenCount": tokens,
            "totalTokenCount": tokens,
            "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": tokens}],
        }
        end = {"serverContent": {"turnComplete": True}, "usageMetadata": usage}
        await self.gemini.send(json.dumps(end))
        assert "modelTurn" in await soon(self.client.recv(decode=True))
        assert "turnComplete" in await soon(self.client.recv(decode=True))

    async def handle(self, name="google-1"):
        """Gemini gives one; what the client is shown."""
        update = {"sessionResumptionUpdate": {"newHandle": name, "resumable": True}}
        await self.gemini.send(json.dumps(update))
        shown = json.loads(await soon(self.client.recv()))["sessionResumptionUpdate"]
        assert shown["newHandle"].startswith("turnkeeper.")
        return shown["newHandle"]


@contextlib.asynccontextmanager
async def tenants(start, policies, *arguments, **options):
    """A gemini, and a proxy whose policies have `UPSTREAM` where that is."""
    async with Gemini() as gemini:
        policies = {name: text.replace("UPSTREAM", gemini.url) for name, text in policies.items()}
        yield gemini, start(Tenants, policies, *arguments, **options)


class Minter:
    """Has client tokens made, as an application's backend does."""

    def __init__(self, proxy, key):
        self.client = genai.Client(
            api_key=key,
            http_options=types.HttpOptions(base_url=proxy.http, api_version="v1alpha"),
        )

    async def __call__(self, **config):
        config = types.CreateAuthTokenConfig(**config)
        token = await asyncio.to_thread(self.client.auth_tokens.create, config=config)
        assert token.name.startswith("auth_tokens/")
        return token.name
