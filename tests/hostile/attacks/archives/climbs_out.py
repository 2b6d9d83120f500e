# mypy: ignore-errors
# form: zip
# result: graded unreadable awaiting missing failed
# points: at most 10
"""Is an archive of files that want to lie elsewhere."""
# ===== file: ../../climbed.py
X = 1
# ===== file: {course}/climbed.py
X = 1
# ===== file: C:\windows\climbed.py
X = 1
# ===== file: a/../../../climbed.py
X = 1
