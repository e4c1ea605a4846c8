"""How the property tests run.

A busy machine is no fault of the code, so there is no time limit per example. A machine that judges a
change draws the same examples every time; whoever builds draws new ones at each run. `./run test-fast`
draws few (PROPERTIES=few).
"""

import os

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.register_profile("judge", deadline=None, derandomize=True)
settings.register_profile("few", deadline=None, max_examples=5)
settings.load_profile(os.environ.get("PROPERTIES") or ("judge" if os.environ.get("CI") else "patient"))
