"""Pad responses to equal lengths, so that the encrypted length reveals no answers.

A page that repeats answers in words would otherwise be as long as those words are together.
"""

from flask import Response

STEP = 16 * 1024
_OPEN = b"\n<!--"
_CLOSE = b"-->"


def pad_response_to_multiple(response: Response) -> Response:
    """Pad an HTML response to the next multiple of 16 KiB."""
    if response.mimetype == "text/html" and not response.direct_passthrough:
        response.set_data(pad_content_to_multiple(response.get_data()))
    return response


def pad_content_to_multiple(content: bytes, *, steps: int = 1) -> bytes:
    """Return a page padded to a multiple of `steps` times 16 KiB."""
    if not len(content) % (steps * STEP):
        return content
    room = -(len(content) + len(_OPEN) + len(_CLOSE)) % (steps * STEP)
    return b"".join((content, _OPEN, b" " * room, _CLOSE))
