"""Grades hostile texts, each in a fork of a process that is ready to; prints seconds, memory and grade of each as JSON.

`python hostile_child.py [NAME ...]`: all texts, or those. A fork has read nothing before, so that its peak is its own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hostile_texts import RIGHT, TEXTS
from paper import no_process, shared

from grader.pipeline import grade
from grader.submissions import Found, read


def main(names: list[str]) -> None:
    """Print a line for each text."""
    under = shared()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "alice.md"
        # What is made once in a worker: imports and tables.
        path.write_text(f"# Pen and paper\n\n## 1)\n\n{RIGHT}", encoding="utf-8")
        grade(under, read(Found(student="alice", path=path, modified=0.0)), no_process, "none")
        for name in names or TEXTS:
            path.write_text(f"# Pen and paper\n\n## 1)\n\n{RIGHT}{TEXTS[name]()}", encoding="utf-8")
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                sys.stdout.write(json.dumps({"name": name, **measured(path)}) + "\n")
                sys.stdout.flush()
                os._exit(0)
            os.waitpid(child, 0)


def measured(path: Path) -> dict[str, object]:
    """Grade what lies at a path, and say what it took."""
    before, begin = _peak_mib(), time.process_time()
    result = grade(shared(), read(Found(student="alice", path=path, modified=0.0)), no_process, "none")
    return {
        "seconds": time.process_time() - begin,
        "mib": _peak_mib() - before,
        "status": result.status.value,
        "message": result.message,
        "points": {one.id: one.points for one in result.questions},
        "z0": next(
            (q.verdict.value for one in result.questions for q in one.quantities if q.name == "z0"), None
        ),
        "questions": {one.id: one.status.value for one in result.questions},
        "messages": [one.message for one in result.questions if one.message],
        "notes": [*result.notes, *dict.fromkeys(note for one in result.questions for note in one.notes)],
    }


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1:])
