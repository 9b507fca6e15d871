"""Addresses of devices as people write them: a device path, a COM port, a camera's number, or a URL."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import urlsplit

SIM = "sim"
PORT_SCHEMES = (SIM, "socket", "tcp", "rfc2217", "loop", "hwgrep", "alt", "spy", "cp2110")
SOURCE_SCHEMES = (SIM, "http", "https", "rtsp", "rtsps", "rtmp", "rtp", "udp", "tcp", "srt", "file")
_WINDOWS = re.compile(r"(?:\\\\\.\\)?(com\d+):?", re.IGNORECASE)
_HERE = {"localhost": "127.0.0.1", "ip6-localhost": "::1"}


def scheme_of(address: object) -> str:
    """Return the scheme of an address; "" for a device path, a COM port or a camera number."""
    text = str(address)
    return urlsplit(text).scheme if "://" in text else ""


def one_spelling(address: object) -> str:
    r"""Return one spelling for one port, as far as the text tells: /dev/./ttyUSB0, \\.\COM3, tcp://LOCALHOST:5000.

    Links of a file system are not followed; a run does that.
    """
    text = str(address).strip()
    windows = _WINDOWS.fullmatch(text)
    if windows is not None:
        return windows[1].casefold()
    if text.startswith("/"):
        return posixpath.normpath(text)
    return _one_url(text) if "://" in text else text.casefold()


def _one_url(text: str) -> str:
    parts = urlsplit(text)
    host, _, port = parts.netloc.casefold().partition(":")
    scheme = "socket" if parts.scheme == "tcp" else parts.scheme
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{_HERE.get(host, host)}:{port}{parts.path.rstrip('/')}{query}"
