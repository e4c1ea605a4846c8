"""Communities meet by consent of both, without a figure and without a rank."""

import pytest

from app.core.accounts import Grant, Role
from app.services import networking
from tests.web.staff_client import signed_in
from tests.web.test_matching import region
from tests.web.visitor import Visitor

__all__ = ["region"]
SEEKS = {"side-practices": "seeks", "contact": "Seeker, tel. 1"}
SHARES = {"side-practices": "shares", "contact": "Helper, tel. 2"}


def principal(app, community, email=None):
    return signed_in(app, Grant(Role.PRINCIPAL, "m", community), email=email or f"{community}@example.test")


def test_both_find_each_other_only_when_both_have_said_so(app, region):
    weak = principal(app, "a")
    strong = principal(app, "b")
    assert weak.post("/staff/network/community/a", data=SEEKS).status_code == 302
    assert "Seeker, tel. 1" not in strong.get("/staff/network/community/b").text
    assert "Helper" not in weak.get("/staff/network/community/a").text
    strong.post("/staff/network/community/b", data=SHARES)
    assert "Seeker, tel. 1" in strong.get("/staff/network/community/b").text
    page = weak.get("/staff/network/community/a").text
    assert "Helper, tel. 2" in page
    assert "64" not in page
    strong.post("/staff/network/community/b", data={"contact": ""})
    assert "Helper" not in weak.get("/staff/network/community/a").text


@pytest.mark.parametrize("sent", [SHARES, SEEKS | {"contact": " "}])
def test_nobody_shares_what_is_weak_or_stays_out_of_reach(app, session, region, sent):
    assert principal(app, "a").post("/staff/network/community/a", data=sent).status_code == 422
    assert networking.consents_by_dimension(session, "a") == {}


def test_nobody_speaks_for_another_community(app, region):
    client = principal(app, "a")
    assert client.get("/staff/network/community/b").status_code == 403
    assert client.post("/staff/network/community/b", data=SHARES).status_code == 403
    assert client.get("/staff/network/community/none").status_code == 404


def test_the_page_is_faultless(app, region):
    visitor = Visitor(app)
    visitor.client = principal(app, "b")
    visitor.get("/staff/network/community/b")
    visitor.post("/staff/network/community/b", SHARES)
    visitor.post("/staff/network/community/b", SHARES | {"contact": ""}, status=422)
