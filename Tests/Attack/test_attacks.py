"""Every attack, and after each: the neighbour is answered, and no credential has left."""

import os

import pytest
import attacks_around  # noqa: F401, registers its own
import attacks_balanced  # noqa: F401
import attacks_passing  # noqa: F401
from attacks import ATTACKS
from token_server import TokenServer
from victim import CORP, Gemini, Victim

ROWS = []

ODD = {
    "newline.yaml": "match: { keys: [env:ATTACK_NEWLINE] }\n"
    "upstream: { url: 'ws://127.0.0.1:PORT', key: env:ATTACK_NEWLINE_KEY }",
    "odd.yaml": "match: { keys: [env:ATTACK_ODD] }\n"
    "upstream: { url: 'ws://127.0.0.1:PORT', key: env:ATTACK_ODD_KEY }",
    "accented.yaml": "match: { keys: [env:ATTACK_ACCENTED] }\n"
    "upstream: { url: 'ws://127.0.0.1:PORT', key: env:ATTACK_ACCENTED_KEY }",
    "own.yaml": "match: { keys: [env:ATTACK_OWN] }\nupstream: { url: 'ws://127.0.0.1:PORT' }",
    "live.yaml": "match: { keys: [env:ATTACK_LIVE] }\n"
    "upstream: { url: 'ws://127.0.0.1:PORT', key: env:ATTACK_GEMINI_KEY }",
    "path.yaml": "match: { keys: [env:ATTACK_PATH] }\nupstream: "
    "{ url: 'ws://127.0.0.1:PORT', path: /corp/gateway, key: env:ATTACK_GEMINI_KEY, rest: pass }",
    "tiny.yaml": "match: { keys: [env:ATTACK_TINY] }\nUPSTREAM"
    "limits: { sessions: 1 }",
    "corp.yaml": "match: { keys: [env:ATTACK_CORP] }\n"
    "upstream: { url: 'ws://127.0.0.1:PORT', credentials: metadata, project: corp, rest: pass }",
    "page.yaml": "match: { keys: [env:ATTACK_PAGE], origins: ['https://app.acme.example'] }\nUPSTREAM",
}


@pytest.fixture
def metadata():
    server = TokenServer()
    yield f"127.0.0.1:{server.port}"
    server.server.shutdown()


@pytest.fixture
def victim(tmp_path, request, metadata):
    os.environ |= {
        "GCE_METADATA_HOST": metadata,
        "ATTACK_CORP": CORP,
        "ATTACK_NEWLINE": "newline-client-key",
        "ATTACK_NEWLINE_KEY": "a-key-with-a-newline\n",
        "ATTACK_ODD": "odd-client-key",
        "ATTACK_ACCENTED": "accented-client-key",
        "ATTACK_ACCENTED_KEY": "la-cl\u00e9-de-la-maison",
        "ATTACK_ODD_KEY": "a-key\twith\x01controls",
        "ATTACK_PAGE": "page-client-key",
        "ATTACK_OWN": "own-client-key",
        "ATTACK_LIVE": "live-client-key",
        "ATTACK_PATH": "path-client-key",
        "ATTACK_TINY": "tiny-client-key",
    }
    gemini = Gemini()
    files = {name: text.replace("PORT", str(gemini.port)) for name, text in ODD.items()}
    options = request.node.callspec.params["options"]
    more, arguments = options.get("more", ""), options.get("arguments", ())
    victim = Victim(tmp_path, gemini, more, files, arguments)
    if "preflights" in request.node.name:
        # Where every tenant names its pages, no other is let in.
        victim.end()
        names = ["acme", "bolt", *(name.removesuffix(".yaml") for name in ODD if name != "page.yaml")]
        for name in names:
            path = victim.policies / f"{name}.yaml"
            path.write_text(path.read_text().replace("] }\n", "], origins: ['https://x.example'] }\n", 1))
        again = tmp_path / "again"
        for name in names:
            files[f"{name}.yaml"] = (victim.policies / f"{name}.yaml").read_text()
        victim = Victim(again, gemini, more, files)
    yield victim
    victim.end()
    gemini.listener.close()


@pytest.mark.parametrize("who, what, options, run", ATTACKS, ids=[run.__name__ for *_, run in ATTACKS])
def test_attack(victim, who, what, options, run):
    tried = 0
    try:
        tried = run(victim)
        if not options.get("kills"):
            victim.assert_alive()
            assert victim.is_served(), "the neighbour was not answered"
        assert victim.leaks() == []
    except BaseException:
        ROWS.append((who, what, tried, "DID NOT HOLD"))
        raise
    ROWS.append((who, what, tried, "held"))
