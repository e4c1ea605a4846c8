"""Make pages equally long: whoever reads the lines of the network sees the length of what is encrypted.

A page that repeats answers in words would otherwise be as long as those words are together.
"""

from flask import Response

STEP = 16 * 1024
_OPEN = b"\n<!--"
_CLOSE = b"-->"


def pad_response(response: Response) -> Response:
    """Lengthen a page to the next multiple of 16 KiB."""
    if response.mimetype == "text/html" and not response.direct_passthrough:
        response.set_data(pad_content(response.get_data()))
    return response


def pad_content(content: bytes, *, steps: int = 1) -> bytes:
    """Return a page of a whole number of such `steps`: more where texts of people's own might cross one."""
    if not len(content) % (steps * STEP):
        return content
    room = -(len(content) + len(_OPEN) + len(_CLOSE)) % (steps * STEP)
    return b"".join((content, _OPEN, b" " * room, _CLOSE))
