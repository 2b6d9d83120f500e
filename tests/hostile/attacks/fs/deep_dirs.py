# mypy: ignore-errors
# result: graded timeout
# points: at most 10
"""Makes folders in folders in folders, too deep to be removed the simple way."""
import os


@attempt
def dig():
    depth = 0
    try:
        while depth < 3000:
            os.mkdir("d")
            os.chdir("d")
            depth += 1
    except OSError:
        pass
    print("depth", depth)
