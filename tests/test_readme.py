"""What the README shows runs."""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def code_blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(), flags=re.DOTALL)


def test_the_library_example_trains_and_samples():
    (example,) = code_blocks("python")
    assert len(example.strip().splitlines()) <= 13
    done = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=True, cwd=README.parent
    )
    loss, samples = done.stdout.split(maxsplit=1)
    assert float(loss) < 1.5  # the identity flow has about 2.4
    assert samples.count("[") == 6


def test_every_measurement_of_the_readme_exists():
    from realnvp.bench import MEASUREMENTS

    assert set(re.findall(r"realnvp bench (\w+)", README.read_text())) == set(MEASUREMENTS)


def test_the_test_command_is_what_ci_runs():
    assert "bash tests/run\n" in code_blocks("sh")
    assert "/tests/run" in (README.parent / ".ci" / "run").read_text()
