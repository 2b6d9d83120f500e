"""Finds what an interpreter with some packages needs of the file system, so that nothing else has to be shown."""

from __future__ import annotations

import importlib.util
import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SHELL_PACKAGE = "IPython"
"""What runs notebooks."""
MASKED = ("grader", "reference", "assignments")
"""Packages that know the answers."""

_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_PACKAGE_FOLDERS = ("site-packages", "dist-packages")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Libraries:
    """Where the standard library, the allowed packages and the shared objects they load lie; all paths absolute."""

    search: tuple[str, ...]
    """What `sys.path` holds in the child."""
    folders: tuple[str, ...]
    """Folders and files that may be seen, with all below them but `hidden`."""
    hidden: tuple[str, ...]
    """Folders inside of them that hold other packages, ours among them."""
    packages: tuple[str, ...]
    """Files and folders of the allowed packages; may lie in a hidden folder."""
    devices: tuple[str, ...]


def find_libraries(imports: Iterable[str]) -> Libraries:
    """Find what must be visible for some packages to be imported.

    Parameters
    ----------
    imports : iterable of str
        Names of packages as they are imported. What they need themselves is found from their distributions; a package
        that is not installed is left out.

    Returns
    -------
    Libraries
        Only what exists. None of `MASKED` can be seen through it.
    """
    standard = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    folders = _existing([*standard, *_shared_object_folders(), *_SYSTEM, *_SYSTEM_FILES])
    packages: dict[str, None] = {}
    roots: dict[str, None] = {}
    for name in dict.fromkeys(name.partition(".")[0] for name in imports):
        if name in MASKED or name in sys.stdlib_module_names:
            continue
        for root, path in _files_of(name):
            roots[str(root)] = None
            packages[str(path)] = None
    return Libraries(
        search=tuple(dict.fromkeys([*_standard_search(standard), *roots])),
        folders=folders,
        hidden=_hidden(folders),
        packages=_existing(packages),
        devices=_existing(_DEVICES),
    )


def visible_paths(libraries: Libraries) -> list[str]:
    """List the paths to allow where a rule covers a whole folder and nothing can be taken out of it again (Landlock).

    Parameters
    ----------
    libraries : Libraries

    Returns
    -------
    list of str
        Together they hold everything visible, and nothing hidden.
    """
    # `/lib` is a link to `/usr/lib` on most systems, and each file is to be listed once.
    hidden = [str(Path(folder).resolve()) for folder in libraries.hidden]
    folders = dict.fromkeys(Path(folder).resolve() for folder in libraries.folders)
    paths = [path for folder in folders for path in _without(folder, hidden)]
    return list(dict.fromkeys([*paths, *libraries.packages, *libraries.devices]))


def _without(folder: Path, hidden: Sequence[str]) -> Iterator[str]:
    inside = [Path(other) for other in hidden if Path(other).is_relative_to(folder)]
    if folder in inside:
        return
    if not inside:
        yield str(folder)
        return
    for child in sorted(folder.iterdir()):
        # A link leads where its target leads: it needs no rule, and may point at what is hidden.
        if not child.is_symlink():
            yield from _without(child, hidden)


def _existing(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for path in paths if Path(path).exists()))


def _standard_search(standard: Sequence[str]) -> list[str]:
    version = f"python{sys.version_info[0]}{sys.version_info[1]}.zip"
    return [
        path
        for path in sys.path
        if path in standard or path.endswith((version, "lib-dynload")) or Path(path).name == "DLLs"
    ]


def _shared_object_folders() -> list[str]:
    """Give the shared objects beside the interpreter: some installations bring their own OpenSSL, SQLite and C++ library."""
    folder = Path(sysconfig.get_config_var("LIBDIR") or sys.base_prefix)
    if any(folder.is_relative_to(system) for system in _SYSTEM):
        return []
    return [str(path) for path in sorted(folder.glob("lib*.so*"))]


def _hidden(folders: Sequence[str]) -> tuple[str, ...]:
    """Find the folders of packages inside of what is visible, and wherever else one of ours may lie."""
    candidates = {Path(path) for path in (*sys.path, *site.getsitepackages(), site.getusersitepackages())}
    candidates |= {
        path
        for folder in folders
        for name in _PACKAGE_FOLDERS
        for pattern in (name, f"python3*/{name}")
        for path in Path(folder).glob(pattern)
    }
    for name in MASKED:
        spec = importlib.util.find_spec(name)
        candidates |= {Path(path) for path in (spec.submodule_search_locations if spec else None) or ()}
    visible = {Path(path) for path in folders}
    standard = {Path(path) for path in _standard_search(folders)}
    inside = {
        path
        for path in candidates - standard - visible
        if path.is_dir() and any(path.is_relative_to(folder) for folder in visible)
    }
    return tuple(sorted(str(path) for path in inside))


def _files_of(name: str) -> Iterator[tuple[Path, Path]]:
    """Yield the top-level files and folders of a package and all that its distribution requires, each with its root."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        return
    for origin in spec.submodule_search_locations or ([spec.origin] if spec.origin else []):
        if not Path(origin).exists():
            continue
        root = Path(origin).parent
        yield root, Path(origin)
        for top in sorted(_required_tops(root, Path(origin).stem)):
            if (root / top).exists():
                yield root, root / top


def _required_tops(root: Path, name: str) -> set[str]:
    """Give the first parts of the paths that a package and all it requires installed beside each other."""
    installed = {_normal(path.name.partition("-")[0]): path for path in root.glob("*.dist-info")}
    first = installed.get(_normal(name))
    tops: set[str] = set()
    seen: set[Path] = set()
    waiting = [first] if first else [path for path in installed.values() if name in _tops(path)]
    while waiting:
        folder = waiting.pop()
        if folder in seen:
            continue
        seen.add(folder)
        tops |= _tops(folder)
        waiting += [installed[other] for other in _requirements(folder) if other in installed]
    return tops - {"..", "__pycache__", *MASKED}


# The files of a distribution are read here and not by `importlib.metadata`, whose import alone takes longer than a
# student's whole check may. Both are lines of text: see the packaging specification of "recording installed projects".


def _tops(dist_info: Path) -> set[str]:
    lines = _lines(dist_info / "RECORD")
    return {line.partition("/")[0].partition(",")[0] for line in lines if line}


def _requirements(dist_info: Path) -> Iterator[str]:
    """Yield the normal names of what a distribution needs; extras are not needed."""
    for line in _lines(dist_info / "METADATA"):
        if not line:  # the description follows
            return
        if line.startswith("Requires-Dist:"):
            needed, _, condition = line.removeprefix("Requires-Dist:").strip().partition(";")
            match = _NAME.match(needed)
            if match and "extra" not in condition:
                yield _normal(match[0])


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:  # a system package has no such list
        return []


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
