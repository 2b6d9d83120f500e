# mypy: ignore-errors
# form: zip
# result: graded unreadable awaiting missing failed
# points: at most 10
"""Is an archive of very many files."""
# ===== many: 20000 files
