# mypy: ignore-errors
# form: folder
# result: graded
# says: nothing
"""Brings files whose names are options, commands, markup and paths."""
# ===== file: --help.py
X = 1
# ===== file: $(touch pwned).py
X = 1
# ===== file: <script>alert(1)<script>.py
X = 1
# ===== file: [bold]x[ bold].py
X = 1
# ===== file: a; touch pwned.py
X = 1
# ===== file: con.py
X = 1
# ===== file: ..py
X = 1
