"""What is kept of a class: its challenge, who has joined it, and the runs on its wall."""

import hashlib
import json
import secrets
import unicodedata
from dataclasses import asdict, dataclass

from realnvp.config import TrainingConfig
from realnvp.datasets import DISTRIBUTIONS
from realnvp.snapshot import Evaluation
from realnvp.store.run import clean_line

LONGEST_NICKNAME = 24  # characters
LONGEST_TASK = 200
LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"  # no two look alike, and without vowels they make no words
CODE_LENGTH = 6  # 480 million codes
UNSEEN = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # take room or none, and show nothing


class RefusedError(ValueError):
    """What was asked of a class is not done; says why, for people."""


@dataclass(frozen=True)
class Challenge:
    """What a teacher asks of the runs. What is empty or 0 is up to everyone."""

    dataset: str = ""  # a name of DISTRIBUTIONS, as it comes
    most_parameters: int = 0
    most_epochs: int = 0
    task: str = ""  # plain text


@dataclass(frozen=True)
class Entry:
    """A published run, with all that a wall shows of it."""

    token: str
    owner: str  # to be shown to nobody: whoever has it controls the runs of its browser
    nickname: str
    run: str  # the run's own token, to look at it as long as it is kept
    config: TrainingConfig
    epoch: int
    seconds: float
    evaluation: Evaluation  # with a finite KL gap
    parameters: int
    thumbnail: bytes  # PNG
    created: float
    removed: bool


@dataclass(frozen=True)
class Board:
    """A class as it was at one moment, told apart from others by the revision."""

    code: str
    revision: int
    title: str
    challenge: Challenge
    expires: float  # seconds since 1970
    closed: bool
    joined: int  # how many have a nickname
    entries: tuple[Entry, ...]  # the oldest first


@dataclass(frozen=True)
class Membership:
    """What somebody is in a class."""

    code: str
    title: str
    nickname: str = ""  # empty for who has not joined
    teaches: bool = False


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def code_in(text: str) -> str | None:
    """The code that a person has typed or a link has; None where it can be none."""
    code = "".join(text[:50].split()).replace("-", "").upper()
    return code if len(code) == CODE_LENGTH and set(code) <= set(LETTERS) else None


def hash_of(key: str) -> str:
    """What is kept of a teacher's key. It is long and random, so that a plain hash cannot be turned back."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def clean_nickname(text: str) -> str:
    """A nickname as one short line of what can be seen; empty where nothing is left."""
    normal = unicodedata.normalize("NFKC", text[: 10 * LONGEST_NICKNAME])
    name = clean_line("".join(c for c in normal if c not in UNSEEN), LONGEST_NICKNAME)
    return name if any(unicodedata.category(c)[0] in "LNPS" for c in name) else ""


def clean_challenge(challenge: Challenge) -> Challenge:
    """The challenge with what this version of the app knows, and can show."""
    return Challenge(
        challenge.dataset if challenge.dataset in DISTRIBUTIONS else "",
        max(challenge.most_parameters, 0),
        max(challenge.most_epochs, 0),
        clean_line(challenge.task, LONGEST_TASK),
    )


def challenge_to_text(challenge: Challenge) -> str:
    return json.dumps(asdict(clean_challenge(challenge)))


def challenge_from_text(text: str) -> Challenge:
    return clean_challenge(Challenge(**json.loads(text)))
