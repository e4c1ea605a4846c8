"""Look at one loaded page at every width between a small phone and a desk."""

WIDTHS = (320, 360, 376, 390, 434, 520, 640, 736, 768, 1024, 1280)
DESK = 1280  # from here on no table has to be pulled sideways
# What reaches over the edge, but for what lies in a box that may be pulled sideways; such boxes on a desk; words and
# ranges that are broken across lines. Where a browser puts a hyphen, a word is not broken; web addresses may be.
TOO_WIDE = """([width, desk]) => {
    const found = [];
    if (document.documentElement.scrollWidth > width) found.push(`the page is ${document.documentElement.scrollWidth}`);
    for (const one of document.querySelectorAll('body *')) {
        const box = one.getBoundingClientRect();
        if (box.width && box.right > width + 1 && !one.closest('.scroll, .figure, svg, .skip, .visually-hidden')
            && one.checkVisibility()) found.push(`${one.tagName}.${one.className} ends at ${Math.round(box.right)}`);
    }
    for (const box of width < desk ? [] : document.querySelectorAll('.scroll, .figure')) {
        if (box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
            found.push(`a box of ${box.clientWidth} holds ${box.scrollWidth}: ${box.textContent.trim().slice(0, 40)}`);
    }
    const range = document.createRange();
    const lines = (node, match) => {
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        const boxes = [...range.getClientRects()].filter(box => box.width);
        return boxes.length > 1 && boxes.at(-1).top - boxes[0].top > boxes[0].height / 2;
    };
    const isShown = element => element.checkVisibility() && (element.closest('thead') || element).clientWidth !== 1;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, node =>
        !node.data.trim() || node.parentElement.closest('code, svg, script, .visually-hidden, .key-sheet, .breakable')
            ? NodeFilter.FILTER_SKIP : NodeFilter.FILTER_ACCEPT);
    while (texts.nextNode()) {
        const node = texts.currentNode;
        range.selectNodeContents(node);
        if (range.getClientRects().length < 2 || !isShown(node.parentElement)) continue;
        if (getComputedStyle(node.parentElement).hyphens !== 'auto') {
            for (const word of node.data.matchAll(/[\\p{L}\\p{N}]{2,}/gu)) {
                const end = word.index + word[0].length;
                const token = node.data.slice(0, end).match(/\\S*$/)[0] + node.data.slice(end).match(/^\\S*/)[0];
                if (!token.includes('/') && lines(node, word)) found.push(`${word[0]} is broken`);
            }
        }
        for (const numbers of node.data.matchAll(
            /[−+]?\\d+(?:[.,]\\d+)?(?:[–…][−+]?\\d+(?:[.,]\\d+)?(?:[ \\u00a0]%)?|[ \\u00a0]%)/g))
            if (lines(node, numbers)) found.push(`the range ${numbers[0]} is broken`);
    }
    return [...new Set(found)].slice(0, 5);
}"""
# Boxes that may be pulled sideways are reached with the keyboard: each has to say what it is.
UNNAMED = """() => [...document.querySelectorAll('.scroll')]
    .filter(box => box.getAttribute('role') !== 'region' || !(box.ariaLabel || box.getAttribute('aria-labelledby')))
    .map(box => box.outerHTML.slice(0, 80))"""


def width_faults(page, name):
    """Return what is too wide or broken on the page as it stands, everything unfolded, at each width."""
    page.wait_for_load_state()
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{name} at {width}: {fault}" for fault in page.evaluate(TOO_WIDE, [width, DESK])]
    return found + [f"{name}: a box without role or name: {box}" for box in page.evaluate(UNNAMED)]
