# mypy: ignore-errors
# result: graded memory
# points: at most 10
"""Starts threads until nothing more starts."""
import threading


@attempt
def bomb():
    stop = threading.Event()
    threads = []
    try:
        while len(threads) < 400:
            threads.append(threading.Thread(target=stop.wait))
            threads[-1].start()
    except RuntimeError:
        pass
    started = sum(thread.is_alive() for thread in threads)
    stop.set()
    for thread in threads[:started]:
        thread.join()
    return f"started {started} threads" if started >= 200 else None
