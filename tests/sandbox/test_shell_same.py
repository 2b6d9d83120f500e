"""Claims that whole notebooks leave in our shell the state that they leave in IPython's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = {
    "values": [
        "1",
        "_ + 1",
        "[_, __, ___, _1, _2, Out[1], In[1]]",
        "x = 5",
        "x;",
        "None",
        "_",
        "_i, _ii, _iii, _i2",
    ],
    "errors": [
        "x = 1\n1 / 0\ny = 2",
        "def f(:",
        "x = 3\nreturn 1",
        "x",
        "raise SystemExit",
        "x = = 1",
        "x",
    ],
    "magics": [
        "%precision 3\n3.14159",
        "%%time\nz = 1",
        "%%capture out\nprint(1)",
        "pwd",
        "x = %precision 2",
        "who",
        "z",
    ],
    "states": [
        "get_ipython().execution_count",
        "",
        "# nothing",
        "get_ipython().last_execution_succeeded",
        "1 / 0",
    ],
    "future": [
        "from __future__ import annotations",
        "def f(x: nothing): pass",
        "f.__annotations__",
        "from __future__ import x",
    ],
    "awaits": [
        "import asyncio\nawait asyncio.sleep(0, 7)",
        "async def f(): return 3",
        "await f()",
        "x = await f()\nx",
        "f",
    ],
    "hooks": [
        "seen = []\nip = get_ipython()\nip.events.register('pre_run_cell', lambda info: seen.append(info.raw_cell))",
        "ip.events.register('post_run_cell', lambda got: seen.append((got.execution_count, got.result, got.success)))",
        "1",
        "1 / 0",
        "ip.input_transformers_post.append(lambda lines: [line.replace('$', '7') for line in lines])",
        "a = $\na",
        "import ast\nclass T(ast.NodeTransformer):\n    def visit_Constant(self, node): return ast.Constant(node.value * 2)",
        "ip.ast_transformers.append(T())\n3",
        "4",
        "seen",
    ],
    "nested": [
        "get_ipython().run_cell('a = 1\\na')",
        "get_ipython().run_cell('b = 2', store_history=True)",
        "a, b",
        "In",
    ],
    "same": [
        "x = 1000\ny = 1000\nx is y",
        "a, b = 'a b', 'a b'\na is b",
        "def f(): return 1000\nf() is x",
        "'a text'\nx = 1\n__doc__",
    ],
    "underscores": ["_ = 5", "6", "_", "del _", "7", "_", "_3 = 1", "_3", "Out[3] = 0", "_"],
    "shown": [
        "ip = get_ipython()\nip.ast_node_interactivity = 'last_expr_or_assign'\nq = 1",
        "q = 2",
        "ip.ast_node_interactivity = 'all'",
        "1\n2",
    ],
}
PROGRAM = """
import json, re, sys
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell
from grader.sandbox.shell import next_shell

def ours():
    ip = next_shell()
    ip.enter(name="a.ipynb", note=lambda text: None)
    return ip, lambda number, cell: ip.run_named(f"a.ipynb, cell {number}", cell, store_history=True)

def theirs():
    settings = Config()
    settings.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    ip = InteractiveShell.instance(config=settings, ipython_dir=sys.argv[2], colors="nocolor", enable_tip=False)
    def run(number, cell):
        got = ip.run_cell(cell, store_history=True)
        return got.error_before_exec or got.error_in_exec
    return ip, run

def said(value):
    return re.sub(r"\\bat (0x)?[0-9a-f]{8,}", "at some place", repr(value))

def state(ip, usual, error):
    return {
        "error": error and [type(error).__name__, getattr(error, "lineno", None)],
        "count": ip.execution_count,
        "In": list(ip.user_ns["In"]),
        "Out": said(ip.user_ns["Out"]),
        "names": {name: said(value) for name, value in ip.user_ns.items() if name not in usual and name[:2] != "_i"},
        "inputs": {name: ip.user_ns[name] for name in sorted(ip.user_ns) if name[:2] == "_i"},
        "last": [said(ip.user_ns.get(name)) for name in ("_", "__", "___", "__doc__")],
        "succeeded": ip.last_execution_succeeded,
        "result": said(ip.last_execution_result.result),
        "flags": ip.compile.flags,
        "hidden": sorted(set(ip.user_ns_hidden) - usual),
    }

def notebook(cells):
    ip, run = {"ours": ours, "theirs": theirs}[sys.argv[1]]()
    # What a shell has from its start, and what differs by its class.
    usual = {*ip.user_ns, "ip", "__doc__"}
    return [state(ip, usual, run(number, cell)) for number, cell in enumerate(cells, 1)]

notebooks = json.load(sys.stdin)
out, sys.stdout = sys.stdout, open("/dev/null", "w")
sys.stderr = sys.stdout
json.dump({name: notebook(cells) for name, cells in notebooks.items()}, out)
"""


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[object]]]:
    """Run all notebooks in both shells, and give what can be seen after each cell."""
    folder = tmp_path_factory.mktemp("home")
    return {which: seen_by(which, folder) for which in ("ours", "theirs")}


def seen_by(which: str, folder: Path) -> dict[str, list[object]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, which, str(folder)],
        input=json.dumps(NOTEBOOKS),
        cwd=folder,
        env={"HOME": str(folder), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, list[object]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_leaves_the_state_that_ipython_leaves(
    states: dict[str, dict[str, list[object]]], name: str
) -> None:
    assert len(states["ours"][name]) == len(NOTEBOOKS[name])
    assert states["ours"][name] == states["theirs"][name]
