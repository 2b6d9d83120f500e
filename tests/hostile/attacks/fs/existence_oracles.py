# mypy: ignore-errors
# result: graded
# claimed: jail seal
"""Learns by the kind of refusal which files there are."""
import os

QUESTIONS = {
    "access": lambda path: os.access(path, os.F_OK) or None,
    "lstat": os.lstat,
    "readlink": lambda path: os.readlink(path + "/x"),
    "open": lambda path: os.open(path, os.O_RDONLY),
    "open as a place": lambda path: os.open(path, os.O_PATH),
    "statvfs": os.statvfs,
    "listxattr": os.listxattr,
    "chdir": os.chdir,
}


@attempt
def ask():
    told = []
    for name, question in QUESTIONS.items():
        answers = []
        for path in (TARGETS["gradebook"], TARGETS["gradebook"] + "-no-such"):
            try:
                answers.append("yes" if question(path) is not None else "no")
            except OSError as error:
                answers.append(error.errno)
        if answers[0] != answers[1]:
            told.append((name, *answers))
    return f"told by {told}" if told else None
