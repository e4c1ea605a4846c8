def test_an_unknown_page_says_so(app):
    assert app.test_client().get("/nothing").status_code == 404
