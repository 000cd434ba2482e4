"""What every test here may ask for: the programs, and coroutines as tests."""

import asyncio
import inspect
import os

import pytest
import turnkeeper

# No test needs more; one that hangs must say so rather than hold up the rest.
TEST_SECONDS = 180 if "MESSAGES" not in os.environ else 3600


def pytest_collection_modifyitems(items):
    if items and not turnkeeper.PROGRAM.exists():
        raise pytest.UsageError(
            f"{turnkeeper.PROGRAM} is missing: run `make build`, or set TURNKEEPER"
        )


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
def start(tmp_path_factory):
    """Starts programs of the `turnkeeper` module, checks that none died, and ends them."""
    running = []

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
        for program in reversed(running):
            program.end()
