"""Excerpts of this package's own source: a function or class with all that it uses, so that a copy cannot drift.

Modules are parsed, not imported: an excerpt is cut out of the text, comments and all.
"""

import ast
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Module:
    """A module's text, and the statement that gives each of its names a meaning."""

    name: str
    text: str
    meanings: dict[str, ast.stmt]


@dataclass
class Excerpt:
    """Imports and definitions that stand alone."""

    imports: set[tuple[str, str]] = field(default_factory=set)  # (module, name in it, or "" for the module itself)
    pieces: list[str] = field(default_factory=list)  # source text, in an order that runs

    @property
    def text(self) -> str:
        return "\n\n\n".join(self.pieces) + "\n"


@cache
def module(name: str) -> Module:
    text = PACKAGE.parent.joinpath(*name.split(".")).with_suffix(".py").read_text("utf-8")
    meanings = {}
    for statement in ast.parse(text).body:
        match statement:
            case ast.FunctionDef() | ast.ClassDef():
                meanings[statement.name] = statement
            case ast.Import() | ast.ImportFrom():
                meanings |= {alias.name: statement for alias in statement.names}
            case ast.Assign(targets=[ast.Name(id=target)]):
                meanings[target] = statement
    return Module(name, text, meanings)


def excerpt(
    roots: Iterable[tuple[str, str]],
    *,
    methods: Mapping[str, Iterable[str]],
    edits: Mapping[str, str] | None = None,
) -> Excerpt:
    """The roots, pairs of a module and a name in it, after all that they use of this package.

    A class that ``methods`` names keeps these methods and its fields alone, and no base class. ``edits`` replace text
    by other text, each in one place. What is not there to be replaced is a ValueError: the source has changed.
    """
    found = Excerpt()
    unused = dict(edits or {})
    seen: set[tuple[str, str]] = set()
    placed: list[tuple[int, int, str]] = []  # (module's turn, line, text)
    turns: dict[str, int] = {}

    def include(module_name: str, name: str) -> None:
        here = module(module_name)
        meaning = here.meanings.get(name)
        if (module_name, name) in seen or meaning is None:  # None: a built-in or local name
            return
        seen.add((module_name, name))
        if isinstance(meaning, ast.ImportFrom) and meaning.module.startswith("realnvp."):
            include(meaning.module, name)
        elif isinstance(meaning, ast.ImportFrom):
            found.imports.add((meaning.module, name))
        elif isinstance(meaning, ast.Import):
            found.imports.add((name, ""))
        else:
            text = cut(here.text, meaning, methods.get(name))
            for old, new in edits.items() if edits else ():
                if old in text:
                    text = text.replace(old, new).rstrip()
                    unused.pop(old, None)
            for used in names(text):
                include(module_name, used)
            turn = turns.setdefault(module_name, len(turns))  # after the modules it uses
            placed.append((turn, meaning.lineno, text))

    for module_name, name in roots:
        include(module_name, name)
    if unused:
        raise ValueError(f"this is not in the source any more: {', '.join(unused)}")
    found.pieces = joined(placed)
    return found


def joined(placed: list[tuple[int, int, str]]) -> list[str]:
    """The texts in order; constants and types, of a line each, stay together."""
    pieces: list[str] = []
    for _, _, text in sorted(placed):
        one_line = not text.startswith(("def", "class", "@"))
        if pieces and one_line and not pieces[-1].startswith(("def", "class", "@")):
            pieces[-1] += f"\n{text}"
        else:
            pieces.append(text)
    return pieces


def cut(text: str, meaning: ast.stmt, methods: Iterable[str] | None) -> str:
    """The text of a statement; of a class, if ``methods`` are given, its docstring, its fields and these methods."""
    if methods is None:
        return lines(text, meaning)
    first, *body = meaning.body
    head = lines(text, meaning)[: -len(text_between(text, first.lineno, meaning.end_lineno))]
    bases = ", ".join(base for base in map(ast.unparse, meaning.bases) if base.startswith("nn."))
    kept = [part for part in body if isinstance(part, ast.AnnAssign) or getattr(part, "name", None) in set(methods)]
    class_line = f"class {meaning.name}({bases}):" if bases else f"class {meaning.name}:"
    parts = [head[: head.index("class ")] + class_line, lines(text, first, indent=True)]
    for k, part in enumerate(kept):
        gap = "\n" if k == 0 or isinstance(part, ast.FunctionDef) else ""
        parts.append(gap + lines(text, part, indent=True))
    return "\n".join(parts)


def lines(text: str, statement: ast.stmt, *, indent: bool = False) -> str:
    """The lines of a statement, with its decorators and the comment behind it."""
    start = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
    piece = text_between(text, start, statement.end_lineno)
    return piece if indent else textwrap.dedent(piece)


def text_between(text: str, first: int, last: int) -> str:
    return "\n".join(text.splitlines()[first - 1 : last])


def names(text: str) -> list[str]:
    """The names that a piece of source uses, in order of appearance."""
    return list(dict.fromkeys(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)))
