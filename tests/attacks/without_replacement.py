"""The application of a server whose processes are never replaced; for the attack on their memory alone."""

from app import factory
from app.jobs import replacement


class Never(replacement.ProcessReplacer):
    """Registers, and looks no more."""

    def start(self) -> None:
        self.request_replacement_if_due()


def serve():
    replacement.ProcessReplacer = Never
    return factory.serve()
