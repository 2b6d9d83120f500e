"""Makes the picture of a report that the README shows: grades one sample submission and photographs its report.

Needs Chromium on the PATH (`chromium`, `chromium-browser` or `google-chrome`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "assignments" / "skip_network" / "submissions" / "wrong" / "skip_path_dropped.py"
TARGET = ROOT / "docs" / "report.png"
SIZE = "1000,1560"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def main() -> None:
    """Grade the sample as `alice` and write the picture."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        sys.exit("no Chromium on the PATH: install the package `chromium`")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shutil.copy(SAMPLE, work / "alice.py")
        grader = Path(sys.executable).with_name("grader")
        call = [str(grader), "grade", "skip_network", "alice.py", "-o", "graded", "--seed", "1"]
        subprocess.run(call, cwd=work, check=True)
        report = (work / "graded" / "reports" / "alice.html").as_uri()
        picture = work / "report.png"
        options = [f"--user-data-dir={work / 'profile'}", f"--window-size={SIZE}", f"--screenshot={picture}"]
        subprocess.run([browser, *QUIET, *options, report], check=True, stderr=subprocess.DEVNULL)
        shutil.copy(picture, TARGET)
    print(f"wrote {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
