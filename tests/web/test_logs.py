import logging

MARK = "MARK-7731"


def test_an_error_outside_the_staff_wing_is_logged_without_its_words(app, caplog):
    def fail():
        raise ValueError(MARK)

    app.add_url_rule(f"/{MARK}", "answering", fail)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert app.test_client().get(f"/{MARK}?code={MARK}", headers={"User-Agent": MARK}).status_code == 500
    assert "ValueError in answering" in caplog.text
    assert "in fail" in caplog.text
    assert MARK not in caplog.text


def test_an_error_that_comes_again_is_no_list_of_the_moments_at_which_people_answer(app, caplog):
    def break_down():
        message = "a marked answer"
        raise RuntimeError(message)

    app.add_url_rule("/broken", "broken", break_down)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for _ in range(5):
        assert app.test_client().get("/broken").status_code == 500
    assert caplog.text.count("RuntimeError in broken") == 1


def test_servers_write_no_request_line(app, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("werkzeug").info('%s - - [24/Nov/2026] "GET /%s" 200 -', "192.0.2.7", MARK)
    gunicorn = logging.getLogger("gunicorn.error")
    gunicorn.warning(f"Invalid request from ip=192.0.2.7: {MARK}")
    gunicorn.error("Error handling request %s %s", "GET", MARK)
    gunicorn.debug("GET %s", MARK)
    assert MARK not in caplog.text
    assert "192.0.2.7" not in caplog.text
    assert "could not be understood" in caplog.text


def test_servers_still_say_that_they_started(app, caplog):
    caplog.set_level(logging.INFO)
    logging.getLogger("werkzeug").info(" * Running on http://127.0.0.1:5000")
    assert "Running on" in caplog.text
