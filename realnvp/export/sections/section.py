"""A section of a program."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A part of the program: what it is about, and its code."""

    title: str
    words: str  # one paragraph
    code: str
    imports: frozenset[tuple[str, str]] = frozenset()  # (module, name in it, or "" for the module itself)


def block(text: str) -> str:
    """Code that is indented here, without its indentation of eight spaces."""
    lines = text.strip("\n").rstrip(" ").splitlines()
    return "\n".join(line.removeprefix("        ") for line in lines) + "\n"
