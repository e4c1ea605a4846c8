"""Those who send at the same moment go in together, and nobody bears another's fault."""

import threading

from app.services.answering import InvalidCode, Submission
from app.store.database import DatabaseUnavailable
from app.web.respondent.submission_batcher import MOST, BatcherRegistry, SubmissionBatcher

PATIENCE = 30


def sending(number):
    return Submission(ticket=None, ratings=(number,))


class Door:
    """What puts in: it notes who came together, and holds the first company until it is let go."""

    def __init__(self, *, outcome=lambda companies, sendings: [None] * len(sendings)):
        self.companies = []
        self.outcome = outcome
        self.first_is_in = threading.Event()
        self.go_on = threading.Event()

    def put_in(self, sendings):
        self.companies.append([one.ratings[0] for one in sendings])
        if len(self.companies) == 1:
            self.first_is_in.set()
            assert self.go_on.wait(PATIENCE)
        return self.outcome(self.companies, sendings)


def crowd(usher, door, people):
    """Let person 0 go in, and all others come while 0 is inside; return what each found, None or a fault."""
    found = {}

    def come(number):
        try:
            usher.submit(sending(number), door.put_in)
            found[number] = None
        except Exception as fault:
            found[number] = fault

    threads = [threading.Thread(target=come, args=(number,)) for number in range(people)]
    threads[0].start()
    assert door.first_is_in.wait(PATIENCE)
    for thread in threads[1:]:
        thread.start()
    while len(usher._left) < people - 1:
        assert any(thread.is_alive() for thread in threads)
    door.go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "somebody waits for ever"
    return found


def test_who_comes_alone_goes_in_alone_at_once():
    door = Door()
    usher = SubmissionBatcher()
    door.go_on.set()
    for number in range(3):
        usher.submit(sending(number), door.put_in)
    assert door.companies == [[0], [1], [2]]


def test_who_comes_while_another_is_inside_goes_in_with_all_that_came_meanwhile():
    door = Door()
    found = crowd(SubmissionBatcher(), door, people=8)
    assert [len(one) for one in door.companies] == [1, 7]
    assert found == dict.fromkeys(range(8))


def test_a_company_has_an_end():
    door = Door()
    found = crowd(SubmissionBatcher(), door, people=MOST + 5)
    assert [len(one) for one in door.companies] == [1, MOST, 4]
    assert found == dict.fromkeys(range(MOST + 5))


def test_what_is_refused_is_one_persons_own():
    def refuse_three(_companies, sendings):
        return [InvalidCode() if one.ratings == (3,) else None for one in sendings]

    found = crowd(SubmissionBatcher(), Door(outcome=refuse_three), people=6)
    assert isinstance(found.pop(3), InvalidCode)
    assert set(found.values()) == {None}


def test_where_one_breaks_the_company_the_others_go_in_without():
    def break_at_three(_companies, sendings):
        if any(one.ratings == (3,) for one in sendings):
            raise RuntimeError("the box of 3 is damaged")
        return [None] * len(sendings)

    door = Door(outcome=break_at_three)
    found = crowd(SubmissionBatcher(), door, people=5)
    assert isinstance(found.pop(3), RuntimeError)
    assert set(found.values()) == {None}
    assert sorted(map(len, door.companies)) == [1, 1, 1, 1, 1, 4]


def test_an_outage_is_everybodys_and_nobody_waits_for_it_one_after_another():
    def away(companies, sendings):
        if len(companies) > 1:
            raise DatabaseUnavailable("away")
        return [None] * len(sendings)

    door = Door(outcome=away)
    found = crowd(SubmissionBatcher(), door, people=9)
    assert found.pop(0) is None
    assert {type(fault) for fault in found.values()} == {DatabaseUnavailable}
    assert [len(one) for one in door.companies] == [1, 8, 1]
    assert len(set(map(id, found.values()))) == 8  # an error that two threads raise would mix their traces


def test_a_thread_that_is_ended_inside_leaves_nobody_waiting():
    class Ended(BaseException):
        pass

    def end_the_second(companies, sendings):
        if len(companies) == 2:
            raise Ended
        return [None] * len(sendings)

    door = Door(outcome=end_the_second)
    usher = SubmissionBatcher()
    threads = threading.excepthook
    threading.excepthook = lambda _told: None
    try:
        found = crowd(usher, door, people=6)
    finally:
        threading.excepthook = threads
    assert found.pop(0) is None
    assert [type(fault) for fault in found.values()] == [DatabaseUnavailable] * 4  # the fifth was ended
    usher.submit(sending(9), door.put_in)
    assert door.companies[-1] == [9]


def test_each_round_has_an_usher_of_its_own():
    ushers = BatcherRegistry()
    assert ushers.batcher_of_round(1) is ushers.batcher_of_round(1)
    assert ushers.batcher_of_round(1) is not ushers.batcher_of_round(2)


def test_however_many_come_everybody_is_put_in_once():
    usher = SubmissionBatcher()
    counted = []
    lock = threading.Lock()

    def put_in(sendings):
        with lock:
            counted.extend(one.ratings for one in sendings)
        return [None] * len(sendings)

    def come(number):
        for _ in range(50):
            usher.submit(sending(number), put_in)

    threads = [threading.Thread(target=come, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(counted) == sorted((number,) for number in range(40) for _ in range(50))
