# mypy: ignore-errors
# result: graded
"""Takes back what the process promised about itself."""


@attempt
def undo():
    undone = []
    if system_call(157, 38, 0, 0, 0, 0) == 0:  # PR_SET_NO_NEW_PRIVS
        undone.append("no_new_privs")
    if system_call(157, 22, 0, 0, 0, 0) == 0:  # PR_SET_SECCOMP, disabled
        undone.append("seccomp")
    system_call(157, 1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG
    system_call(157, 36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    return f"undid {undone}" if undone else None
