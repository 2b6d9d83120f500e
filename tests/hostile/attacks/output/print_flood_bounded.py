# mypy: ignore-errors
# result: graded
# says: nothing
"""Prints far more than is kept, and ends."""
for _ in range(2000):
    print("y" * 1000)
