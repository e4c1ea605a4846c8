"""Remove HTML markup from texts of other programs."""

import re
from html.parser import HTMLParser

# Only these are markup: people also write "<5 years" and "choose <name>" in texts.
ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "address",
        "article",
        "aside",
        "audio",
        "b",
        "big",
        "blockquote",
        "body",
        "br",
        "button",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "embed",
        "fieldset",
        "figcaption",
        "figure",
        "font",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "i",
        "iframe",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "legend",
        "li",
        "link",
        "main",
        "map",
        "mark",
        "meta",
        "nav",
        "noscript",
        "object",
        "ol",
        "option",
        "p",
        "param",
        "picture",
        "pre",
        "q",
        "s",
        "samp",
        "script",
        "section",
        "select",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "summary",
        "sup",
        "svg",
        "table",
        "tbody",
        "td",
        "template",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "track",
        "tt",
        "u",
        "ul",
        "var",
        "video",
        "wbr",
    ]
)
_UNSEEN = frozenset({"script", "style", "template", "head", "noscript"})
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "big",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "var",
    ]
)
_PLACEHOLDER = re.compile(r"\{[A-Za-z_][^{}<>\n]{0,200}\}")


class _Text(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.handle_data(self.get_starttag_text() or "")
            return
        self.unseen += tag in _UNSEEN
        if tag not in _INLINE:
            self.pieces.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ELEMENTS:
            self.pieces.append(" ")
        else:
            self.handle_data(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        if tag not in _INLINE:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.pieces.append(data)


def strip_markup(text: str) -> str:
    """Return a text of one line without its markup, scripts and styles.

    >>> strip_markup("<p>Jag&nbsp;<b>ork</b>ar.</p><script>hideRow(1);</script>")
    'Jag orkar.'
    >>> strip_markup("if < 1 pick the first, if > 10 the last; <5 years; choose <name>")
    'if < 1 pick the first, if > 10 the last; <5 years; choose <name>'
    """
    if "<" in text or "&" in text:
        parser = _Text()
        parser.feed(text)
        parser.close()
        text = "".join(parser.pieces)
    return " ".join(text.split())


def foreign_placeholders(text: str) -> tuple[str, ...]:
    """Return the placeholders in a text that another program would have filled in, such as `{TOKEN:FIRSTNAME}`.

    >>> foreign_placeholders("I can plan my day, {TOKEN:FIRSTNAME}, {1}")
    ('{TOKEN:FIRSTNAME}',)
    """
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))
