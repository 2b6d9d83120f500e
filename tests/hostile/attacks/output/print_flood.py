# mypy: ignore-errors
# result: output
"""Prints without end."""
while True:
    print("all tests passed " * 1000)
