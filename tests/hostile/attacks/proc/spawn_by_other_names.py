# mypy: ignore-errors
# result: graded
"""Starts processes by the ways that are used less."""


@attempt
def spawn():
    import os
    import pty
    import subprocess
    import sys

    managed = []
    for name, way in {
        "posix_spawn": lambda: os.posix_spawn("/bin/sleep", ["sleep", "100"], {}),
        "posix_spawn of python": lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", "1"], {}),
        "forkpty": lambda: os.forkpty(),
        "openpty": lambda: pty.openpty(),
        "vfork": lambda: subprocess.Popen(["/bin/sleep", "100"], close_fds=False),
        "popen": lambda: os.popen("sleep 100").close() and None,
        "execveat": lambda: system_call(322, -100, b"/bin/sleep", 0, 0, 0) + 1,
        "setsid": lambda: os.setsid(),
        "new session": lambda: subprocess.Popen(["/bin/sleep", "100"], start_new_session=True),
        "spawnlp": lambda: os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "100"),
    }.items():
        try:
            if way() not in (0, None) and name not in ("setsid", "vfork", "new session", "spawnlp"):
                managed.append(name)
        except OSError:
            continue
    return f"started {managed}" if managed else None
