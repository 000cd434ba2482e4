"""What the proxy believes of gemini's certificate."""

import asyncio
import ssl

import pytest
from certificates import Authority
from relay import Gemini, Relay
from tenants import Session, Tenants
from turnkeeper import Proxy
from websockets.exceptions import InvalidStatus

# An expiry is written in whole seconds.
GOOD_FOR = 10


async def test_a_resumed_session_does_not_outlive_its_certificate(start, tmp_path):
    """A resumed handshake shows no certificate, so the one it began with must still be good."""
    authority = Authority(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    async with Gemini(ssl=tls) as gemini:
        # `localhost` has two addresses where the machine speaks IPv6, and nobody listens on one.
        url = f"wss://localhost:{gemini.port}"
        proxy = start(Proxy, url, "", upstream=f"ca_file: {authority.ca}, connect: 5s")
        # Not before the proxy runs, which may take its time on a busy machine.
        tls.load_cert_chain(*authority.issue(days=GOOD_FOR / 86400))
        relay = Relay(gemini, proxy)
        client, connection = await relay.session()
        await relay.assert_passes(client, connection)
        await client.close()
        await asyncio.sleep(GOOD_FOR + 1)
        with pytest.raises(InvalidStatus, match="502"):
            await relay.connect()
        assert len(gemini.setups) == 1


@pytest.mark.parametrize("content", [None, "no certificate\n"])
async def test_a_reload_that_names_no_certificates_changes_nothing(start, tmp_path, content):
    authority, wrong = Authority(tmp_path), tmp_path / "wrong.pem"
    if content:
        wrong.write_text(content)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.issue())
    async with Gemini(ssl=tls) as gemini:
        def policy(file):
            return {"default.yaml": f"upstream: {{ url: wss://localhost:{gemini.port}, ca_file: {file} }}"}

        proxy = start(Tenants, policy(authority.ca))
        await (await Session.open(proxy, gemini, "any")).turn()
        await proxy.reload(policy(wrong))
        (told,) = [line for line in proxy.log() if line["message"] == "policy not reloaded"]
        assert "default.yaml:1:" in told["error"] and "upstream.ca_file" in told["error"], told
        await (await Session.open(proxy, gemini, "any")).turn()
