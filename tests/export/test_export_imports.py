import subprocess
import sys

EXPORTS = ("script", "notebook", "weights", "tables", "html", "sheet", "read_back")
SLOW = {"torch", "streamlit", "sklearn", "matplotlib"}


def test_a_page_can_import_all_exports_without_what_takes_long():
    modules = ", ".join(f"realnvp.export.{name}" for name in EXPORTS)
    check = f"import sys, {modules}; print(*{SLOW} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
