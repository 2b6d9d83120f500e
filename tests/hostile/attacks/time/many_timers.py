# mypy: ignore-errors
# result: timeout
"""Keeps the CPU busy in several threads at once, each below the limit."""
import threading


def burn():
    while True:
        pass


def backward(x, y, w0, w1, w2, ws):
    for _ in range(4):
        threading.Thread(target=burn, daemon=True).start()
    burn()
