"""A database that does what it is asked, and whose answer nobody hears."""

import asyncio
import urllib.error
import urllib.request

import pytest
from relay import Gemini, closed
from tenants import Session, Tenants
from watching import is_said, shares, until

KEY = "acme-client-key"


class LostAnswers:
    """Between a node and PostgreSQL, until one transaction with `words` is to be committed. It is, or
    it is not: nobody hears, because the connection ends there."""

    def __init__(self, port, words, is_done):
        self.to, self.words, self.is_done = port, words, is_done
        self.is_lost = False

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def serve(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        is_last = asyncio.Event()
        passing = {
            asyncio.create_task(self.ask(reader, far_writer, is_last)),
            asyncio.create_task(self.answer(far_reader, writer, is_last)),
        }
        _, left = await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.wait(passing)
        for end in (writer, far_writer):
            end.transport.abort()

    async def ask(self, reader, far_writer, is_last):
        is_meant = False
        while piece := await reader.read(1 << 16):
            is_meant |= self.words in piece
            if is_meant and b"COMMIT\0" in piece and not self.is_lost:
                self.is_lost = True
                is_last.set()
                if not self.is_done:
                    return
            far_writer.write(piece)

    async def answer(self, far_reader, writer, is_last):
        while (piece := await far_reader.read(1 << 16)) and not is_last.is_set():
            writer.write(piece)


def order(node, session):
    """Asks `node` to end it: status and body of the answer."""
    request = urllib.request.Request(f"{node.admin}/api/sessions/{session}/end", method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("is_done", [True, False])
async def test_an_order_whose_answer_is_lost(start, postgres, monkeypatch, is_done):
    """It may be carried out, and who gave it is told so."""
    monkeypatch.setenv("ACME_KEY", KEY)
    async with Gemini() as gemini, LostAnswers(postgres.port, b"INSERT INTO orders", is_done) as between:
        policies = {"acme.yaml": f"match: {{ keys: [env:ACME_KEY] }}\nupstream: {{ url: {gemini.url} }}"}
        ours = tuple(
            option.replace(f":{postgres.port}/", f":{between.port}/") if option == postgres.address else option
            for option in postgres.options
        )
        one, two = await asyncio.gather(
            asyncio.to_thread(start, Tenants, policies, *ours, "--node", "one"),
            asyncio.to_thread(start, Tenants, policies, *postgres.options, "--node", "two"),
        )
        session = await Session.open(two, gemini, KEY)
        await until(lambda: shares(one) and postgres.number("SELECT count(*) FROM sessions") == 1)
        status, said = await asyncio.to_thread(order, one, session.id)
        assert between.is_lost
        assert status == 503 and "not in reach" in said, said
        assert "if the session lives at one, the order may still be carried out" in said
        if not is_done:
            await session.turn()
            await until(lambda: order(one, session.id)[0] == 202)
        assert (await closed(session.client))[0] == 1008
        # Once: a session that comes after it is nobody's to end.
        await until(lambda: postgres.number("SELECT count(*) FROM orders") == 0)
        await (await Session.open(two, gemini, KEY)).turn()


async def test_an_order_that_was_never_asked_is_not_promised(start, postgres, monkeypatch):
    """Where the database is known to be away, nothing is said that may not be."""
    monkeypatch.setenv("ACME_KEY", KEY)
    async with Gemini() as gemini:
        policies = {"acme.yaml": f"match: {{ keys: [env:ACME_KEY] }}\nupstream: {{ url: {gemini.url} }}"}
        one = await asyncio.to_thread(start, Tenants, policies, *postgres.options, "--node", "one")
        await until(lambda: shares(one))
        await asyncio.to_thread(postgres.stop)
        await until(lambda: is_said(one, "is cut off"))
        status, said = await asyncio.to_thread(order, one, "nobody")
        assert status == 503 and "not in reach" in said and "may still" not in said, said
