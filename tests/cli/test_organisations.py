import pytest

from app.services import organisations
from app.store.database import database

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
