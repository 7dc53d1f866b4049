"""A training step as a CUDA graph: recorded once, then launched as a whole.

On a GPU the step of a small flow is some hundred operations, and starting one takes longer than its work. A graph
starts them all at once (https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs). For that every tensor must
stay where it is, no number may be decided by Python, and nothing may wait for the device: the learning rate lies in a
tensor that is written before each launch, and batches are drawn inside from the run's own generator.
"""

from collections.abc import Callable

import torch
from torch import Tensor

WARM_UP = 3  # steps before a capture, in which PyTorch sets up what it must not set up while it records


class StaticStep:
    """One training step over tensors that stay where they are. A call returns the loss of the step, on the device.

    Until ``capture`` the operations run one by one, on any device; after it, a call launches the graph.
    """

    def __init__(
        self, step: Callable[[], Tensor], optimizer: torch.optim.Optimizer, generator: torch.Generator
    ) -> None:
        """``step`` draws a batch from ``generator``, steps the ``optimizer`` (fused), and returns the loss."""
        self.step = step
        self.optimizer = optimizer
        self.generator = generator
        (self.group,) = optimizer.param_groups
        self.rate = torch.zeros((), device=generator.device)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._loss: Tensor | None = None  # of the newest launch

    def __call__(self, rate: float) -> Tensor:
        """Takes the step with this learning rate."""
        self.rate.fill_(rate)
        if self._graph is None:
            return self._one_by_one()
        self._graph.replay()
        return self._loss.clone()  # the next launch writes over it

    def capture(self) -> None:
        """Records the step. Where that fails (RuntimeError), the run is as if nobody had tried."""
        if self.generator.device.type != "cuda":
            raise RuntimeError(f"CUDA graphs need an NVIDIA GPU, and this run is on {self.generator.device.type!r}")
        # The same stream for both, entered here: a capture that fails does not leave its stream by itself.
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        drawn = self.generator.get_state()
        try:
            with torch.cuda.stream(stream):
                self.rehearse(WARM_UP)
                graph = torch.cuda.CUDAGraph()
                graph.register_generator_state(self.generator)
                self.group["capturable"] = True  # only now: Adam warns of capturable steps that nobody captures
                with torch.cuda.graph(graph, stream=stream):
                    self._loss = self._one_by_one()
        finally:
            self.group["capturable"] = False
            self.generator.set_state(drawn)
            torch.cuda.current_stream().wait_stream(stream)
        self._graph = graph

    def rehearse(self, times: int) -> None:
        """Takes the step so many times and puts weights, optimiser state and generator back as they were."""
        state, drawn = self.optimizer.state, self.generator.get_state()
        (weights,) = self.group["params"]
        before = weights.detach().clone()
        moments = {name: value.clone() for name, value in state[weights].items()}
        try:
            for _ in range(times):
                self._one_by_one()
        finally:
            with torch.no_grad():
                weights.copy_(before)
                for name, value in state[weights].items():
                    # In place: the graph will look for it there. Adam's state begins with zeros.
                    value.copy_(moments[name]) if moments else value.zero_()
            self.generator.set_state(drawn)

    def _one_by_one(self) -> Tensor:
        number, self.group["lr"] = self.group["lr"], self.rate
        try:
            return self.step()
        finally:
            self.group["lr"] = number  # the tensor is the graph's alone: checkpoints hold no more of it than a number
