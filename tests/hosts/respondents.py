"""Respondents over HTTP, as many at a time as wanted: each goes on until it knows that its answers have arrived."""

import itertools
import re
import threading
import time
from collections import Counter
from html import unescape
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


class Away(Exception):
    """Nothing, or a page that says "try again", came back."""


def post(place, path, fields, *, timeout=60):
    """Post a form to (address, port); return status, headers and text; Away if nobody answers."""
    connection = HTTPConnection(*place, timeout=timeout)
    try:
        connection.request("POST", path, urlencode(fields), TYPE)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    except (OSError, HTTPException) as error:
        raise Away(type(error).__name__) from error
    finally:
        connection.close()


def fields_of(page):
    return {unescape(name): unescape(value) for name, value in FIELD.findall(page)}


class Respondents:
    """People with a code each; `places` are the doors that they knock at, one after the other."""

    def __init__(self, places, codes, *, people=8, timeout=60, until=240):
        self.places = itertools.cycle(places)
        self.timeout = timeout
        self.until = time.monotonic() + until
        self.codes = list(codes)
        self.lock = threading.Lock()
        self.fates = {}
        self.statuses = Counter()
        self.waits = []
        self.threads = [threading.Thread(target=self._answer_all, daemon=True) for _ in range(people)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def finish(self):
        for thread in self.threads:
            thread.join(max(0.0, self.until - time.monotonic()) + self.timeout)
        assert not [one for one in self.threads if one.is_alive()], "somebody never came to an end"
        return self

    def _answer_all(self):
        while True:
            with self.lock:
                if not self.codes:
                    return
                code = self.codes.pop()
            fate = self._answer(code)
            with self.lock:
                self.fates[code] = fate

    def _answer(self, code):
        """Return "thanked", "arrived" (a broken connection hid the thanks), or what else came of it."""
        tried = False
        while time.monotonic() < self.until:
            try:
                status, _, page = self._post("/en/code", {"code": code, "go": "next"})
                if status == 400:
                    return "arrived" if tried else "refused"
                form = fields_of(page) | {"code": code, "go": "send", "step": "check", "q0": "2", "group": "0"}
                tried = True
                status, _, _page = self._post("/en/send", form)
            except Away:
                time.sleep(0.2)
                continue
            if status == 303:
                return "thanked"
            if status != 400:
                return f"status {status}"
        return "gave up"

    def _post(self, path, fields):
        with self.lock:
            place = next(self.places)
        began = time.monotonic()
        try:
            status, headers, page = post(place, path, fields, timeout=self.timeout)
        except Away:
            self._count("nobody", began)
            raise
        self._count(status, began)
        if status in (502, 503, 504):
            assert headers["Retry-After"], "a page that says when to try again"
            raise Away(status)
        return status, headers, page

    def _count(self, status, began):
        with self.lock:
            self.statuses[status] += 1
            self.waits.append(time.monotonic() - began)
