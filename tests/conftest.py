import torch
from hypothesis import settings

# One thread a process: the tests' networks are small, and machines that run tests are shared.
torch.set_num_threads(1)

settings.register_profile("project", deadline=None, derandomize=True, max_examples=25)
settings.load_profile("project")
