"""Files that the browser fetches once, written to ``static/`` when this module's functions are first called.

plotly.js comes from the installed plotly package. A name holds a digest of the content, so that a browser never shows
an old file from its cache.
"""

import hashlib
import os
import shutil
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
MODULES = Path(__file__).with_name("js")


@cache
def plotly_name() -> str:
    """The name under which plotly.js is served; writes it at the first call."""
    text = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    target = STATIC / f"plotly.{digest(text)}.min.js"
    if not target.exists():
        STATIC.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=STATIC, delete=False) as part:
            part.write(text)
        os.chmod(part.name, 0o644)
        os.replace(part.name, target)  # a browser sees the whole file or none
    return target.name


@cache
def modules_name() -> str:
    """The folder under which the modules of ``js/`` are served; writes it at the first call."""
    modules = sorted(MODULES.glob("*.js"))
    target = STATIC / f"js.{digest(b''.join(module.name.encode() + module.read_bytes() for module in modules))}"
    if not target.exists():
        STATIC.mkdir(exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=STATIC))
        for module in modules:
            shutil.copy(module, part)
        part.chmod(0o755)
        try:
            part.rename(target)
        except OSError:  # another server has been faster
            shutil.rmtree(part)
    return target.name


def digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=6).hexdigest()
