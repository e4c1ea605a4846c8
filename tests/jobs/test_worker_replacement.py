"""A process asks its server to replace it once it is due, in its turn, and not in the middle of a job."""

import os
import subprocess
import sys
import threading

import pytest

from app.jobs import replacement
from app.jobs.replacement import ProcessReplacer, may_be_running, unique_process_name
from app.services import processes
from app.store import processes as store
from app.store.database import DatabaseUnavailable, database


def test_this_process_lives_under_its_name():
    assert may_be_running(unique_process_name())


def test_a_process_that_has_ended_is_found_out():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        name = unique_process_name(process.pid)
        assert may_be_running(name)
        process.communicate(b"\n")
    assert not may_be_running(name)
    assert unique_process_name(process.pid) is None


def test_a_later_process_of_the_same_number_is_not_taken_for_it():
    pid, system, container, _start = unique_process_name().split(".")
    assert not may_be_running(f"{pid}.{system}.{container}.another")


def test_a_process_from_before_the_host_was_started_anew_has_ended():
    pid, _system, container, start = unique_process_name().split(".")
    assert not may_be_running(f"{pid}.another.{container}.{start}")


def test_a_process_of_another_container_may_be_living():
    _pid, system, _container, start = unique_process_name().split(".")
    assert may_be_running(f"999999999.{system}.another.{start}")


class Watch(ProcessReplacer):
    """A watch whose server does nothing but note who asked."""

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.asked = []
        self.request = lambda: self.asked.append(os.getpid())


@pytest.fixture
def watch(app, monkeypatch):
    monkeypatch.setattr(replacement, "REPLACEMENT_TIMEOUT_SECONDS", 0.0)
    monkeypatch.setattr(replacement, "BUSY_TIMEOUT_SECONDS", 0.01)
    return Watch(app, "here", threading.Lock(), host_name="here.example")


def make_due(session):
    store.mark_all_for_replacement(session)
    session.commit()
    database.session.remove()


def test_nobody_asks_before_a_round_has_ended(watch, session):
    watch.register_or_request_replacement()
    watch.register_or_request_replacement()
    assert watch.asked == []
    assert [one.host_name for one in store.all_processes(session)] == ["here.example"]


def test_a_process_that_is_due_asks(watch, session):
    watch.register_or_request_replacement()
    make_due(session)
    watch.register_or_request_replacement()
    assert watch.asked == [os.getpid()]


def test_where_the_server_did_nothing_it_is_asked_again(watch, session):
    watch.register_or_request_replacement()
    make_due(session)
    watch.register_or_request_replacement()
    watch.register_or_request_replacement()
    assert len(watch.asked) == 2
    assert processes.hosts_awaiting_replacement(session) == (
        "here.example",
    )  # until a successor has looked for it in vain


def test_the_processes_of_a_host_go_one_after_the_other(watch, session, monkeypatch):
    watch.register_or_request_replacement()
    store.add(session, store.ServiceProcess("0" * 32, "here", "here.example", unique_process_name()))
    make_due(session)
    watch.register_or_request_replacement()
    assert watch.asked == []
    store.remove(session, ["0" * 32])  # as its successor does
    session.commit()
    database.session.remove()
    watch.register_or_request_replacement()
    assert watch.asked


def test_a_process_that_never_goes_holds_up_the_next_for_a_while_only(watch, session, monkeypatch):
    monkeypatch.setattr(replacement, "MAX_SECONDS_PER_PROCESS", 3.0)
    watch.register_or_request_replacement()
    store.add(session, store.ServiceProcess("0" * 32, "here", "here.example", unique_process_name()))
    make_due(session)
    watch.register_or_request_replacement()
    assert watch.asked == []
    watch.register_or_request_replacement()
    assert watch.asked


def test_a_job_is_not_broken_off(watch, session):
    watch.register_or_request_replacement()
    make_due(session)
    with watch.busy:
        watch.register_or_request_replacement()
        assert watch.asked == []
    watch.register_or_request_replacement()
    assert watch.asked


def test_a_process_that_served_before_it_was_registered_is_replaced(watch, session, monkeypatch):
    def away(*_arguments, **_keywords):
        raise DatabaseUnavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(processes, "register_process", away)
        watch.register_or_request_replacement()
        watch._served = True
    watch.register_or_request_replacement()
    watch.register_or_request_replacement()
    assert watch.asked


def test_a_server_that_starts_nothing_again_is_told_in_the_log(watch, session, caplog):
    watch.request = None
    watch.register_or_request_replacement()
    make_due(session)
    watch.register_or_request_replacement()
    assert "End this process and start it again" in caplog.text
    assert processes.hosts_awaiting_replacement(session) == ("here.example",)


def test_granian_is_asked_once_for_all_workers_of_a_host(watch, session, monkeypatch):
    asked = []

    def reload():
        session.rollback()
        asked.append({one.asked for one in store.processes_of_host(session, "here")})
        session.rollback()

    monkeypatch.setattr(replacement, "reload_granian", reload)
    watch.request = replacement.reload_granian
    watch.register_or_request_replacement()
    store.add(session, store.ServiceProcess("f" * 32, "here", "here.example", unique_process_name()))
    make_due(session)
    watch.register_or_request_replacement()
    assert asked == [{True}]
    session.rollback()
    assert {one.asked for one in store.processes_of_host(session, "here")} == {False}  # it did nothing: ask again


def test_a_process_for_which_granian_was_asked_waits(watch, session):
    watch.register_or_request_replacement()
    make_due(session)
    store.set_replacement_requested(session, [one.id for one in store.processes_of_host(session, "here")], asked=True)
    session.commit()
    database.session.remove()
    watch.register_or_request_replacement()
    assert watch.asked == []


def test_a_row_that_is_gone_is_written_anew(watch, session):
    watch.register_or_request_replacement()
    store.remove(session, [one.id for one in store.all_processes(session)])
    session.commit()
    database.session.remove()
    watch.register_or_request_replacement()
    watch.register_or_request_replacement()
    assert len(store.all_processes(session)) == 1


def test_a_process_that_is_not_due_finds_out_that_another_has_ended(watch, session):
    pid, _system, container, start = unique_process_name().split(".")
    store.add(session, store.ServiceProcess("0" * 32, "here", "here.example", f"{pid}.before.{container}.{start}"))
    make_due(session)
    with pytest.MonkeyPatch.context() as blind:  # as where the successor registers before the old one ends
        blind.setattr(replacement, "may_be_running", lambda _name: True)
        watch.register_or_request_replacement()
    for _look in range(replacement.MIN_POLLS_BEFORE_CLEANUP - 1):
        watch.register_or_request_replacement()
        assert processes.hosts_awaiting_replacement(session) == ("here.example",)
        session.rollback()
    watch.register_or_request_replacement()
    assert processes.hosts_awaiting_replacement(session) == ()


def test_a_process_starts_on_a_database_that_waits_for_its_migrations(watch, session, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(processes, "can_register", lambda _session: False)
        watch.register_or_request_replacement()
        assert store.all_processes(session) == ()
        session.rollback()
        watch._served = True
    watch.register_or_request_replacement()
    assert processes.hosts_awaiting_replacement(session) == ("here.example",)
