"""One word for one thing: the explanations behind the words on the pages."""

from realnvp.datasets import DISTRIBUTIONS
from realnvp.engine.engine import RunView

HELP = {
    "input": "Points from the data's own distribution that training never sees. Colour marks which part they "
    "belong to, and each point keeps its colour everywhere.",
    "forward": "The flow f: from data to latent space, through all coupling layers in turn.",
    "latent": "Your points after all coupling layers. Training makes them look like a standard Gaussian: the "
    "rings hold 39%, 86% and 99% of one (1, 2 and 3 sigma).",
    "inverse": "The flow backwards, f⁻¹: each coupling layer is undone exactly, last one first.",
    "inverted": "Latent points sent backwards through the flow.",
    "new samples": "Fresh Gaussian noise sent backwards. The more it resembles the input, the more was "
    "learned. It has no classes, so it has no colours.",
    "same points": "The latent points sent back. Each returns to where it began, even before training: this "
    "shows that the flow can be inverted, not that it has learned.",
    "train": "Trains a new flow from epoch 0 with the settings below, in view. The time is at full speed.",
    "stop": "Ends this run here; its pictures stay.",
    "pace": "Slow motion spreads a run over about 20 seconds, or longer where training itself takes longer. "
    "The early epochs, where most happens, get the most of it.",
    "nll": "Average surprise at points the flow was not trained on (negative log-likelihood, in nats). Lower "
    "is better; it can be negative, because densities can exceed 1. It is the entropy floor plus the KL gap.",
    "kl gap": "What could still be learned, in nats: how much more surprised the flow is than someone who "
    "knows the true distribution. 0 is perfect.",
    "kl gap error": "Standard error of the KL gap: how far it may be off because it is measured on finitely "
    "many points.",
    "training loss": "The loss of the newest epoch, in nats: average surprise at the batch just trained on.",
    "floor": "Entropy of the data, in nats: the surprise that is left even when the true distribution is "
    "known. No model can get below it.",
    "inversion error": "Largest distance in one coordinate, in data units, between an input point and itself "
    "after going to latent space and back. It is rounding: float32 keeps about seven digits.",
    "parameters": "Numbers that training adjusts: the weights and biases of all conditioner networks.",
    "curves": "What the layer's network computes over the coordinate that stays: s (log of the stretch) and t (shift, "
    "in data units). The dots mark where the points lie.",
    "log-det": "Log of the factor by which this layer grows (+) or shrinks (-) a tiny area, in nats. It depends on the "
    "coordinate that stays alone, so it comes in stripes. The dots are the points before the layer.",
    "contributions": "The mean of each layer's log-det over the points, in nats: what the layer adds to the mean "
    "log-likelihood beside making the points more Gaussian. The layer in view stands out.",
    "film": "The training from its first epoch to its last, from pictures kept on the way.",
    "device": "Where this run is trained.",
    "seconds": "Seconds spent in training alone, without pictures and waiting.",
    "speed": "Epochs a second of training time. One epoch is one update on one batch, not a pass through a data set.",
}

WHAT_AM_I_LOOKING_AT = """
**Left: your data.** Each dot is a point (x₁, x₂). **Middle: the same dots** after the flow has moved them.
**Right: the way back.**

The flow is a stack of *coupling layers*. Each keeps one coordinate as it is and uses it to decide how far to stretch
and shift the other. Because the kept coordinate is still there afterwards, the step can be undone exactly, and so can
the whole stack.

Training adjusts the layers until the middle looks like a *Gaussian*, the round cloud that every computer can draw
from. Then comes the trick: draw a fresh dot from the round cloud, send it backwards, and you have a **new** point that
looks like your data. That is a generative model.

Why not just squeeze everything into the middle? The loss counts how much each layer stretches space. Squeezing costs,
so the flow must spread the dots out just as densely as a Gaussian is. What is left of the loss at the end is the
*entropy floor*, the surprise in the data itself, plus the *KL gap*, what could still be learned.
"""


def run_name(view: RunView) -> str:
    """A run in words: dataset, size, epoch and quality."""
    config = view.config
    words = [
        DISTRIBUTIONS[config.dataset].title,
        f"{config.layers} {'layer' if config.layers == 1 else 'layers'}",
        f"width {config.width}",
        f"epoch {view.epoch:,}",
    ]
    if view.evaluation:
        words.append(f"KL gap {view.evaluation.kl_gap:.3f} nats")
    return ", ".join(words)
