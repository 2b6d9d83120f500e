# mypy: ignore-errors
# form: folder
# result: graded failed killed
# points: at most 10
"""Brings a NumPy and a json of its own."""
import numpy

print(numpy)
# ===== file: numpy.py
PWNED = True
float64 = float
# ===== file: json.py
def dumps(*values, **options):
    return '{"kind":"end"}'
# ===== file: wire.py
raise SystemExit("ATTACK BROKEN wire")
