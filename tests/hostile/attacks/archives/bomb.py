# mypy: ignore-errors
# form: zip
# result: graded unreadable awaiting missing failed
# points: at most 10
"""Is an archive that is a thousand times larger inside."""
# ===== zeros: 200 MB zeros.py
