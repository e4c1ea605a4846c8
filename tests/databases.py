"""A fresh database for each test, on SQLite or PostgreSQL, copied from one that was laid out once."""

import pkgutil
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

import app.store
from app.store.database import Base, standalone_engine
from tests.open_connections import close_open_connections
from tests.postgresql import run_sql

both_databases = pytest.mark.parametrize(
    "database_kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)


def pytest_addoption(parser):
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="what the tests run on")
    parser.addoption(
        "--only-database",
        action="store_true",
        help="only tests that ask for a database, without those that drive a browser or run on both databases anyway",
    )


def pytest_collection_modifyitems(config, items):
    if config.getoption("--only-database"):
        left_out = [item for item in items if not _is_of_one_database(item)]
        items[:] = [item for item in items if _is_of_one_database(item)]
        config.hook.pytest_deselected(items=left_out)


def _is_of_one_database(item) -> bool:
    asks = "database_url" in getattr(item, "fixturenames", ())
    chosen = hasattr(item, "callspec") and "database_kind" in item.callspec.params
    return asks and not chosen and item.get_closest_marker("browser") is None


def lay_out(url: str) -> None:
    """Make every table there is."""
    for module in pkgutil.iter_modules(app.store.__path__, "app.store."):
        import_module(module.name)
    engine = standalone_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


@contextmanager
def fresh_postgresql(server: str, template: str | None, *, prefix: str = "test") -> Iterator[str]:
    """Yield the address of a database that nobody else uses, and drop it afterwards.

    Fails where this process has left a connection to it open.
    """
    name = f"{prefix}_{uuid.uuid4().hex[:12]}"
    run_sql(server, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    try:
        yield server.rsplit("/", 1)[0] + f"/{name}"
    finally:
        opened_by = close_open_connections(name)
        run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")
    assert not opened_by, f"a connection was left open. It was opened here:\n{opened_by}"


@contextmanager
def template_postgresql(server: str) -> Iterator[str]:
    """Yield the name of a database with every table, to be copied for each test."""
    with fresh_postgresql(server, None, prefix="template") as url:
        lay_out(url)
        yield url.rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("template") / "voimavara.db"
    lay_out(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server) -> Iterator[str]:
    with template_postgresql(postgresql_server) as name:
        yield name


@pytest.fixture
def empty_postgresql(postgresql_server) -> Iterator[str]:
    """A PostgreSQL database without a table."""
    with fresh_postgresql(postgresql_server, None) as url:
        yield url


@pytest.fixture
def database_kind(request) -> str:
    """Which database this test runs on: the command line's, or what `both_databases` says."""
    return request.config.getoption("--database")


@pytest.fixture
def database_url(database_kind, request, tmp_path) -> Iterator[str]:
    """The address of a database of this test's own, with every table in it."""
    if database_kind == "sqlite":
        path = tmp_path / "instance" / "voimavara.db"
        path.parent.mkdir(exist_ok=True)
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgresql_server")
    with fresh_postgresql(server, request.getfixturevalue("postgresql_template")) as url:
        yield url
