"""The application of a server whose processes are never replaced; for the attack on their memory alone."""

from app import factory
from app.jobs import replacement


class Never(replacement.ProcessReplacer):
    """Registers, and looks no more."""

    def start(self) -> None:
        self.register_or_request_replacement()


def serve():
    replacement.ProcessReplacer = Never
    return factory.serve()
