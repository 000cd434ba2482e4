"""What somebody meets who has configured nothing, or something wrongly: one line that says what to do."""

import asyncio
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import time

import pytest
from ports import free_port
from turnkeeper import PROGRAM, REPOSITORY, Program, Proxy, Simulator

WITHOUT_KEY = {name: value for name, value in os.environ.items() if name != "GEMINI_API_KEY"}


def said_by(*arguments, environment=WITHOUT_KEY, **options):
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        **options,
    )


def line_of(said):
    """The one line that was said, by a program that gave up."""
    assert said.returncode in (1, 2) and not said.stdout, said
    lines = said.stderr.splitlines()
    assert len(lines) == 1 and len(lines[0]) < 300, said
    return lines[0]


@contextlib.contextmanager
def occupied(port=0):
    with socket.create_server(("127.0.0.1", port)) as listener:
        yield listener.getsockname()[1]


class Trial(Program):
    """`turnkeeper try`, in a directory."""

    def __init__(self, directory, *arguments, key=None):
        self.data = directory / "data"
        self.environment = WITHOUT_KEY | ({} if key is None else {"GEMINI_API_KEY": key})
        super().__init__("try", "--data", self.data, *arguments, log=directory / "trial.log")
        self.listening = self.port("listening on")

    def launcher(self):
        return ["env", "-u", "GEMINI_API_KEY", *(
            f"{name}={self.environment[name]}" for name in ("GEMINI_API_KEY",) if name in self.environment
        )]

    metrics, count = Proxy.metrics, Proxy.count

    @property
    def policy(self):
        return self.data / "policies/default.yaml"


# -- turnkeeper try -------------------------------------------------------------------------------


def test_without_a_key_the_answer_is_that_of_the_question(start, tmp_path):
    trial = start(Trial, "--listen", "127.0.0.1:0")
    assert stat.S_IMODE(trial.data.stat().st_mode) == 0o700
    for question, answer in {"capital": "Paris", "weather": "sunny", "story": "keeper"}.items():
        out = tmp_path / f"{question}.wav"
        said = said_by(
            *("talk", "--to", f"127.0.0.1:{trial.listening}", "--question", question, "--out", out)
        )
        assert said.returncode == 0 and answer in said.stdout, said
        assert out.stat().st_size > 20_000 and out.read_bytes()[:4] == b"RIFF"


def test_its_directory_is_nobody_elses_even_if_it_was(tmp_path, start):
    directory = tmp_path / "open"
    (directory / "data").mkdir(parents=True)
    (directory / "data").chmod(0o755)
    trial = Trial(directory, "--listen", "127.0.0.1:0")
    trial.end()
    assert stat.S_IMODE(trial.data.stat().st_mode) == 0o700


def test_a_policy_it_did_not_write_stays(tmp_path):
    trial = Trial(tmp_path, "--listen", "127.0.0.1:0")
    trial.end()
    mine = trial.policy.read_text() + "mode: observe\n"
    trial.policy.write_text(mine)
    trial = Trial(tmp_path, "--listen", "127.0.0.1:0", key="a-key")
    trial.end()
    assert trial.policy.read_text() == mine
    assert any("is yours" in line for line in trial.lines), trial.lines


def test_a_policy_it_wrote_follows_the_environment(tmp_path):
    texts = []
    for key in (None, "a-key", None):
        trial = Trial(tmp_path, "--listen", "127.0.0.1:0", key=key)
        trial.end()
        texts.append(trial.policy.read_text())
    assert "ws://127.0.0.1:" in texts[0] and "ws://127.0.0.1:" in texts[2]
    assert "env:GEMINI_API_KEY" in texts[1] and "a-key" not in texts[1]


@pytest.mark.parametrize("above", [0, 1, 2])
def test_a_port_that_is_taken_is_named_before_anything_is_touched(tmp_path, above):
    first = free_port(3)
    with occupied(first + above):
        said = said_by("try", "--listen", f"127.0.0.1:{first}", cwd=tmp_path)
    line = line_of(said)
    assert f"127.0.0.1:{first + above}" in line and "--listen 127.0.0.1:" in line
    assert not list(tmp_path.iterdir())


def test_a_second_one_takes_other_ports_and_a_directory_of_its_own(tmp_path, start):
    trial = start(Trial, "--listen", f"127.0.0.1:{free_port(3)}")
    policy = trial.policy.read_text()
    line = line_of(said_by("try", "--listen", "127.0.0.1:0", "--data", trial.data))
    assert "--data" in line and str(trial.process.pid) in line
    assert trial.policy.read_text() == policy
    port = free_port(3)
    with subprocess.Popen(
        [PROGRAM, "try", "--listen", f"127.0.0.1:{port}"],
        cwd=tmp_path,
        env=WITHOUT_KEY,
        stdout=subprocess.PIPE,
    ) as second:
        assert second.stdout.readline().decode() == f"listening on 127.0.0.1:{port}\n"
        second.send_signal(signal.SIGTERM)
    assert [path.name for path in tmp_path.iterdir()] == [f".turnkeeper-{port}"]


def test_who_is_asked_to_end_finishes_the_answer(tmp_path):
    """The simulator is there until the proxy has let go of its last session."""
    trial = Trial(tmp_path, "--listen", "127.0.0.1:0")
    with subprocess.Popen(
        [PROGRAM, "talk", "--to", f"127.0.0.1:{trial.listening}", "--out", tmp_path / "answer.wav"],
        env=WITHOUT_KEY,
        stdout=subprocess.PIPE,
        text=True,
    ) as talking:
        # The question takes a second and a half, and the answer does, too.
        deadline = time.monotonic() + 30
        while trial.count("sessions_active") == 0:
            assert time.monotonic() < deadline, trial.describe()
            time.sleep(0.05)
        time.sleep(1)
        trial.process.send_signal(signal.SIGTERM)
        said = talking.communicate(timeout=60)[0]
    trial.process.wait(60)
    trial.end()
    assert "Paris" in said and talking.returncode == 0, (said, trial.describe())
    assert trial.process.returncode == 0, trial.describe()


# -- What goes wrong first ------------------------------------------------------------------------


def first_lines(cwd, *arguments):
    """What a server says until it takes clients, and its log."""
    log = cwd / "log"
    with log.open("w") as stderr, subprocess.Popen(
        [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", *map(str, arguments)],
        cwd=cwd,
        env=WITHOUT_KEY,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    ) as serving:
        lines = [serving.stdout.readline().rstrip()]
        # It says the rest, and ends.
        serving.send_signal(signal.SIGTERM)
        lines += serving.stdout.read().splitlines()
    assert lines[0].startswith("listening on"), (lines, log.read_text())
    return lines, log.read_text()


@pytest.mark.parametrize("name", ["Policies", "named"])
@pytest.mark.parametrize("files", [None, [], ["models.yaml"], [".hidden.yaml", "README.md"]])
def test_nothing_configured_is_explained_in_three_lines(tmp_path, name, files):
    if files is not None:
        (tmp_path / name).mkdir()
        for file in files:
            shutil.copy(REPOSITORY / "Policies/models.yaml", tmp_path / name / file)
    elif name == "named":
        pytest.skip("a directory that was named must be there")
    named = ["--policies", name] if name == "named" else []
    lines, log = first_lines(tmp_path, *named)
    assert "no policies" in lines[-3] and "turnkeeper try" in lines[-1], lines
    assert " ".join(["turnkeeper quickstart", *named]) + "  " in lines[-2], lines
    assert log.count("no policies") == 1 and name in log, log


@pytest.mark.parametrize("file", ["default.yaml", "acme.yaml"])
def test_whoever_has_a_policy_needs_no_first_steps(tmp_path, file):
    (tmp_path / "Policies").mkdir()
    text = "{}" if file == "default.yaml" else f"match: {{ keys: [sha256:{'0' * 64}] }}"
    (tmp_path / "Policies" / file).write_text(text + "\n")
    lines, log = first_lines(tmp_path)
    assert "quickstart" not in log + "\n".join(lines)


@pytest.mark.parametrize("option", ["--listen", "--admin"])
def test_a_port_in_use_names_the_option_and_another_port(tmp_path, option):
    ports = {"--listen": "127.0.0.1:0", "--admin": "127.0.0.1:0", "--data": tmp_path / "data"}
    with occupied() as port:
        ports[option] = f"127.0.0.1:{port}"
        line = line_of(said_by("serve", *(word for pair in ports.items() for word in pair)))
    assert line.startswith(f"turnkeeper: {option} 127.0.0.1:{port}: another program has this port")
    assert f"{option} 127.0.0.1:" in line.split("; ", 1)[1]


def test_two_servers_of_one_user_do_not_share_a_port(tmp_path, start):
    """They could: each socket allows others beside it, and clients would meet either."""
    trial = start(Trial, "--listen", "127.0.0.1:0")
    line = line_of(
        said_by("serve", "--listen", f"127.0.0.1:{trial.listening}", "--data", tmp_path / "data")
    )
    assert "another program has this port" in line


def test_one_port_for_both_is_refused(tmp_path):
    port = f"127.0.0.1:{free_port(3)}"
    said = said_by("serve", "--listen", port, "--admin", port, "--data", tmp_path / "data")
    told, cure = said.stderr.splitlines()
    assert said.returncode == 2 and "--listen and --admin are both" in told, said
    assert cure.startswith("Try: --admin 127.0.0.1:") and port not in cure, said


def test_the_simulators_port_in_use(tmp_path):
    with occupied() as port:
        line = line_of(said_by("simulate", "--listen", f"127.0.0.1:{port}", "--data", tmp_path))
    assert "--listen" in line and "another program has this port" in line


def test_an_address_of_another_machine(tmp_path):
    said = said_by(
        *("serve", "--listen", "192.0.2.1:8080", "--tls", "off", "--data", tmp_path / "data")
    )
    assert "no such address" in line_of(said) and "--listen 0.0.0.0:8080" in said.stderr


def nobody():
    """An unprivileged user, where the tests run as one who may do everything."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


@pytest.mark.parametrize("verb", ["serve", "try", "simulate"])
@pytest.mark.parametrize("kind", ["file", "missing", "closed"])
def test_a_folder_that_cannot_be_written_names_the_option(tmp_path_factory, verb, kind):
    directory = pathlib.Path(tmp_path_factory.mktemp("closed"))
    (directory / "file").write_text("")
    (directory / "closed").mkdir(mode=0o555)
    data = {"file": directory / "file", "missing": directory / "no/where", "closed": directory / "closed"}
    program = shutil.copy(PROGRAM, directory / "turnkeeper")
    # The directories above are this user's alone.
    for above in [directory, *directory.parents]:
        if above.owner() == "root" and above != pathlib.Path("/"):
            above.chmod(above.stat().st_mode | 0o111)
    said = subprocess.run(
        [program, verb, "--listen", "127.0.0.1:0", "--data", data[kind]]
        + (["--admin", "off"] if verb == "serve" else []),
        capture_output=True,
        text=True,
        timeout=60,
        env=WITHOUT_KEY,
        **nobody(),
    )
    line = line_of(said)
    assert line.startswith(f"turnkeeper: --data {data[kind]} cannot be "), line
    assert line.endswith("--data DIR"), line
    # One's own rights do not help where there is nothing.
    parent = f"{directory / 'no'} does not exist: create it first"
    assert (parent in line) == (kind == "missing"), line


def test_a_key_that_is_not_in_the_environment(tmp_path):
    policy = tmp_path / "default.yaml"
    policy.write_text("match: { anyone: true }\nupstream: { key: env:NO_SUCH_KEY }\n")
    arguments = ("serve", "--listen", "127.0.0.1:0", "--admin", "off")
    arguments += ("--data", tmp_path / "data", "--policies", tmp_path)
    line = line_of(said_by(*arguments))
    assert "default.yaml:2:" in line and "NO_SUCH_KEY" in line and "export" in line
    # Others are served, and the log says who is not.
    (tmp_path / "acme.yaml").write_text("match: { keys: [env:PATH] }\nupstream: { key: null }\n")
    program = Program(*arguments, log=tmp_path / "log")
    program.port("listening on")
    program.end()
    assert "NO_SUCH_KEY" in program.log_path.read_text()


def test_a_wildcard_is_not_offered_as_an_address(tmp_path, monkeypatch):
    """And whoever lets everybody in from other machines, with a key of the server's, is told."""
    monkeypatch.setenv("OPEN_KEY", "the-key-for-everybody")
    (tmp_path / "p").mkdir()
    (tmp_path / "p/default.yaml").write_text("match: { anyone: true }\nupstream: { key: env:OPEN_KEY }\n")
    program = Program(
        *("serve", "--listen", "0.0.0.0:0", "--tls", "off", "--admin", "127.0.0.1:0"),
        *("--data", tmp_path / "data", "--policies", tmp_path / "p"),
        log=tmp_path / "log",
    )
    admin = program.port("admin on")
    deadline = time.monotonic() + 20
    while not any("/ui" in line for line in program.lines):
        assert time.monotonic() < deadline, program.lines
        time.sleep(0.05)
    program.end()
    assert any(f"http://127.0.0.1:{admin}/ui" in line for line in program.lines)
    assert not any("GOOGLE_GEMINI_BASE_URL" in line for line in program.lines), program.lines
    log = program.log_path.read_text()
    assert log.count("everyone who reaches the port") == 1 and "default.yaml:1:" in log, log
    assert "a second signal stops at once" in log


# -- turnkeeper quickstart ------------------------------------------------------------------------


def checked(directory):
    said = said_by("check", "--policies", directory, environment=WITHOUT_KEY | {"GEMINI_API_KEY": "k"})
    assert said.returncode == 0, said


def test_two_answers_make_a_policy(tmp_path):
    said = said_by("quickstart", cwd=tmp_path, input="\n\n")
    assert said.returncode == 0, said
    assert "export GEMINI_API_KEY=" in said.stdout and "turnkeeper serve\n" in said.stdout
    text = (tmp_path / "Policies/app.yaml").read_text()
    # Enter alone lets nobody in who has no key.
    assert "key: env:GEMINI_API_KEY" in text and "sha256:" in text and "anyone" not in text
    checked(tmp_path / "Policies")
    # Before any question: `line_of` allows nothing on stdout.
    for arguments in [(), ("--key", "simulator", "--clients", "key")]:
        line = line_of(said_by("quickstart", *arguments, cwd=tmp_path, input="\n\n"))
        assert "app.yaml exists and is not replaced" in line and "--policies DIR" in line
    assert (tmp_path / "Policies/app.yaml").read_text() == text


def test_beside_a_default_that_serves_everyone_the_first_policy_says_where_wrong_keys_go(tmp_path):
    """As in a checkout, whose `Policies` has such a file."""
    policies = tmp_path / "Policies"
    policies.mkdir()
    (policies / "default.yaml").write_text("upstream: { key: null }\n")
    said = said_by("quickstart", cwd=tmp_path, input="\n\n")
    assert said.returncode == 0 and "anyone: false" in said.stdout, said
    environment = WITHOUT_KEY | {"GEMINI_API_KEY": "AIzaSyD-a-key-as-long-as-google-s-own-42"}
    check = said_by("check", cwd=tmp_path, environment=environment)
    assert check.returncode == 0 and "app.yaml:3:" in check.stderr, check
    assert "is sent to wss://generativelanguage.googleapis.com" in check.stderr, check
    strict = said_by("check", "--strict", cwd=tmp_path, environment=environment)
    assert strict.returncode == 2, strict
    for says in ("false", "true"):
        (policies / "default.yaml").write_text(f"match: {{ anyone: {says} }}\n")
        check = said_by("check", "--strict", cwd=tmp_path, environment=environment)
        assert check.returncode == 0 and check.stderr == "", check
    # The other answer would replace it.
    said = said_by("quickstart", cwd=tmp_path / "Policies/..", input="\n2\n")
    assert said.returncode == 1 and "app.yaml exists" in said.stderr, said
    (policies / "app.yaml").unlink()
    said = said_by("quickstart", cwd=tmp_path, input="\n2\n")
    assert said.returncode == 1 and "default.yaml exists" in said.stderr, said


def test_a_directory_that_cannot_be_made_is_told_with_its_reason(tmp_path):
    (tmp_path / "file").write_text("")
    options = ("--key", "simulator", "--clients", "key", "--policies", tmp_path / "file/policies")
    assert "Not a directory" in line_of(said_by("quickstart", *options))


@pytest.mark.parametrize("umask, mode", [(0o022, 0o755), (0o027, 0o750), (0o077, 0o700)])
def test_who_may_read_the_new_directory_is_for_the_umask_to_say(tmp_path, umask, mode):
    """It contains no secret, and the server may run as another user."""
    options = ("--key", "env:MY_KEY", "--clients", "key", "--policies", tmp_path / "no/such/policies")
    said = said_by("quickstart", *options, umask=umask)
    assert said.returncode == 0, said
    for made in ("no", "no/such", "no/such/policies"):
        assert stat.S_IMODE((tmp_path / made).stat().st_mode) == mode, made
    checked(tmp_path / "no/such/policies")


@pytest.mark.parametrize("key", ["env:MY_KEY", "file:/run/secrets/a b", "client", "simulator"])
@pytest.mark.parametrize("clients", ["anyone", "key"])
def test_flags_do_instead_of_answers(tmp_path, key, clients):
    said = said_by("quickstart", "--key", key, "--clients", clients, "--policies", tmp_path / "p")
    if (key, clients) == ("client", "key"):
        # It would send the generated key to Google, which knows no such key.
        assert said.returncode == 2 and "shows one key" in said.stderr, said
        assert not (tmp_path / "p").exists()
        return
    assert said.returncode == 0 and "?" not in said.stdout, said
    checked(tmp_path / "p")
    (policy,) = (tmp_path / "p").iterdir()
    assert policy.name == ("default.yaml" if clients == "anyone" else "app.yaml")
    assert stat.S_IMODE(policy.stat().st_mode) == 0o644


def test_who_passes_clients_keys_on_is_not_asked_for_another(tmp_path):
    said = said_by("quickstart", cwd=tmp_path, input="2\n")
    assert said.returncode == 0 and "Who may use it?" not in said.stdout, said
    assert "key: null" in (tmp_path / "Policies/default.yaml").read_text()
    checked(tmp_path / "Policies")
    (tmp_path / "Policies/app.yaml").write_text("match: { keys: [env:APP] }\n")
    line = line_of(said_by("quickstart", "--key", "client", cwd=tmp_path, input=""))
    assert "default.yaml exists and is not replaced" in line
    environment = WITHOUT_KEY | {"APP": "client-key"}
    check = said_by("check", "--strict", cwd=tmp_path, environment=environment)
    assert check.returncode == 2 and "app.yaml:1:17: error: match.keys: " in check.stderr, check
    (tmp_path / "Policies/app.yaml").write_text("match: { keys: [env:APP] }\nupstream: { key: null }\n")
    check = said_by("check", "--strict", cwd=tmp_path, environment=environment)
    assert check.returncode == 0 and check.stderr == "", check


def test_a_clients_key_is_told_once_and_lets_it_in(tmp_path, start):
    simulator = start(Simulator)
    policies = tmp_path / "p"
    said = said_by("quickstart", "--key", "simulator", "--clients", "key", "--policies", policies)
    key = said.stdout.split("not stored: ")[1].split()[0]
    policy = policies / "app.yaml"
    assert key not in policy.read_text()
    policy.write_text(policy.read_text().replace(":8082", f":{simulator.listening}"))
    program = Program(
        *("serve", "--listen", "127.0.0.1:0", "--admin", "off", "--data", tmp_path / "data"),
        *("--policies", policies),
        log=tmp_path / "log",
    )
    try:
        talk = ("talk", "--to", f"127.0.0.1:{program.port('listening on')}", "--out", tmp_path / "a")
        said = said_by(*talk, environment=WITHOUT_KEY | {"GEMINI_API_KEY": key})
        assert "Paris" in said.stdout, said
        said = said_by(*talk, environment=WITHOUT_KEY | {"GEMINI_API_KEY": "another"})
        assert said.returncode == 1 and "API key not valid" in said.stderr, said
    finally:
        program.end()


@pytest.mark.parametrize("answers", ["", "9\n" * 20, "\n"])
def test_whoever_does_not_answer_is_told_the_flags(tmp_path, answers):
    said = said_by("quickstart", cwd=tmp_path, input=answers)
    assert said.returncode == 2 and "--key env:GEMINI_API_KEY" in said.stderr, said
    assert not list(tmp_path.iterdir())


def test_nobody_to_talk_to_is_told_plainly(tmp_path):
    with occupied() as port:
        pass
    line = line_of(said_by("talk", "--to", f"127.0.0.1:{port}", cwd=tmp_path))
    assert f"--to 127.0.0.1:{port}" in line and "turnkeeper try" in line


# -- make -----------------------------------------------------------------------------------------


def make(tmp_path, target, path=os.environ["PATH"], **programs):
    """Runs `make` with these programs in front of the real ones."""
    for name, script in programs.items():
        program = tmp_path / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    return subprocess.run(
        ["make", "-C", REPOSITORY, *target.split()],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PATH": f"{tmp_path}:{path}"},
    )


def test_a_locked_apt_is_told_in_a_line(tmp_path):
    locked = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (apt)"
    said = make(
        tmp_path,
        f"run PORT={free_port(3)}",
        dpkg_query="exit 1",
        sudo='exec "$@"',
        apt_get=f"echo '{locked}' >&2; echo 'E: more' >&2; exit 100",
        swift="echo built; exit 1",
    )
    assert said.returncode != 0 and "built" not in said.stdout, said
    lines = [line for line in said.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1 and locked in lines[0] and "apt-get install" in lines[0], said


def test_make_run_without_swift_says_where_it_is_from(tmp_path):
    if shutil.which("swift", path="/usr/bin:/bin"):
        pytest.skip("this machine has swift among the system's programs")
    said = make(tmp_path, f"run PORT={free_port(3)}", "/usr/bin:/bin", dpkg_query="echo install ok installed")
    lines = [line for line in said.stderr.splitlines() if not line.startswith("make")]
    assert said.returncode != 0 and len(lines) == 1 and "swift.org" in lines[0], said


def test_make_run_looks_at_its_ports_before_it_builds(tmp_path):
    with occupied() as port:
        said = make(tmp_path, f"run PORT={port}", swift="echo built")
    assert said.returncode != 0 and "built" not in said.stdout, said
    assert f"127.0.0.1:{port}" in said.stderr and "make run PORT=" in said.stderr, said


# Those whose policy differs from a new user's, and how.
CHANGED = {
    "002-alias-down": "but for: models: { fallback: {",
    "003-transcription-30s": "but for: turns: { flush: 3750ms }",
}


async def test_demo_ends_well_in_every_users_report():
    """With the default policy, or what it says that it has changed."""
    names = said_by("demo", "--scenario", "none").stderr
    stories = re.findall(r"\b\d{3}-[a-z0-9-]+", names)
    assert len(stories) == 10
    few = asyncio.Semaphore(5)

    async def play(name):
        async with few:
            told = await asyncio.create_subprocess_exec(
                PROGRAM, "demo", "--scenario", name, stdout=subprocess.PIPE, env=WITHOUT_KEY
            )
            said = (await asyncio.wait_for(told.communicate(), 300))[0].decode()
        assert told.returncode == 0 and said.rstrip().endswith("It went on."), said
        policy = said.splitlines()[2]
        assert policy == "the default policy" or CHANGED[name] in policy, said
        assert "It FAILED." in said.splitlines()[-1], "nothing was wrong without the proxy"

    await asyncio.gather(*map(play, stories))
