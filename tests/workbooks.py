"""Workbooks made by hand, part by part, so that a test can hold what no library writes."""

import io
import zipfile
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
RULE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def workbook(*sheets, styles="", states=(), namespace=MAIN, more=None, properties=""):
    """Pack sheets, each the XML of its rows, as a workbook; `more` holds further parts or replaces these."""
    names = [f"Sheet{number}" for number in range(1, len(sheets) + 1)]
    state = dict(zip(names, states, strict=False))
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" state="{state.get(name) or "visible"}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    relations += '<Relationship Id="rId90" Type="styles" Target="styles.xml"/>'
    relations += '<Relationship Id="rId91" Type="sharedStrings" Target="sharedStrings.xml"/>'
    parts = {
        "_rels/.rels": f'{RULE}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{RULE}<workbook xmlns="{namespace}" xmlns:r="{RELATIONS}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{RULE}<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
        "xl/styles.xml": f'{RULE}<styleSheet xmlns="{namespace}">{styles}</styleSheet>',
    }
    for number, sheet in enumerate(sheets, start=1):
        whole = sheet if sheet.startswith("<?xml") else worksheet(sheet, namespace=namespace)
        parts[f"xl/worksheets/sheet{number}.xml"] = whole
    return packed(parts | (more or {}))


def worksheet(rows, *, namespace=MAIN, before=""):
    """The XML of a worksheet with these rows."""
    return f'{RULE}<worksheet xmlns="{namespace}">{before}<sheetData>{rows}</sheetData></worksheet>'


def packed(parts):
    """Pack parts as one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as whole:
        for name, content in parts.items():
            if content is not None:
                whole.writestr(name, content)
    return file.getvalue()


def row(number, *cells, **attributes):
    """The XML of a row; a cell is a text, a number, or XML that begins with `<c`."""
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<row r="{number}"{told}>{"".join(_cell(number, place, cell) for place, cell in enumerate(cells))}</row>'


def _cell(number, place, cell):
    reference = f"{chr(ord('A') + place)}{number}"
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith("<c"):
        return cell
    if isinstance(cell, str):
        return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f'<c r="{reference}"><v>{cell}</v></c>'


def formats(*codes):
    """Styles whose cell formats are these codes, in their order from 0."""
    numbers = "".join(
        f'<numFmt numFmtId="{164 + place}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for place, code in enumerate(codes)
    )
    styles = "".join(f'<xf numFmtId="{164 + place}"/>' for place in range(len(codes)))
    return f"<numFmts>{numbers}</numFmts><cellXfs>{styles}</cellXfs>"
