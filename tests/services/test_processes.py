"""Processes that served a round are replaced when it is closed and again when it is counted."""

from dataclasses import replace

from app.core.disclosure.policy import Policy
from app.services import counting, processes, rounds
from app.store import processes as store
from tests.services.factories import AFTER, CLOSES, SECRET, opened


def registered(session, name, *, host="here", due=False, lives=lambda _name: True):
    return processes.register_process(
        session, host=host, host_name=f"{host}.example", process=name, due=due, lives=lives
    )


def due(session):
    return {one.process for one in store.all_processes(session) if one.due}


def test_a_new_process_is_not_due(session):
    registered(session, "a")
    assert due(session) == set()


def test_a_process_that_served_before_it_was_registered_is_due(session):
    registered(session, "late", due=True)
    assert due(session) == {"late"}
    assert processes.hosts_awaiting_replacement(session) == ("here.example",)


def test_closing_makes_every_process_on_every_host_due(session, tmp_path):
    number = opened(session, tmp_path)
    registered(session, "a")
    registered(session, "b", host="there")
    rounds.close(session, number, now=CLOSES)
    registered(session, "c")
    assert due(session) == {"a", "b"}


def test_closing_at_the_last_moment_makes_them_due_too(session, tmp_path):
    opened(session, tmp_path)
    registered(session, "a")
    rounds.close_due(session, now=CLOSES)
    assert due(session) == {"a"}


def test_a_count_names_the_processes_and_the_certificate_waits_for_each(session, tmp_path):
    number = opened(session, tmp_path)
    rounds.close(session, number, now=CLOSES)
    first = registered(session, "a")
    second = registered(session, "b", host="there")
    made = counting.count_round(session, number, policy=Policy(), secret=SECRET, now=AFTER, keys=tmp_path)
    assert set(made.processes) == {first.id, second.id}
    assert due(session) == {"a", "b"}
    assert counting.find_certificate(session, number) == made
    assert processes.hosts_with_processes_running_since_count(session, made) == ("here.example", "there.example")
    registered(session, "c", lives=lambda name: name != "a")
    assert processes.hosts_with_processes_running_since_count(session, made) == ("there.example",)
    assert processes.forget_host(session, "there.example") == 1
    assert processes.hosts_with_processes_running_since_count(session, made) == ()


def test_a_round_that_is_given_up_replaces_them_too(session, tmp_path):
    number = opened(session, tmp_path)
    rounds.close(session, number, now=CLOSES)
    registered(session, "a")
    counting.abandon_round(session, number, now=AFTER, keys=tmp_path / "elsewhere")
    assert due(session) == {"a"}


def test_a_certificate_from_before_names_none(session, tmp_path):
    number = opened(session, tmp_path)
    rounds.close(session, number, now=CLOSES)
    made = counting.count_round(session, number, policy=Policy(), secret=SECRET, now=AFTER, keys=tmp_path)
    assert processes.hosts_with_processes_running_since_count(session, replace(made, processes=None)) == ()


def test_only_processes_of_the_own_host_are_looked_for(session):
    registered(session, "a")
    registered(session, "b", host="there")
    assert processes.unregister_ended(session, host="here", lives=lambda _name: False) == 1
    assert [one.process for one in store.all_processes(session)] == ["b"]
