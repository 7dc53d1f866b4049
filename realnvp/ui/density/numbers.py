"""Numbers as a person reads them."""

import math

MINUS = "\N{MINUS SIGN}"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def signed(value: float) -> str:
    """Two decimals, with a true minus sign."""
    return f"{value:.2f}".replace("-", MINUS)


def percent(part: float) -> str:
    return f"{100 * part:.1f}%" if part >= 0.001 or part < 5e-6 else f"{100 * part:.1g}%"


def density_words(log_prob: float) -> str:
    """A density from its logarithm (nats): in decimals, or as a power of ten where it is tiny or huge."""
    if -9 < log_prob < 7:
        return f"{math.exp(log_prob):#.3g}".rstrip(".")
    if log_prob == -math.inf:
        return "0"
    return "about 10" + f"{log_prob / math.log(10):.0f}".translate(SUPERSCRIPTS)


def nats_words(log_prob: float) -> str:
    if log_prob == -math.inf:
        return f"{MINUS}∞ nats"
    return (f"{log_prob:+.2f} nats" if abs(log_prob) < 1000 else f"{log_prob:+.3g} nats").replace("-", MINUS)


def decimals_of(error: float) -> int:
    """How many decimals of a number that may be off by ``error`` are right, of three at most."""
    return 3 if error < 5e-4 else 2 if error < 5e-3 else 1
