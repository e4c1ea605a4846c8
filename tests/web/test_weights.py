import pytest

from app.core.accounts import Grant, Role
from app.core.matching.weight_numbers import weight_numbers
from app.core.matching.weights import WEIGHTS
from app.store import weights
from tests.web.staff_client import add_account, client_of, signed_in
from tests.web.visitor import Visitor

CELLS = {name: f"{number:g}" for name, number in weight_numbers(WEIGHTS).items()}
CHANGED = CELLS | {"evidence_D": "0,3", "reason": "Untried courses weighed too much"}


def test_a_coordinator_makes_a_new_version_with_a_reason(app, session):
    desk = signed_in(app, Grant(Role.COORDINATOR), name="Kim Demo")
    assert desk.post("/staff/weights/change", data=CHANGED).location.endswith("/staff/weights/2")
    page = desk.get("/staff/weights/2").text
    assert "Untried courses weighed too much" in page
    assert "0.4 → <strong>0.3</strong>" in page
    assert "Kim Demo" in page
    assert weights.current_weights(session).version == "2026-2"


def test_past_versions_can_be_read(app, session):
    desk = signed_in(app, Grant(Role.COORDINATOR))
    desk.post("/staff/weights/change", data=CHANGED)
    principal = signed_in(app, Grant(Role.PRINCIPAL, "m", "a"), email="rehtori@example.test")
    page = principal.get("/staff/weights/1").text
    assert "Earlier version" in page
    assert principal.get("/staff/weights/9").status_code == 404


@pytest.mark.parametrize("sent", [CELLS | {"reason": "same"}, CHANGED | {"reason": " "}, CHANGED | {"uptake": "x"}])
def test_what_cannot_stand_makes_no_version(app, session, sent):
    desk = signed_in(app, Grant(Role.COORDINATOR))
    assert desk.post("/staff/weights/change", data=sent).status_code == 422
    assert weights.current_weights(session) == WEIGHTS


def test_only_a_coordinator_of_the_whole_region_changes_them(app):
    for grant in (Grant(Role.PRINCIPAL, "m", "a"), Grant(Role.COORDINATOR, "m")):
        who = signed_in(app, grant, email=f"{grant.role}@example.test")
        assert who.get("/staff/weights/change").status_code == 403
        assert who.get("/staff/weights/").status_code == 200


def test_the_pages_of_weights_are_faultless(app):
    visitor = Visitor(app)
    visitor.client = client_of(app, add_account(Grant(Role.COORDINATOR)))
    visitor.get("/staff/weights/")
    visitor.get("/staff/weights/change")
    visitor.post("/staff/weights/change", CHANGED | {"reason": "", "uptake": "x"}, status=422)
    visitor.post("/staff/weights/change", CHANGED | {"reason": "A trial"})
    assert "A trial" in visitor.response.text
