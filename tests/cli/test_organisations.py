import pytest

from app.config import load_settings
from app.factory import create_app
from app.services import organisations
from app.store.database import database
from tests.conftest import NOON

TABLE = (
    "region;municipality_id;municipality;community_id;community;kind;teachers\n"
    "Lakeland;m1;Järvelä;c1;Järvelän koulu;{kind};12\n"
)


@pytest.fixture
def run(app, tmp_path):
    def invoke(kind, *options):
        file = tmp_path / "communities.csv"
        file.write_text(TABLE.format(kind=kind), encoding="utf-8")
        return app.test_cli_runner().invoke(args=["organisations", "import", str(file), *options])

    return invoke


def stored():
    return [one.id for one in organisations.communities(database.session())]


def test_a_table_is_imported(run):
    result = run("school")
    assert (result.exit_code, stored()) == (0, ["c1"])
    assert "1 communities with 12 people: 1 new" in result.output


def test_a_dry_run_stores_nothing(run):
    result = run("school", "--dry-run")
    assert (result.exit_code, stored()) == (0, [])
    assert "Nothing was stored" in result.output


def test_a_bad_row_is_named_and_nothing_is_stored(run):
    result = run("factory")
    assert (result.exit_code, stored()) == (1, [])
    assert "Row 2, column kind" in result.output
    assert "early_childhood" in result.output


@pytest.mark.parametrize("verb", ["organisations", "catalogue"])
def test_faults_are_told_in_english_whatever_language_the_pages_are_in(tmp_path, database_url, verb):
    settings = load_settings({}, instance=tmp_path / "finnish", database_url=database_url, default_language="fi")
    app = create_app(settings, clock=lambda: NOON)
    file = tmp_path / "table.xlsx"
    file.write_bytes(b"no such table")
    with app.app_context():
        result = app.test_cli_runner().invoke(args=[verb, "import", "--dry-run", str(file)])
        database.session.remove()
        database.engine.dispose()
    assert result.exit_code == 1
    assert "column is missing" in result.output or "cannot be read" in result.output
    assert "sarake" not in result.output.casefold()
