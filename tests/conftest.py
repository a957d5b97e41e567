"""What tests of several folders share."""

from hypothesis import settings

# A busy machine is no failure: what is generated is checked for its outcome, not for its speed.
settings.register_profile("relink", deadline=None)
settings.load_profile("relink")

pytest_plugins = ["tests.db.fixtures"]
