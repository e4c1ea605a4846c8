"""Make pages equally long: whoever reads the lines of the network sees the length of what is encrypted.

A page that repeats answers in words would otherwise be as long as those words are together.
"""

from flask import Response

STEP = 16 * 1024
_OPEN, _CLOSE = b"\n<!--", b"-->"


def pad(response: Response) -> Response:
    """Lengthen a page to the next multiple of 16 KiB."""
    if response.mimetype == "text/html" and not response.direct_passthrough:
        content = response.get_data()
        room = -(len(content) + len(_OPEN) + len(_CLOSE)) % STEP
        response.set_data(content + _OPEN + b" " * room + _CLOSE)
    return response
