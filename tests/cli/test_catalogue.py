from app.services import catalogue
from app.store.database import read_session
from tests.services.test_catalogue import csv_of


def test_a_file_is_imported_and_exported(app, tmp_path):
    (tmp_path / "in.csv").write_bytes(csv_of({}))
    run = app.test_cli_runner()
    assert run.invoke(args=["catalogue", "import", str(tmp_path / "in.csv")]).exit_code == 0
    assert run.invoke(args=["catalogue", "export", "--output", str(tmp_path / "out.csv")]).exit_code == 0
    again = run.invoke(args=["catalogue", "import", str(tmp_path / "out.csv")])
    assert "1 as before" in again.output


def test_a_dry_run_leaves_the_catalogue_empty(app, tmp_path):
    (tmp_path / "in.csv").write_bytes(csv_of({}))
    app.test_cli_runner().invoke(args=["catalogue", "import", "--dry-run", str(tmp_path / "in.csv")])
    with read_session() as session:
        assert catalogue.courses(session) == ()


def test_every_fault_is_printed_with_row_and_column(app, tmp_path):
    (tmp_path / "in.csv").write_bytes(csv_of({"capacity": "many", "area": "sport"}))
    result = app.test_cli_runner().invoke(args=["catalogue", "import", str(tmp_path / "in.csv")])
    assert result.exit_code == 1
    assert "capacity" in result.output
    assert "sport" in result.output
