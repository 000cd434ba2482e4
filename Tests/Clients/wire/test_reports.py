"""`turnkeeper sessions`, `usage` and `bundle` over a ledger of made-up conversations."""

import csv
import io
import json
import os
import subprocess
import urllib.request

from turnkeeper import PROGRAM, Proxy, Seeder

SECRET = "k3y-of-acme-0123456789"


def run(*arguments, status=0, environment=None):
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)],
        capture_output=True, text=True, timeout=60, env={**os.environ, **(environment or {})},
    )
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_the_command_line_and_the_api_say_the_same(start):
    data = start(Seeder, 30, "--seed", 9).data
    proxy = start(Proxy, "ws://127.0.0.1:1", data=data)

    def api(path):
        address = f"http://127.0.0.1:{proxy.port('admin on')}/api/{path}"
        with urllib.request.urlopen(address, timeout=20) as answer:
            return json.load(answer)

    def cli(*arguments):
        return json.loads(run(*arguments, "--data", data, "--json"))

    everything = api("sessions?limit=100")
    assert len(everything) == 30
    assert cli("sessions", "list") == everything
    for options, query in (
        (("--tenant", "kiosk"), "tenant=kiosk"),
        (("--close-code", "1011"), "close_code=1011"),
        (("--trouble",), "trouble=1"),
        (("--outcome", "completed", "--model", "3.8"), "outcome=completed&model=3.8"),
        (("--search", everything[0]["id"][:5]), f"q={everything[0]['id'][:5]}"),
    ):
        assert cli("sessions", "list", *options) == api(f"sessions?limit=100&{query}")
    one = everything[0]["id"]
    assert cli("sessions", "show", one) == api(f"sessions/{one}")
    for by in ("tenant", "model", "session", "day", "day+tenant"):
        assert cli("usage", "--by", by) == api(f"usage?by={by.replace('+', '%2B')}")


def test_csv_is_what_a_spreadsheet_expects(start):
    data = start(Seeder, 30, "--hostile").data
    sessions = list(csv.DictReader(io.StringIO(run("sessions", "list", "--csv", "--data", data))))
    assert len(sessions) == 30
    assert {row["outcome"] for row in sessions} <= {"completed", "gemini_closed", "unanswered"}
    listed = json.loads(run("sessions", "list", "--json", "--data", data))
    for row, session in zip(sessions, listed):
        assert bool(row["end_user"]) == bool(session.get("end_user"))
        remedies = dict(part.split("=") for part in row["remedies"].split(";") if part)
        assert {what: int(count) for what, count in remedies.items()} == session["remedies"]
    assert any(row["remedies"] for row in sessions)
    usage = list(csv.DictReader(io.StringIO(run("usage", "--csv", "--data", data))))
    summed = json.loads(run("usage", "--json", "--data", data))
    assert [float(row["minutes"]) for row in usage] == [row["minutes"] for row in summed]
    tables = run("usage", "--data", data) + run("sessions", "list", "--data", data)
    tables += run("sessions", "show", sessions[0]["session"], "--data", data)
    # What peers said moves no cursor.
    assert not [c for c in tables if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]
    total = sum(float(row["cost_usd"]) for row in usage)
    assert abs(total - sum(float(row["cost_usd"]) for row in sessions)) < 1e-6


def test_a_bundle_keeps_secrets_and_words(start, tmp_path):
    data = start(Seeder, 5).data
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "acme.yaml").write_text(
        "match: { keys: [env:ACME_CLIENT_KEY] }\nupstream: { key: env:ACME_GEMINI_KEY }\n"
    )
    secrets = {"ACME_CLIENT_KEY": SECRET, "ACME_GEMINI_KEY": "confirmation"}
    one = json.loads(run("sessions", "list", "--data", data, "--json"))[0]
    out = tmp_path / "bundle.json"
    told = run(
        *("bundle", one["id"], "--data", data, "--policies", policies, "--out", out),
        environment=secrets,
    )
    assert told.strip() == str(out)
    assert out.stat().st_mode & 0o777 == 0o600
    bundle = json.loads(out.read_text())
    assert bundle["session"]["id"] == one["id"]
    assert "Hi, I have a question" not in out.read_text()
    with_words = run(
        *("bundle", one["id"], "--data", data, "--policies", policies, "--out", "-"),
        "--with-words",
        environment=secrets,
    )
    assert "Hi, I have a question" in with_words
    assert json.loads(with_words)["session"]["id"] == one["id"]
    # A key that somebody said aloud, as far as the ledger has it in one piece.
    assert "You will get a new" in with_words and "confirmation" not in with_words
    broken = policies / "broken.yaml"
    broken.write_text("match: nonsense\n")
    refused = run("bundle", one["id"], "--data", data, "--policies", policies, status=1)
    assert "broken.yaml" in refused and "Try:" in refused
