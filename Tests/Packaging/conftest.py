"""What was packed, and boxes to unpack it in."""

import os
import pathlib

import box
import pytest

DIST = pathlib.Path(os.environ.get("DIST", box.REPOSITORY / "dist"))


def pytest_collection_modifyitems(items):
    if items and os.getuid() != 0:
        raise pytest.UsageError("boxes are made and entered by root: sudo make test-dist")
    if items and not list(DIST.glob("turnkeeper*")):
        raise pytest.UsageError(f"{DIST} has no packages: make dist")


def only(pattern):
    (found,) = DIST.glob(pattern)
    return found


@pytest.fixture(scope="session")
def tarball():
    return only("turnkeeper-*.tar.gz")


@pytest.fixture(scope="session")
def deb():
    return only("turnkeeper_*.deb")


@pytest.fixture(scope="session")
def wheel():
    return only("turnkeeper-*.whl")


@pytest.fixture
def fresh(tmp_path):
    """A box for one test."""
    return box.Box(tmp_path / "box")


@pytest.fixture(scope="session")
def installed(tmp_path_factory, deb):
    """A box with the Debian package in it."""
    one = box.Box(tmp_path_factory.mktemp("installed") / "box")
    one.run("apt-get", "-qq", "install", "-y", "--no-install-recommends", one.put(deb))
    return one
