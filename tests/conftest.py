import atexit
import os
import tempfile

import torch
from hypothesis import settings

# What the app keeps, it keeps here while it is tested; servers and workers inherit it.
_home = tempfile.TemporaryDirectory()
atexit.register(_home.cleanup)
os.environ["REALNVP_HOME"] = _home.name

# One thread a process: the tests' networks are small, and machines that run tests are shared.
torch.set_num_threads(1)

settings.register_profile("project", deadline=None, derandomize=True, max_examples=25)
settings.load_profile("project")
