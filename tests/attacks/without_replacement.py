"""The application of a server whose processes are never replaced; for the attack on their memory alone."""

from app import factory
from app.jobs.replacement import Replacement


class Never(Replacement):
    """Registers, and looks no more."""

    def start(self) -> None:
        self.look()


def serve():
    factory.Replacement = Never
    return factory.serve()
