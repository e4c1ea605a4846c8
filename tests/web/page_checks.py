"""An auditor who reads every page as a screen reader, a strict browser and a careful lawyer would.

`audit(response)` returns what is wrong with a page, as sentences; nothing wrong is an empty list.
"""

from html.parser import HTMLParser
from urllib.parse import urlsplit

LANGUAGES = {"fi", "sv", "en"}
MOVES_ON = "the page moves on by itself"
ERROR_WORDS = ("Virhe: ", "Fel: ", "Error: ")
VOID = {
    "meta",
    "link",
    "input",
    "br",
    "img",
    "hr",
    "source",
    "path",
    "use",
    "rect",
    "circle",
    "line",
    "polyline",
    "col",
    "wbr",
}
CONTROLS = {"input", "select", "textarea", "meter", "progress"}
UNLABELLED = {"hidden", "submit", "button"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
PROSE = ("p", "li", "td", "th", "dt", "dd", "legend", "label", "caption", "summary", "button", "a", *HEADINGS)
SLIPS = {"%(": "a word is not filled in", "</a>": "markup is shown as words", "..": "two full stops"}
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "form": "action"}


class Tag:
    """One element: its name, attributes, the elements around it, and the text within."""

    def __init__(self, name, attributes, around):
        self.name = name
        self.attributes = attributes
        self.around = around
        self.words = []

    def __getitem__(self, name):
        return self.attributes.get(name)

    @property
    def text(self):
        return " ".join("".join(self.words).split())

    def within(self, name):
        return any(tag.name == name for tag in self.around)


class Page(HTMLParser):
    """The elements of one page."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.unclosed = []
        self._open = []
        self.feed(html)
        self.close()
        self.unclosed += [tag.name for tag in self._open]

    def handle_starttag(self, name, attributes):
        tag = Tag(name, {key: "" if value is None else value for key, value in attributes}, tuple(self._open))
        self.tags.append(tag)
        if name not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, name, attributes):
        self.tags.append(Tag(name, dict(attributes), tuple(self._open)))

    def handle_endtag(self, name):
        if name in VOID:
            return
        if self._open and self._open[-1].name == name:
            self._open.pop()
        else:
            self.unclosed.append(name)

    def handle_data(self, text):
        for tag in self._open:
            tag.words.append(text)

    def all(self, *names):
        return [tag for tag in self.tags if tag.name in names]

    def one(self, name):
        found = self.all(name)
        assert len(found) == 1, f"{len(found)} elements {name}"
        return found[0]

    def by_id(self, identifier):
        return next(tag for tag in self.tags if tag["id"] == identifier)

    @property
    def h1(self):
        return self.one("h1").text

    @property
    def title(self):
        return next(tag.text for tag in self.tags if tag.name == "title" and not tag.within("svg"))

    @property
    def errors(self):
        return [tag.text for tag in self.tags if "notice-error" in (tag["class"] or "")]


def audit(response, *, anonymous=False, public=False):
    """Return what is wrong with a page; `anonymous` for pages without sign-in, `public` for those anybody may keep."""
    page = Page(response.text)
    return [
        *_frame(page),
        *_references(page),
        *_forms(page),
        *_names(page),
        *_pictures(page),
        *_words(page),
        *_dangers(page),
        *_headers(response, anonymous=anonymous, public=public),
    ]


def require_faultless(response):
    """Fail where an answer is a page and something is wrong with it."""
    if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
        path = response.request.path
        faults = audit(response, anonymous=not path.startswith("/staff"), public=path.startswith("/courses"))
        if response.request.args.get("watch"):  # the reader asked for it, and the page says how to stop it
            faults = [one for one in faults if one != MOVES_ON]
        assert not faults, f"{path}: {faults}"


def _frame(page):
    if page.unclosed:
        yield f"elements do not close in order: {page.unclosed}"
    if page.one("html")["lang"] not in LANGUAGES:
        yield "the page names no language"
    if len(page.all("h1")) != 1 or len(page.all("main")) != 1:
        yield "a page has exactly one h1 and one main"
        return
    title = page.title
    for word in ERROR_WORDS:
        title = title.removeprefix(word)
    if not page.h1 or not title.startswith(page.h1):
        yield f"the title {page.title!r} does not begin with the heading {page.h1!r}"
    if page.errors and not page.title.startswith(ERROR_WORDS):
        yield f"the page tells of an error, its title {page.title!r} does not"
    yield from _headings(page)


def _headings(page):
    level = 0
    for tag in page.all(*HEADINGS):
        if int(tag.name[1]) > level + 1:
            yield f"{tag.name} {tag.text!r} skips a level"
        level = int(tag.name[1])
        if not tag.text:
            yield f"an empty {tag.name}"


def _references(page):
    ids = [tag["id"] for tag in page.tags if tag["id"] is not None]
    for twice in {one for one in ids if ids.count(one) > 1}:
        yield f"the id {twice!r} is used twice"
    for tag in page.tags:
        pointed = [tag["for"] or "", tag["form"] or "", *(tag["aria-describedby"] or "").split()]
        pointed += (tag["aria-labelledby"] or "").split()
        if tag.name == "a" and (tag["href"] or "").startswith("#"):
            pointed.append(tag["href"][1:])
        for missing in {one for one in pointed if one and one not in ids}:
            yield f"{tag.name} points to {missing!r}, which is not on the page"


def _forms(page):
    labelled = {tag["for"]: tag.text for tag in page.all("label")}
    for tag in page.all(*CONTROLS):
        if tag["type"] not in UNLABELLED and not labelled.get(tag["id"]) and not tag["aria-label"]:
            yield f"a {tag.name} without a label: {tag.attributes}"
        if tag["type"] == "radio" and not tag.within("fieldset"):
            yield f"a radio outside a fieldset: {tag.attributes}"
    for tag in page.all("fieldset"):
        if not any(legend.around[-1] is tag and legend.text for legend in page.all("legend")):
            yield "a fieldset without a legend"


def _names(page):
    for tag in page.all("button", "a"):
        if not (tag.text or tag["aria-label"]):
            yield f"a {tag.name} without a text: {tag.attributes}"
    for tag in page.all("th"):
        if not tag["scope"]:
            yield f"the table heading {tag.text!r} has no scope"


def _pictures(page):
    for tag in page.all("img"):
        if tag["alt"] is None:
            yield f"a picture without a text: {tag['src']}"
    for tag in page.all("svg"):
        if tag["aria-hidden"] != "true" and not (
            tag["role"] == "img" and (tag["aria-label"] or tag["aria-labelledby"])
        ):
            yield "a drawing that is neither hidden nor named"


def _words(page):
    told = [(tag.name, tag.text) for tag in page.all(*PROSE)]
    told += [(tag.name, tag[one]) for tag in page.tags for one in ("alt", "aria-label") if tag[one]]
    for name, text in told:
        for slip, meaning in SLIPS.items():
            if slip in text:
                yield f"{meaning} in {name}: {text!r}"


def _dangers(page):
    for tag in page.tags:
        if tag["style"] is not None or any(name.startswith("on") for name in tag.attributes):
            yield f"inline style or script on {tag.name}"
        if tag.name == "style" or (tag.name == "script" and not tag["src"] and tag["type"] != "application/ld+json"):
            yield f"an inline {tag.name}"
        if tag.name == "meta" and tag["http-equiv"] == "refresh" and not tag.within("noscript"):
            yield MOVES_ON
        if int(tag["tabindex"] or 0) > 0:
            yield "a positive tabindex"
        address = tag[LOADING.get(tag.name, "")] or ""
        if urlsplit(address).netloc:
            yield f"{tag.name} asks another host: {address}"


def _headers(response, *, anonymous, public):
    policy = response.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "*" in policy:
        yield f"a weak content policy: {policy!r}"
    if not public and "no-store" not in response.headers.get("Cache-Control", ""):
        yield "the page may be stored"
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        yield "the type may be guessed"
    if response.headers.get("Referrer-Policy") != "no-referrer":
        yield "the next host learns where one came from"
    if anonymous and response.headers.getlist("Set-Cookie"):
        yield "a cookie in the wing of those who answer"
