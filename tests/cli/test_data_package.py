"""The whole demo leaves an installation in open formats, fills an empty one, and leaves it identically."""

from contextlib import contextmanager

import flask_migrate
import pytest

from app.config import load_settings
from app.factory import create_app
from app.services.data_package.archive import unpack
from app.store.database import database, read_session
from app.store.publications import list_released_not_replaced
from tests.conftest import NOON
from tests.databases import both_databases, fresh_postgresql
from tests.loaded_demo import copied_demo


def run(app, *words):
    result = app.test_cli_runner().invoke(args=list(words))
    assert result.exit_code == 0, result.output
    return result


@contextmanager
def installation(folder, url=""):
    app = create_app(load_settings({}, instance=folder, database_url=url), clock=lambda: NOON)
    with app.app_context():
        try:
            flask_migrate.upgrade()
            yield app
        finally:  # a test that fails must not leave its connections to the tests after it
            database.session.remove()
            database.engine.dispose()


@contextmanager
def empty_database(kind, request):
    if kind == "sqlite":
        yield ""
        return
    with fresh_postgresql(request.getfixturevalue("postgresql_server"), None) as url:
        yield url


def tables(app, folder):
    """Every export of the command line, as bytes: those of the package and those that stand alone."""
    folder.mkdir()
    run(app, "data", "export", "--output", str(folder / "data.zip"))
    for group, kind in (("organisations", "csv"), ("catalogue", "jsonld"), ("catalogue", "csv"), ("people", "csv")):
        run(app, group, "export", "--format", kind, "--output", str(folder / f"{group}.{kind}"))
    with read_session() as session:
        numbers = [publication.round for publication in list_released_not_replaced(session)]
    for number in numbers:
        for kind in ("json", "csv"):
            run(app, "results", "export", str(number), "--format", kind, "--output", str(folder / f"{number}.{kind}"))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory, loaded_demo):
    """The exports of the demo, made once, and where they lie."""
    folder = tmp_path_factory.mktemp("demo")
    copied_demo(loaded_demo, folder / "first")
    with installation(folder / "first") as app:
        return tables(app, folder / "exported"), folder / "exported"


@pytest.mark.slow
@both_databases
def test_the_whole_demo_fills_an_empty_installation_and_is_exported_byte_for_byte(
    tmp_path, database_kind, request, demo
):
    first, folder = demo
    file = str(folder / "data.zip")
    with empty_database(database_kind, request) as url, installation(tmp_path / "second", url) as app:
        assert "Nothing was stored (dry run)." in run(app, "data", "import", file, "--dry-run").output
        result = run(app, "data", "import", file).output
        assert "communities: 60 new or changed, 0 as before" in result
        second = tables(app, tmp_path / "exported again")
        again = run(app, "data", "import", file).output
        assert all(": 0 new or changed" in line for line in again.splitlines()[:-1])
        assert "rounds: 0 new or changed, 3 as before" in again
        shown = run(app, "data", "export", "--output", str(tmp_path / "once more.zip")).output
    assert "Access phrases of communities: each community draws a new one" in shown
    assert second.keys() == first.keys() and len(first) == 1 + 4 + 6
    assert {name for name in first if second[name] != first[name]} == set()
    _parts, files = unpack(first["data.zip"])
    filled = {name for name, data in files.items() if name.endswith(".csv") and data.count(b"\r\n") > 1}
    assert filled >= {
        "communities.csv",
        "people.csv",
        "courses.csv",
        "rounds/rounds.csv",
        "support/support.csv",
        "seats/allocation.csv",
        "seats/course_participation.csv",
        "seats/seat_wish.csv",
        "followup/plan.csv",
        "followup/plan_action.csv",
        "followup/plan_change.csv",
        "followup/escalation.csv",
    }


def test_a_refused_package_ends_the_command_with_its_faults(app, tmp_path):
    file = tmp_path / "data.zip"
    file.write_bytes(b"email;name\r\n")
    refused = app.test_cli_runner().invoke(args=["data", "import", str(file)])
    assert refused.exit_code == 1
    assert "This is not a data package." in refused.output
    assert "1 faults; nothing was stored." in refused.output
