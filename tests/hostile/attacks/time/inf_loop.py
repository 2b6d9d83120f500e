# mypy: ignore-errors
# result: timeout
"""Never returns from a call."""


def forward(x, w0, w1, w2, ws):
    while True:
        pass
