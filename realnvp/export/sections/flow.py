"""The flow of a program, and its gradient, cut out of this package's source."""

from realnvp.config import TrainingConfig
from realnvp.export.sections.section import Section
from realnvp.export.source import Excerpt, excerpt

METHODS = {
    "SharedConditioner": ["__init__", "forward", "inputs", "outputs"],
    "SeparateConditioner": ["__init__", "forward", "inputs", "outputs"],
    "RealNVP": ["__init__", "forward", "inverse", "standardise", "unstandardise", "log_prob", "sample"],
}
CONDITIONERS = {"shared": "SharedConditioner", "separate": "SeparateConditioner"}
SHARED_CASE = """        case SharedConditioner():
            return [layer.conditioner.net]
"""
SEPARATE_CASE = """        case SeparateConditioner():
            return [layer.conditioner.s, layer.conditioner.t]"""
FLOW = ("realnvp.flow", "RealNVP")
GRADIENT = ("realnvp.manual_gradient", "ManualGradient")


def flow(config: TrainingConfig) -> Section:
    part = excerpt([FLOW], methods=METHODS, edits=one_conditioner(config))
    words = (
        "Coupling layers with alternating masks, each of which can be undone exactly, and a Gaussian: Dinh, "
        "Sohl-Dickstein and Bengio, Density estimation using Real NVP, 2017 (arXiv:1605.08803)."
    )
    return Section("The flow", words, part.text, frozenset(part.imports))


def gradient(config: TrainingConfig) -> Section:
    edits = one_conditioner(config)
    whole = excerpt(
        [FLOW, GRADIENT],
        methods=METHODS,
        edits=edits | {SEPARATE_CASE if config.conditioner == "shared" else SHARED_CASE: ""},
    )
    of_flow = excerpt([FLOW], methods=METHODS, edits=edits).pieces
    rest = Excerpt(whole.imports, [piece for piece in whole.pieces if piece not in of_flow])
    words = (
        "The same numbers as autograd's but for rounding, in about half the time. Rounding grows in a long training, "
        "so that only this gradient leads to the very result of the playground. It can be skipped in reading: with "
        "AUTOGRAD = True PyTorch does it."
    )
    return Section("The gradient by hand", words, rest.text, frozenset(rest.imports))


def one_conditioner(config: TrainingConfig) -> dict[str, str]:
    """What to replace, and by what, so that the flow needs one kind of network."""
    name = CONDITIONERS[config.conditioner]
    return {
        "type[SharedConditioner] | type[SeparateConditioner] = SharedConditioner": f"type[{name}] = {name}",
        'conditioner: "Conditioner"': f'conditioner: "{name}"',
    }
