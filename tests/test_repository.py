import gc
import stat
from concurrent.futures import ProcessPoolExecutor

import pytest

from app.factory import load_or_create_secret_key, serve
from app.store.database import database, standalone_engine
from tests import garbage_collection


def test_an_unknown_page_says_so(app):
    assert app.test_client().get("/nothing").status_code == 404


def test_racing_processes_agree_on_one_whole_secret(tmp_path):
    with ProcessPoolExecutor(4) as processes:
        secrets = set(processes.map(load_or_create_secret_key, [tmp_path / "instance"] * 16))
    assert len(secrets) == 1
    assert len(secrets.pop()) == 32
    assert [path.name for path in (tmp_path / "instance").iterdir()] == ["secret"]


def test_a_broken_secret_is_refused_rather_than_used(tmp_path):
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(RuntimeError, match="not whole"):
        load_or_create_secret_key(tmp_path)


def test_only_the_owner_reads_secret_keys_and_database(app, tmp_path):
    modes = {name: stat.S_IMODE((tmp_path / "instance" / name).stat().st_mode) for name in ("secret", "keys")}
    assert modes == {"secret": 0o600, "keys": 0o700}


def test_a_new_database_file_is_its_owners_alone(tmp_path):
    engine = standalone_engine(f"sqlite:///{tmp_path}/new.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("new.db*")}
    assert set(modes.values()) == {0o600}
    engine.dispose()


@pytest.fixture
def running(tmp_path, monkeypatch):
    monkeypatch.setenv("VOIMAVARA_INSTANCE", str(tmp_path / "instance"))
    gc.unfreeze()  # a server's process begins with nothing frozen
    app = serve()
    yield app
    gc.unfreeze()
    with app.app_context():
        database.session.remove()
        database.engine.dispose()
    garbage_collection.freeze()


def test_a_process_goes_on_with_its_own_pages_when_a_newer_version_is_copied_over_it(running, monkeypatch):
    def newer(_environment, template):
        pytest.fail(f"{template} was read from the disk")

    monkeypatch.setattr(running.jinja_env.loader, "get_source", newer)
    for path in ("/fi/", "/sv/privacy", "/staff/sign-in"):
        assert running.test_client().get(path).status_code == 200


def test_what_a_process_keeps_for_life_is_not_looked_through_for_garbage(running):
    assert gc.get_freeze_count() > 100_000 > len(gc.get_objects())
