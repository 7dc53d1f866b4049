"""How long a run will take, judged from one that has been timed."""

from realnvp.config import TrainingConfig

# Fitted to 15 configs on one CPU core: milliseconds an epoch, a coupling, a million activations, a gigaflop.
MS_PER_EPOCH = 0.36
MS_PER_LAYER = 0.09
MS_PER_MILLION_ACTIVATIONS = 1.24
MS_PER_GIGAFLOP = 11.6


def relative_cost(config: TrainingConfig) -> float:
    """Milliseconds an epoch on the machine of the constants; elsewhere, only ratios mean something."""
    networks = config.layers * (2 if config.conditioner == "separate" else 1)
    activations = networks * config.depth * config.width * config.batch_size
    products = (config.depth - 1) * config.width**2 + 2 * config.width
    flops = 3 * 2 * networks * products * config.batch_size  # forward, and twice as much backward
    overhead = MS_PER_EPOCH + MS_PER_LAYER * config.layers
    return overhead + MS_PER_MILLION_ACTIVATIONS * activations / 1e6 + MS_PER_GIGAFLOP * flops / 1e9


def expected_seconds(config: TrainingConfig, timed: TrainingConfig, seconds_per_epoch: float) -> float:
    """Seconds of training that a config will take, where a run of the config ``timed`` took so long an epoch."""
    return config.total_epochs * seconds_per_epoch * relative_cost(config) / relative_cost(timed)
