"""The fonts on this machine."""

import os
from functools import cache
from pathlib import Path

from PIL import ImageFont

HOME = Path(os.path.expanduser("~"))
FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path(os.environ.get("XDG_DATA_HOME", HOME / ".local/share")) / "fonts",
    HOME / ".fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    HOME / "Library/Fonts",
    Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",
    Path(os.environ.get("LOCALAPPDATA", HOME / "AppData/Local")) / "Microsoft/Windows/Fonts",
)
KINDS = (".ttf", ".otf", ".ttc")
PLAIN_STYLES = (None, "", "Regular", "Book", "Normal", "Roman")


@cache
def fonts() -> dict[str, Path | None]:
    """TrueType and OpenType fonts by name, sorted, after the one that Pillow brings, which has no path."""
    found = {}
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.suffix.lower() in KINDS:
                try:
                    found.setdefault(name_of(ImageFont.truetype(path, 20)), path)
                except (OSError, ValueError):  # damaged, or of pictures instead of outlines
                    continue
    own = name_of(ImageFont.load_default(20))
    return {own: None} | {name: found[name] for name in sorted(found) if name != own}


def font_of_size(name: str, size: float) -> ImageFont.FreeTypeFont:
    """One of ``fonts``, so many pixels high."""
    path = fonts()[name]
    return ImageFont.load_default(size) if path is None else ImageFont.truetype(path, size)


def name_of(font: ImageFont.FreeTypeFont) -> str:
    family, style = font.getname()
    return f"{family}" if style in PLAIN_STYLES else f"{family} {style}"
