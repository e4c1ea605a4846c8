"""A visitor who walks through the pages as a browser without script does."""

from urllib.parse import urljoin, urlsplit

from tests.web.page_checks import Page


class Visitor:
    """Fetches pages, fills in forms, presses buttons; the client audits every page on the way."""

    def __init__(self, app, *, anonymous=False, address="192.0.2.1"):
        self.client = app.test_client(use_cookies=not anonymous)
        self.anonymous = anonymous
        self.address = address
        self.url = "/"
        self.page = None
        self.response = None

    def get(self, url, status=200):
        return self._arrive(url, self.client.get(url, environ_base={"REMOTE_ADDR": self.address}), status)

    def post(self, url, fields, status=200):
        answer = self.client.post(url, data=fields, environ_base={"REMOTE_ADDR": self.address})
        return self._arrive(url, answer, status)

    def press(self, words, status=200, **filled):
        """Fill in fields by name and press the button that says `words`."""
        button = next(tag for tag in self.page.all("button") if tag.text == words and tag["aria-hidden"] is None)
        fields = {**self.fields(), **filled}
        if button["name"]:
            fields[button["name"]] = button["value"]
        form = next(tag for tag in self.page.all("form") if tag["id"] == button["form"] or tag in button.around)
        return self.post(urljoin(self.url, button["formaction"] or form["action"]), fields, status)

    def fields(self):
        """What the page's form would send as it stands."""
        fields = {}
        for tag in self.page.all("input", "textarea"):
            chosen = tag["checked"] is not None or tag["type"] not in ("radio", "checkbox")
            if tag["name"] and chosen and tag["type"] not in ("submit", "file"):
                fields[tag["name"]] = tag["value"] if tag.name == "input" else "".join(tag.words).removeprefix("\n")
        return fields

    def _arrive(self, url, response, status):
        while response.status_code in (301, 302, 303, 307, 308):
            assert not (self.anonymous and response.headers.getlist("Set-Cookie")), "a cookie on the way"
            self.redirect = response
            url = urljoin(url, response.headers["Location"])
            assert not urlsplit(url).netloc, f"led to another host: {url}"
            response = self.client.get(url, environ_base={"REMOTE_ADDR": self.address})
        assert response.status_code == status, f"{response.status_code} at {url}: {response.text[-2000:]}"
        self.url = url
        self.response = response
        self.page = Page(response.text)
        return self.page
