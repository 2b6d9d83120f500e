# mypy: ignore-errors
# result: timeout
"""Never gets to its end."""
while True:
    pass
