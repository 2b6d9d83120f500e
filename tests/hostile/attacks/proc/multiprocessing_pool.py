# mypy: ignore-errors
# result: graded
"""Computes in a pool of processes."""


@attempt
def pool():
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(2) as executor:
        return f"other processes say {list(executor.map(abs, [1, 2]))}"
