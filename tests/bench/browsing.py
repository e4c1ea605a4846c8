"""A browser that costs nothing: it calls the application as a server would and sums up what the pages take."""

import html
import io
import re
import time
from urllib.parse import urlencode

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_ASKED = re.compile(r'<input type="radio" id="[^"]+" name="([^"]+)" value="([^"]+)"')


class Browser:
    """Asks for pages, keeps cookies, follows redirects; `seconds` is the processor time of the application alone."""

    def __init__(self, app, **environment):
        self.app = app
        self.environment = environment
        self.cookies = {}
        self.seconds = 0.0
        self.requests = 0
        self.url = ""
        self.text = ""

    def get(self, url):
        """Ask for a page."""
        return self._ask("GET", url, b"")

    def post(self, url, fields):
        """Send a form."""
        return self._ask("POST", url, urlencode(fields).encode())

    def fields(self, pick=1):
        """What the page's form would send, with the option at place `pick` chosen of every question."""
        hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(self.text)}
        options = {}
        for name, value in _ASKED.findall(self.text):
            options.setdefault(name, []).append(value)
        return hidden | {name: values[pick] for name, values in options.items()}

    def _ask(self, method, url, body):
        begun = time.process_time()
        status, headers, text = self.call(method, url, body)
        self.seconds += time.process_time() - begun
        self.requests += 1
        for name, value in headers:
            if name == "Set-Cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        if status.startswith("30"):
            return self.get(dict(headers)["Location"])
        assert status.startswith("200"), f"{status} at {url}: {text[-500:]}"
        self.url = url
        self.text = text.decode()
        return self.text

    def call(self, method, url, body):
        """Send one request; return the status line, the headers and the content, whatever they are."""
        answer = []
        parts = self.app.wsgi_app(self._environ(method, url, body), lambda *told: answer.append(told))
        try:
            text = b"".join(parts)
        finally:
            parts.close()
        return answer[0][0], answer[0][1], text

    def _environ(self, method, url, body):
        path, _, query = url.partition("?")
        return {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.1", "HTTP_HOST": "127.0.0.1", "HTTP_ACCEPT_LANGUAGE": "fi",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
            **self.environment,
        }  # fmt: skip
