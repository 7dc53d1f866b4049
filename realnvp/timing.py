"""How long a run will take, judged from one that has been timed."""

from realnvp.config import TrainingConfig

# Measured on one CPU core: a coupling's fixed cost an epoch, and what a gigaflop of matrix products adds.
MS_PER_LAYER = 0.55
MS_PER_GIGAFLOP = 14.0


def relative_cost(config: TrainingConfig) -> float:
    """Milliseconds an epoch on the machine of the constants; elsewhere, only ratios mean something."""
    networks = 2 if config.conditioner == "separate" else 1
    products = (config.depth - 1) * config.width**2 + 2 * config.width
    flops = 3 * 2 * networks * products * config.batch_size  # forward, and twice as much backward
    overhead = MS_PER_LAYER * (0.4 + 0.3 * config.depth * networks)
    return config.layers * (overhead + MS_PER_GIGAFLOP * flops / 1e9)


def expected_seconds(config: TrainingConfig, timed: TrainingConfig, seconds_per_epoch: float) -> float:
    """Seconds of training that a config will take, where a run of the config ``timed`` took so long an epoch."""
    return config.epochs * seconds_per_epoch * relative_cost(config) / relative_cost(timed)
