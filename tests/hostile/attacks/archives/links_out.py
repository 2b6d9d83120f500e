# mypy: ignore-errors
# form: tar
# result: graded unreadable awaiting missing failed
# points: at most 10
"""Is an archive whose members are links to files of the course."""
# ===== link: leak.py -> {reference}
# ===== link: folder -> {course}
# ===== file: folder/through.py
X = 1
