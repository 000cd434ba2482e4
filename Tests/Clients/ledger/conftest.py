import pytest
from database import Postgres


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
