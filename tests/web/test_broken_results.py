"""A part of a publication that is not as sealed: its pages answer 503, the log says why, and the rest is read."""

import pytest
from sqlalchemy import delete, update

from app.core.accounts import Grant, Role
from app.store import publication_parts, publications
from app.store.publication_parts import PublicationPartRow
from app.web.shared import fragment_cache
from tests.publications import made, store
from tests.web.staff_client import signed_in

OF_PINE = PublicationPartRow.unit_id == "pine"


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def read_afresh():
    """What this process has read before is gone: a cached part is not read again."""

    def forget():
        for cache in (publications._LAZY, publication_parts._HEADERS, publication_parts._LOOKUPS, fragment_cache.CACHE):
            cache.clear()

    forget()
    yield forget
    forget()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (update(PublicationPartRow).where(OF_PINE).values(content='{"level":"community","unit":"pine"}'), "changed"),
        (delete(PublicationPartRow).where(OF_PINE), "missing"),
    ],
    ids=["changed", "missing"],
)
def test_a_broken_part_answers_503_and_the_rest_stays_readable(
    app, session, frozen, read_afresh, caplog, change, words
):
    number = store(session, frozen).round
    pine = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"))
    fir = signed_in(app, Grant(Role.PRINCIPAL, "north", "fir"), email="fir@example.test")
    url = f"/staff/results/{number}/community/"
    assert pine.get(f"{url}pine").status_code == 200
    session.execute(change)
    session.commit()
    read_afresh()
    answer = pine.get(f"{url}pine")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "<h1" in answer.text and "Traceback" not in answer.text
    assert words not in answer.text  # what is broken is for the log
    assert f"the results of round {number} are not as sealed" in caplog.text
    assert "results verify" in caplog.text
    assert fir.get(f"{url}fir").status_code == 200
