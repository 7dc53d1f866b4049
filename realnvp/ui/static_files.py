"""Files that the browser fetches once, written to ``static/`` when this module is imported.

plotly.js comes from the installed plotly package. A file's name holds a digest of its content, so that a browser
never shows an old one from its cache.
"""

import hashlib
import os
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"


@cache
def static_name(name: str) -> str:
    """The name under which a file is served; writes it at the first call."""
    content = files("plotly").joinpath("package_data", name) if name == "plotly.min.js" else files(__package__) / name
    text = content.read_bytes()
    stem, ending = name.rsplit(".", 1)
    target = STATIC / f"{stem}.{hashlib.blake2b(text, digest_size=6).hexdigest()}.{ending}"
    if not target.exists():
        STATIC.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=STATIC, delete=False) as part:
            part.write(text)
        os.chmod(part.name, 0o644)
        os.replace(part.name, target)  # a browser sees the whole file or none
    return target.name
