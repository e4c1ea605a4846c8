"""Gunicorn makes the application once, before its workers start; they share it, and are replaced one at a time."""

import os
import signal
import threading
import urllib.request
from contextlib import closing

import pytest

from app import factory
from app.store.database import database
from tests.hosts.servers import Host, wait_until
from tests.web.open_round import open_round

ADDRESS = "security@one.example"


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    monkeypatch.setattr(factory, "_prepared", [])
    monkeypatch.setattr(factory, "_freeze_gc", lambda: None)
    monkeypatch.setenv("VOIMAVARA_INSTANCE", str(tmp_path / "instance"))
    return factory._prepared


def test_what_workers_share_has_no_connection_and_no_thread(prepared, monkeypatch):
    """An address where no database is: a connection would fail."""
    monkeypatch.setenv("VOIMAVARA_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    before = threading.active_count()
    factory.preload_app()
    (app,) = prepared
    assert threading.active_count() == before
    with app.app_context():
        assert (database.engine.pool.checkedin(), database.engine.pool.checkedout()) == (0, 0)
    assert len(app.jinja_env.cache) > 50  # templates are compiled once for all workers


def test_a_setting_that_cannot_be_is_left_for_the_workers_to_tell(prepared, monkeypatch):
    monkeypatch.setenv("VOIMAVARA_DATABASE_URL", "no address of a database")
    factory.preload_app()
    assert prepared == []


def test_a_process_takes_what_was_prepared_and_makes_its_own_where_nothing_was(prepared, monkeypatch):
    given = object()
    made = object()
    protected = []
    prepared.append(given)
    monkeypatch.setattr(factory, "create_app", lambda: made)
    monkeypatch.setattr(factory, "_preload_templates", lambda app: None)
    monkeypatch.setattr(factory.memory, "protect_memory", lambda: protected.append(True))
    assert factory._prepared_or_new_app() is given
    assert protected == [True], "locks in memory are not inherited"
    assert factory._prepared_or_new_app() is made


@pytest.fixture
def host(app, session, tmp_path, database_url):
    open_round(app, session, alder=24)
    session.commit()
    database.session.remove()
    one = Host(tmp_path, database_url)
    yield one
    one.kill()


def page(host, path="/.well-known/security.txt"):
    address = f"http://{host.address}:{host.port}{path}"
    with closing(urllib.request.urlopen(address, timeout=60)) as answer:
        return answer.read().decode()


@pytest.mark.slow
def test_a_worker_that_goes_is_replaced_while_the_other_serves(host):
    host.start()
    before = wait_until(lambda: len(host.workers()) == 2 and host.workers())
    for worker in before:
        os.kill(worker, signal.SIGTERM)
        wait_until(lambda worker=worker: worker not in host.workers() and len(host.workers()) == 2)
        assert page(host, "/healthz") == "alive\n"
    assert not set(before) & set(host.workers())
    assert "Traceback" not in host.log()


@pytest.mark.slow
def test_the_signal_to_reload_reads_the_settings_anew(host):
    settings = host.instance / "config.py"
    host.instance.mkdir(exist_ok=True)
    settings.write_text(f'CONTACT = "{ADDRESS}"\n', encoding="utf-8")
    settings.chmod(0o600)
    host.start()
    assert ADDRESS in page(host)
    before = set(wait_until(lambda: len(host.workers()) == 2 and host.workers()))
    settings.write_text(f'CONTACT = "other-{ADDRESS}"\n', encoding="utf-8")
    host.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(host.workers()) == 2 and not before & set(host.workers()))
    assert f"other-{ADDRESS}" in page(host)
