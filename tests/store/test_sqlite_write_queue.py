import threading

from sqlalchemy import text

from app.store import sqlite_write_queue
from app.store.database import standalone_engine


def test_one_writer_has_the_turn_and_the_next_gets_it_when_it_ends(tmp_path):
    path = str(tmp_path / "x.db")
    order = []
    first = sqlite_write_queue.acquire_slot_or_give_up(path)

    def next_one():
        turn = sqlite_write_queue.acquire_slot_or_give_up(path)
        order.append("second")
        turn.release()

    thread = threading.Thread(target=next_one)
    thread.start()
    thread.join(0.2)
    order.append("first")
    first.release()
    first.release()
    thread.join()
    assert order == ["first", "second"]


def test_who_has_waited_too_long_goes_on(tmp_path):
    path = str(tmp_path / "x.db")
    held = sqlite_write_queue.acquire_slot_or_give_up(path)
    late = sqlite_write_queue.acquire_slot_or_give_up(path, max_wait=0.05)
    late.release()
    held.release()
    again = sqlite_write_queue.acquire_slot_or_give_up(path, max_wait=0)
    assert (late.file, again.file is not None) == (None, True)
    again.release()


def test_a_transaction_gives_its_turn_back_whether_it_commits_or_fails(tmp_path):
    engine = standalone_engine(f"sqlite:///{tmp_path}/turns.db")
    path = engine.url.database
    for statement in ("CREATE TABLE tried (n INTEGER)", "INSERT INTO nowhere VALUES (1)"):
        try:
            with engine.begin() as connection:
                connection.execute(text(statement))
        except Exception as error:
            assert "nowhere" in str(error)
        turn = sqlite_write_queue.acquire_slot_or_give_up(path, max_wait=0)
        assert turn.file is not None
        turn.release()
    engine.dispose()


def test_who_only_reads_takes_no_turn(tmp_path):
    engine = standalone_engine(f"sqlite:///{tmp_path}/turns.db")
    with engine.connect().execution_options(only_reads=True) as connection:
        connection.execute(text("SELECT 1"))
        turn = sqlite_write_queue.acquire_slot_or_give_up(engine.url.database, max_wait=0)
        assert turn.file is not None
        turn.release()
    engine.dispose()
