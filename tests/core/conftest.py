"""How the property tests run: a busy machine is no fault of the code, so there is no time limit per example."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
