import subprocess
import sys
from pathlib import Path

import realnvp.own

MODULES = sorted(path.stem for path in Path(realnvp.own.__file__).parent.glob("*.py") if path.stem != "__init__")


def test_the_server_reads_data_without_torch_and_without_waiting_for_scikit_learn():
    imports = "".join(f"import realnvp.own.{name}\n" for name in MODULES)
    check = "import sys; print(*{'torch', 'streamlit', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", imports + check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert "table" in MODULES
