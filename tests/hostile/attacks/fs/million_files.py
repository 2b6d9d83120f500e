# mypy: ignore-errors
# result: graded timeout
# points: at most 10
"""Makes files until nothing more can be made."""


@attempt
def fill():
    made = 0
    try:
        for number in range(30_000):
            open(f"f{number}", "w").close()
            made += 1
    except OSError:
        pass
    return f"made {made} files" if made >= 30_000 else None
