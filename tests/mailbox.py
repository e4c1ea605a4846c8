"""A real mail server on loopback, which misbehaves as a test asks it to."""

import os
import signal
import socket
import threading
from collections import Counter
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Mailbox:
    """What has arrived, and how the server answers; `answers` maps an address to its next answers."""

    def __init__(self):
        self.arrived = []
        self.answers = {}
        self.break_at = set()  # the how-manieth messages before whose answer the connection breaks
        self.kill_at = {}  # the how-manieth message: whether it counts as arrived
        self.victim = None
        self.seen = 0
        self.connections = 0
        self.wishes = []  # what was asked of each message
        self.knows_reports = False
        self.quota = None  # how many messages it takes from this sender
        self.sender_answer = ""  # to every recipient
        self.data_answer = ""  # to every message
        self.from_answer = ""  # to every sender
        self.senders = 0  # how often a sender was named
        self.encrypted = set()  # whether the messages came encrypted
        self.asked = 0  # how often a recipient was named
        self.lock = threading.Lock()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return [responses[0], "250-DSN", *responses[1:]] if self.knows_reports else responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - the name that aiosmtpd calls
        self.senders += 1
        if self.from_answer:
            return self.from_answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        with self.lock:
            self.asked += 1
            planned = self.answers.get(address)
            answer = planned.pop(0) if planned else self.sender_answer or "250 OK"
            if self.quota is not None and len(self.arrived) >= self.quota:
                answer = "550 5.4.5 Daily user sending quota exceeded"
        if answer == "break":
            server.transport.abort()
            return "421 gone"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        with self.lock:
            self.seen += 1
            self.encrypted.add(server.transport.get_extra_info("sslcontext") is not None)
            number = self.seen
        if self.data_answer:
            return self.data_answer
        if number in self.kill_at:
            if self.kill_at[number]:
                self._keep(envelope)
            os.kill(self.victim, signal.SIGKILL)
            server.transport.abort()
            return "421 gone"
        if number in self.break_at:
            server.transport.abort()
            return "421 gone"
        self._keep(envelope)
        return "250 accepted"

    def _keep(self, envelope):
        self.wishes.append([one for one in envelope.mail_options if one.startswith("RET=")])
        self.arrived.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content, policy=policy.default)))

    def times(self):
        """How often each address got a message."""
        return Counter(address for address, _ in self.arrived)

    def ids(self):
        """The Message-IDs that each address got, each once."""
        return {(address, mail["Message-ID"]) for address, mail in self.arrived}


class Reporting(SMTP):
    """A server that knows how to report (RFC 3461), which the library's own does not."""

    def _getparams(self, params):
        known = params if not self.event_handler.knows_reports else [one for one in params if one != "RET=HDRS"]
        return super()._getparams(known)


class Guarded(SMTP):
    """A server that talks only with those who sign in."""

    def __init__(self, handler, **more):
        super().__init__(handler, auth_require_tls=False, authenticator=_check, **more)
        self._auth_required = True  # as an argument it would warn that there is no TLS, which is the point here


def _check(server, session, envelope, mechanism, credentials):
    right = isinstance(credentials, LoginPassword) and credentials.password == b"sala sana"
    return AuthResult(success=right, handled=False)


@contextmanager
def mailbox(*, port=None, guarded=False, tls=None, at_once=False):
    """Yield a mailbox and the address of its server; with `tls`, a context, it offers STARTTLS.

    With `at_once` it is encrypted from the start instead.
    """
    box = Mailbox()
    chosen = port or free_port()
    kind = _GuardedController if guarded else _ReportingController
    controller = kind(box, hostname="127.0.0.1", port=chosen, ssl_context=tls if at_once else None)
    controller.tls = None if at_once else tls
    controller.start()
    try:
        yield box, f"smtp://127.0.0.1:{chosen}"
    finally:
        controller.stop()


class _ReportingController(Controller):
    def factory(self):
        return Reporting(self.handler, tls_context=self.tls)


class _GuardedController(Controller):
    def factory(self):
        return Guarded(self.handler)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
