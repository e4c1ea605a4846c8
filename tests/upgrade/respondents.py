"""People who answer over HTTP all the while, whatever happens to the servers; they try again as people do."""

import http.client
import re
import threading
import time
from collections import deque
from urllib.parse import urlencode

TRIES_FOR = 240.0
PAPER = re.compile(r'name="paper" value="([^"]+)"')
AWAY = {502, 503, 500}


class Respondents:
    """Some threads that cast one code after another at whichever server stands in front just then."""

    def __init__(self, codes, port, *, people=2, pause=0.4):
        self.codes = deque(codes)
        self.port = port
        self.pause = pause
        self.confirmed = []
        self.uncertain = []
        self.faults = []
        self.hurry = threading.Event()
        self.threads = [threading.Thread(target=self._answer_all, daemon=True) for _ in range(people)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def finish(self):
        """Let everybody answer who has not, at once."""
        self.hurry.set()
        for thread in self.threads:
            thread.join(TRIES_FOR)
            assert not thread.is_alive()

    def more(self, number=2, seconds=60):
        """Wait until some more have been told that their ballot lies in the box."""
        wanted = len(self.confirmed) + number
        end = time.monotonic() + seconds
        while len(self.confirmed) < wanted and self.codes:
            assert time.monotonic() < end, self.faults
            time.sleep(0.05)

    def _answer_all(self):
        while self.codes:
            try:
                code = self.codes.popleft()
            except IndexError:
                return
            self._answer(code)
            self.hurry.wait(self.pause)

    def _answer(self, code):
        doubt = False
        end = time.monotonic() + TRIES_FOR
        while time.monotonic() < end:
            try:
                status, page = post(self.port, "/en/code", {"code": code})
                if status == 200:
                    doubt = True  # from here on a lost connection leaves it open whether the ballot arrived
                    fields = {"code": code, "paper": PAPER.search(page)[1], **{f"q{n}": "3" for n in range(6)}}
                    status, page = post(self.port, "/en/send", fields)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            if status == 303:
                self.confirmed.append(code)
                return
            if status not in AWAY:
                (self.uncertain if doubt and status == 400 else self.faults).append(code)
                return
            time.sleep(0.05)
        self.faults.append(code)


def post(port, path, fields):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
