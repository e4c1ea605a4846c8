"""What a page costs that was read before, in statements and in parts that are made anew; never in time."""

import re
from contextlib import contextmanager

from flask.testing import FlaskClient
from sqlalchemy import event

from app.store.database import database
from app.web.shared.fragment_cache import CACHE

MOST_STATEMENTS = 12


@contextmanager
def statements(app):
    """Yield a list that the statements of the block are put into."""
    told = []

    def note(_connection, _cursor, statement, *_rest):
        told.append(statement)

    with app.app_context():
        engine = database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", note)


def assert_cheap_again(app, client, address, *, most=MOST_STATEMENTS):
    """Ask for a page twice; the second time no publication is read, and no part of the page is made.

    `most` is how many statements the page may take.
    """
    ask = FlaskClient.open  # without the tests' own audit of the page
    assert ask(client, address).status_code == 200
    kept = dict(CACHE)
    with statements(app) as told:
        assert ask(client, address).status_code == 200
    assert {one: id(part) for one, part in CACHE.items()} == {one: id(part) for one, part in kept.items()}
    assert publications_read(told) == [], publications_read(told)
    assert len(told) <= most, "\n".join(told)


def publications_read(told):
    """The statements that read a header or a part of a publication."""
    return [one for one in told if re.search(r"publication(_part)?\.content|content FROM publication", one)]
