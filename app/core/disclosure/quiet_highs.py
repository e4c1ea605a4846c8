"""HiGHS model without console output. Import this module lazily: it loads the solver."""

import highspy


class QuietHighs(highspy.Highs):
    """A model that writes nothing to the terminal or into a service's log, not even the solver's name."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the solver's own name; called while a model is being made
        """Silence the solver before its first output, which would be its name."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]  # highspy has no types
