# mypy: ignore-errors
# result: graded
"""Asks for a name and for a page."""
import socket


@attempt
def name():
    return f"is at {socket.getaddrinfo('example.org', 80)}"


@attempt
def page():
    import urllib.request

    return urllib.request.urlopen("http://192.0.2.1/", timeout=1).read().decode()


@attempt
def localhost():
    import urllib.request

    return urllib.request.urlopen(f"http://127.0.0.1:{TARGETS['tcp']}/", timeout=1).read().decode()
