"""Small files for tests: CSV text, XLSX and ODS workbooks, and raw XML that lies about sizes."""

import html
import io
import zipfile
from collections.abc import Mapping, Sequence

Rows = Sequence[Sequence[object]]

_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_RELATIONSHIPS = f"{_OFFICE}/officeDocument/2006/relationships"


def csv_of(rows: Rows, delimiter: str = ",", line_break: str = "\r\n") -> str:
    """Every cell in quotation marks."""
    return "".join(
        delimiter.join('"' + str(cell).replace('"', '""') + '"' for cell in row) + line_break
        for row in rows
    )


def xlsx(
    sheets: Mapping[str, Rows],
    *,
    first_row: int = 1,
    first_column: int = 1,
    merged: Sequence[str] = (),
    hidden: Sequence[str] = (),
) -> bytes:
    """A workbook; numbers are number cells, None is no cell. `merged` holds for every sheet."""
    bodies = {name: _sheet_data(rows, first_row, first_column) for name, rows in sheets.items()}
    ranges = "".join(f'<mergeCell ref="{r}"/>' for r in merged)
    merges = f"<mergeCells>{ranges}</mergeCells>" if merged else ""
    return xlsx_of_xml({name: body + merges for name, body in bodies.items()}, hidden=hidden)


def xlsx_of_xml(sheets: Mapping[str, str], *, hidden: Sequence[str] = ()) -> bytes:
    """A workbook of raw sheet XML (what stands inside `worksheet`)."""
    entries = "".join(
        f'<sheet name="{html.escape(name)}" sheetId="{i}" r:id="rId{i}"'
        f"{' state=' + chr(34) + 'hidden' + chr(34) if name in hidden else ''}/>"
        for i, name in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELATIONSHIPS}/worksheet"'
        f' Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATIONSHIPS}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONSHIPS}">'
            f"<sheets>{entries}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/'
            f'relationships">{relations}</Relationships>',
        }
        | {
            f"xl/worksheets/sheet{i}.xml": f'<worksheet xmlns="{_MAIN}">{body}</worksheet>'
            for i, body in enumerate(sheets.values(), 1)
        }
    )


def ods(rows: Rows) -> bytes:
    """An OpenDocument workbook with one sheet."""
    cells = "".join(
        "<table:table-row>" + "".join(map(_ods_cell, row)) + "</table:table-row>" for row in rows
    )
    return ods_of_xml(cells)


def ods_of_xml(rows: str) -> bytes:
    """An OpenDocument workbook of raw row XML."""
    spaces = "".join(
        f' xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{p}:1.0"'
        for p in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="List">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        "</manifest:manifest>"
    )
    return zipped({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


def zipped(members: Mapping[str, str]) -> bytes:
    """A ZIP archive of text files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return file.getvalue()


def _sheet_data(rows: Rows, first_row: int, first_column: int) -> str:
    body = "".join(
        f'<row r="{r}">'
        + "".join(
            _xlsx_cell(f"{_letters(c)}{r}", cell)
            for c, cell in enumerate(row, first_column)
            if cell is not None
        )
        + "</row>"
        for r, row in enumerate(rows, first_row)
    )
    return f"<sheetData>{body}</sheetData>"


def _xlsx_cell(at: str, cell: object) -> str:
    if isinstance(cell, int | float):
        return f'<c r="{at}"><v>{cell}</v></c>'
    text = html.escape(str(cell))
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _ods_cell(cell: object) -> str:
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    text = "" if cell is None else html.escape(str(cell))
    return (
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    )


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
