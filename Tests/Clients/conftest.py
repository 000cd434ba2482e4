"""What every test here may ask for: the programs, and coroutines as tests."""

import asyncio
import contextlib
import inspect
import os
import time

import heard
import pytest
import turnkeeper
from database import Postgres, Secured
from recoveries import Recoveries

# No test needs more; one that hangs must say so rather than hold up the rest.
TEST_SECONDS = 240 if not {"MESSAGES", "SOAK_SECONDS", "CALLERS"} & set(os.environ) else 7200

TOLD = pytest.StashKey()
SEARCHED = pytest.StashKey()


def pytest_collection_modifyitems(items):
    if items and not turnkeeper.PROGRAM.exists():
        raise pytest.UsageError(
            f"{turnkeeper.PROGRAM} is missing: run `make build`, or set TURNKEEPER"
        )


def pytest_runtest_setup():
    """Budgets and quotas are of a day: no test begins on one and ends on the next."""
    left = 86_400 - time.time() % 86_400
    if left < 180:
        time.sleep(left + 1)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Runs a coroutine test on a loop of its own, within a bound."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), TEST_SECONDS))
    return True


@pytest.fixture
def start(tmp_path_factory, request):
    """Starts programs of the `turnkeeper` module, checks that none died, and ends them."""
    running = []
    heard.forget()
    # Made here: nodes start in threads of their own, and each would make one.
    tmp_path_factory.getbasetemp()

    def start(kind, *arguments, **options):
        directory = tmp_path_factory.mktemp(kind.__name__.lower())
        program = kind(directory, *arguments, **options)
        running.append(program)
        return program

    yield start
    try:
        for program in running:
            program.assert_alive()
    finally:
        # Whatever is wrong with one, the others end, too.
        with contextlib.ExitStack() as ending:
            for program in running:
                ending.callback(program.end)
    searched = request.config.stash.setdefault(SEARCHED, [0, 0])
    for program in running:
        if "serve" in program.arguments:
            searched[bool(program.credentials())] += 1


@pytest.fixture(scope="session")
def server():
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture
def postgres(server):
    """With a database that has nothing in it."""
    server.renew()
    yield server
    server.pause(False)
    if server.process.poll() is not None:
        server.start()
    heard.keep(server.contents())


@pytest.fixture(params=["file", "postgres"])
def books(request):
    """Where a server keeps its books and tokens, as its arguments: both must do the same."""
    return () if request.param == "file" else request.getfixturevalue("postgres").options


@pytest.fixture
def secured(postgres, tmp_path):
    """`postgres`, which takes nothing but TLS from clients on TCP once `certificate` was called."""
    # Not all environments have what certificates are made with.
    from certificates import Authority

    with_tls = Secured(postgres, Authority(tmp_path))
    yield with_tls
    with_tls.certificate(None)


@pytest.fixture
def time_recoveries(request, start):
    """Has the summary say how long the model was silent where this proxy recovered."""
    watched = []
    yield watched.append
    for proxy in watched:
        recoveries = Recoveries(proxy.metrics())
        request.config.stash.setdefault(TOLD, []).append((request.node.name, recoveries))


def pytest_terminal_summary(terminalreporter, config):
    """Prints it, whatever became of the tests; for how many servers there was a credential to find; and in
    full what failed and was run once more."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"failed, and was run once more: {report.nodeid}", sep="_")
        report.toterminal(terminalreporter._tw)
    if any(searched := config.stash.get(SEARCHED, [0, 0])):
        without, having = searched
        terminalreporter.line(f"searched for credentials: {having} servers; {without} had none")
    if told := config.stash.get(TOLD, []):
        terminalreporter.section("from trouble seen to the next output of the model")
    for name, recoveries in told:
        terminalreporter.line(f"{name:44} {recoveries}")
