"""Listening sockets. The supervisor opens them and keeps them: while the app starts anew, callers
wait instead of being refused."""

import errno
import socket

from infra.local.options import CannotStart

HOST = "127.0.0.1"
Socket = socket.socket


def listen(port: int, name: str) -> socket.socket:
    """A listening socket on the loopback interface; `name` is the variable that chooses the port.

    CannotStart when the port is taken or not ours to take.
    """
    try:
        return socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        raise CannotStart(_advice(error, port, name)) from error


def listen_if_free(port: int, name: str) -> socket.socket:
    """The same, on any free port where that one is taken."""
    try:
        return listen(port, name)
    except CannotStart:
        return listen(0, name)


def url_of(listening: socket.socket) -> str:
    """Where it is reached."""
    return f"http://{HOST}:{listening.getsockname()[1]}"


def _advice(error: OSError, port: int, name: str) -> str:
    why = {
        errno.EADDRINUSE: f"Port {port} is taken.",
        errno.EACCES: f"Port {port} is not yours to take.",
    }.get(error.errno or 0, f"Port {port} cannot be used: {error.strerror}.")
    return f"{why} Choose another one: make run {name}={port + 1 if port < 65535 else 0}"
