# mypy: ignore-errors
# result: graded
"""Has the loaders of modules that are there already read files for it."""
import sys


@attempt
def read():
    for module in list(sys.modules.values()):
        loader = getattr(module, "__loader__", None)
        if hasattr(loader, "get_data"):
            for name in ("gradebook", "reference", "other"):
                try:
                    print(loader.get_data(TARGETS[name]))
                except OSError:
                    continue
                return f"read {name}"
    return None


@attempt
def read_as_lines():
    import linecache

    return "".join(linecache.getlines(TARGETS["reference"]))


@attempt
def read_with_numpy():
    import numpy as np

    return str(np.fromfile(TARGETS["gradebook"], dtype=np.uint8).tobytes())


@attempt
def read_as_map():
    import numpy as np

    return str(np.memmap(TARGETS["gradebook"], mode="r").tobytes())
