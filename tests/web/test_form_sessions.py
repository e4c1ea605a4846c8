import pytest
from flask import session


@pytest.mark.parametrize("path", ["/", "/en/", "/en/answer", "/staffing", "/api/"])
def test_outside_the_staff_wing_no_session_can_be_written(app, path):
    with app.test_request_context(path):
        assert not session
        with pytest.raises(RuntimeError):
            session["seen"] = "yes"


@pytest.mark.parametrize("path", ["/staff", "/staff/", "/staff/sign-in"])
def test_in_the_staff_wing_it_holds_the_form_guard(app, path):
    with app.test_request_context(path):
        session["guard"] = "word"
        assert session["guard"] == "word"


def test_a_form_guard_that_a_browser_sends_elsewhere_is_not_read(app):
    client = app.test_client()
    client.get("/staff/sign-in")
    guard = client.get_cookie("voimavara-form", path="/staff")
    assert guard is not None
    with app.test_request_context("/en/", headers={"Cookie": f"voimavara-form={guard.value}"}):
        assert not session
    with app.test_request_context("/staff/", headers={"Cookie": f"voimavara-form={guard.value}"}):
        assert session
