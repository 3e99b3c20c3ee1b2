"""Input that means harm, or comes from a broken client. Each carries the canary where it can."""

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any

CANARY = "Qx7canary9Zk"
"""Stands for something that must not come back in an error: a name, a number, a secret."""

_TEXT = json.dumps({"text": CANARY}).encode()

BODIES: Mapping[str, bytes] = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "no JSON": CANARY.encode(),
    "half an object": _TEXT[:-1],
    "two objects": _TEXT + _TEXT,
    "a comment": b"/* " + CANARY.encode() + b" */ {}",
    "single quotes": b"{'text': '" + CANARY.encode() + b"'}",
    "a trailing comma": b'{"text": "' + CANARY.encode() + b'",}',
    "null": b"null",
    "a list": json.dumps([CANARY]).encode(),
    "a text": json.dumps(CANARY).encode(),
    "a number": b"1",
    "a truth": b"true",
    "100,000 lists": b"[" * 100_000,
    "40,000 objects": b'{"a":' * 40_000,
    "100,000 lists, closed": b"[" * 100_000 + b"]" * 100_000,
    "nesting in a field": b'{"text":' + b"[" * 60_000 + b"]" * 60_000 + b"}",
    "a lone surrogate": b'{"text": "' + CANARY.encode() + b'\\ud800"}',
    "a surrogate pair the wrong way round": b'{"text": "\\udc00\\ud800"}',
    "a lone surrogate as a name": b'{"\\udfff": "' + CANARY.encode() + b'"}',
    "invalid UTF-8": b'{"text": "' + CANARY.encode() + b'\xff\xfe"}',
    "overlong UTF-8": b'{"text": "' + CANARY.encode() + b'\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"text": "\xed\xa0\x80"}',
    "UTF-16": _TEXT.decode().encode("utf-16"),
    "UTF-32": _TEXT.decode().encode("utf-32"),
    "a byte order mark": b"\xef\xbb\xbf" + _TEXT,
    "NUL bytes": b"\x00" * 1000,
    "gzip": gzip.compress(_TEXT),
    "not a number": b'{"text": NaN}',
    "infinity": b'{"text": -Infinity}',
    "a number beyond floats": b'{"text": 1e999}',
    "5,000 digits": b'{"text": ' + b"9" * 5000 + b"}",
    "a hexadecimal number": b'{"text": 0x10}',
    "an unknown name": json.dumps({CANARY: CANARY}).encode(),
    "a name of 100 KB": json.dumps({CANARY * 8000: 1}).encode(),
    "12,000 unknown names": json.dumps({f"n{n}": n for n in range(12_000)}).encode(),
    "a name twice": b'{"text": "a", "text": "' + CANARY.encode() + b'"}',
    "prototype pollution": b'{"__proto__": {"text": "' + CANARY.encode() + b'"}}',
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "a form": b"text=" + CANARY.encode(),
}
"""Bodies of which no JSON route may accept one."""

VALUES: Mapping[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "zero": b"0",
    "minus one": b"-1",
    "a float": b"3.0",
    "a tiny float": b"1e-400",
    "2 to the 63": b"9223372036854775808",
    "40 digits": b"9" * 40,
    "5,000 digits": b"9" * 5000,
    "not a number": b"NaN",
    "a number beyond floats": b"1e999",
    "an empty text": b'""',
    "a canary": json.dumps(CANARY).encode(),
    "a canary and NUL": b'"' + CANARY.encode() + b'\\u0000"',
    "a canary and an override": json.dumps(CANARY + "\u202e\u2066").encode(),
    "a canary and an escape": json.dumps(CANARY + "\x1b[2J").encode(),
    "a canary and a lone surrogate": b'"' + CANARY.encode() + b'\\ud800"',
    "100,000 characters": json.dumps(CANARY * 8000).encode(),
    "120,000 combining marks": json.dumps("e" + "\u0301" * 120_000, ensure_ascii=False).encode(),
    "500 ligatures of 18 letters": json.dumps("\ufdfa" * 500, ensure_ascii=False).encode(),
    "500 letters of four bytes": json.dumps("\U00020bb7" * 500, ensure_ascii=False).encode(),
    "bait for a language's pattern": json.dumps("aa" + "-aa" * 30_000 + "!").encode(),
    "bait for a date's pattern": json.dumps("2026-" * 30_000).encode(),
    "bait for a name's pattern": json.dumps("a" + "-" * 50_000 + "!").encode(),
    "a day that is none": b'"2026-02-30"',
    "a moment before the calendar": b'"0001-01-01T00:00:00+14:00"',
    "a moment after the calendar": b'"9999-12-31T23:59:59-14:00"',
    "a formula": b"\"=cmd|' /C calc'!A1\"",
    "an empty list": b"[]",
    "a list of canaries": json.dumps([CANARY] * 3).encode(),
    "30,000 nothings": json.dumps([None] * 30_000).encode(),
    "an empty object": b"{}",
    "an unknown name": json.dumps({CANARY: CANARY}).encode(),
    "500 lists": b"[" * 500 + b"]" * 500,
}
"""JSON to put in the place of any field. Some fields may accept some of it."""

QUERY_VALUES: Mapping[str, str] = {
    "nothing": "",
    "a canary": CANARY,
    "NUL": f"{CANARY}%00",
    "a new line": f"{CANARY}%0d%0aSet-Cookie:%20a=b",
    "invalid UTF-8": f"{CANARY}%ff%fe",
    "a surrogate": f"{CANARY}%ed%a0%80",
    "half an escape": "%",
    "a letter of another digit": "%EF%BC%91",
    "an override": "%E2%80%AE",
    "5,000 digits": "9" * 5000,
    "a float": "1.0",
    "an underscore": "1_0",
    "a plus": "%2B1",
    "a blank": "%201",
    "not a number": "NaN",
    "seconds": "1700000000",
    "yes": "yes",
    "null": "null",
    "JSON": "%7B%22%24gt%22%3A%22%22%7D",
    "8 KB": CANARY * 700,
    "bait for patterns": "-" * 6000 + "!",
    "dots and slashes": "..%2F..%2F..%2Fetc%2Fpasswd",
    "a moment before the calendar": "0001-01-01T00:00:00%2B14:00",
    "a day that is none": "2026-02-30",
    "quotes": "%27%20OR%201=1--",
}
"""Percent-encoded values for any parameter of a query."""

HEADER_VALUES: Mapping[str, str] = {
    "nothing": "",
    "a canary": CANARY,
    "2 KB": CANARY * 170,
    "a list": f"{CANARY}, {CANARY}",
    "quotes": '"' + CANARY,
    "an entity tag of 500 digits": '"' + "9" * 500 + '"',
    "Latin-1": CANARY + "é",
    "a tab": f"a\t{CANARY}",
    "bait for patterns": "a" + "-" * 2000 + "!",
    "other digits": "١٢٣٤" * 4,
    "a wildcard": "*",
}

CONTENT_TYPES: Mapping[str, bool] = {
    "APPLICATION/JSON": True,
    "application/json; charset=utf-8": True,
    "application/json; charset=utf-16": True,
    "text/plain": False,
    "text/json": False,
    "application/x-www-form-urlencoded": False,
    "multipart/form-data; boundary=x": False,
    "application/jsonp": False,
    CANARY: False,
    "": False,
}
"""Whether a body of this type is read as JSON; always as UTF-8, whatever it claims."""

PATH_VALUES: Mapping[str, str] = {
    "NUL": f"{CANARY}%00",
    "dots": "..",
    "encoded dots": "%2e%2e",
    "an encoded slash": f"{CANARY}%2F..",
    "an encoded backslash": "%5C%5Chost",
    "a blank": "%20",
    "a new line": f"{CANARY}%0a",
    "invalid UTF-8": "%ff%fe",
    "another alphabet": "%E6%80%A1",
    "2 KB": CANARY * 170,
    "bait for patterns": "a" + "-" * 2000 + "!",
    "a template": "{grievance_id}",
    "upper case": "G_0123456789ABCDEFGHJKMNPQRS",
    "a canary": CANARY,
    "double encoding": "%252e%252e%252f",
}
"""Percent-encoded segments that are no id of ours."""

KEYS: Mapping[str, str] = {
    "nothing": "",
    "no scheme": CANARY,
    "another scheme": f"Basic {CANARY}",
    "no key": "Bearer",
    "blanks": "Bearer    ",
    "an unknown key": f"Bearer hsk_{CANARY}",
    "2 KB": "Bearer hsk_" + CANARY * 170,
    "another alphabet": "Bearer hsk_é",
    "two keys": "Bearer hsk_a, Bearer hsk_b",
    "a tab": "Bearer\thsk_a",
}

LINES = (
    "怡昌泰（深圳）制衣厂",
    "ঢাকা গার্মেন্টস লিমিটেড",
    "Công ty TNHH Đại Phát",
    "caf\u00e9 as one letter",
    "cafe\u0301 as two",
    "\u1100\u1161\u11a8 and \uac01",
    "\ufb01nest \u212bngstr\u00f6m \u2460",
    "👩‍🏭 with a joiner, 🏴\U000e0067\U000e0062\U000e007f with tags",
    "שלום العربية, right to left without overrides",
    "\u200f\u200ea mark, \u200ba blank of no width, \ufeffa mark of byte order",
    " a blank before and after ",
    "\\ \" ' ` ; -- <script>alert(1)</script> ${x} %s {0}",
    "=1+1",
    "\U00020bb7\U0001f469 beyond the first plane",
    "x" * 500,
    "e" + "\u0301" * 499,
)
"""Single lines that must come back as they were."""

PROSES = (
    *LINES,
    "two\nlines\r\nand\ta tab",
    "a line separator\u2028a paragraph separator\u2029end",
    "怡" * 20_000,
    "e" + "\u0301" * 19_999,
    "\U0001f469" * 20_000,
)


def field_paths(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Where a value can stand in a JSON body: names, and 0 for the first of a list."""
    for branch in schema.get("anyOf", [schema]):
        named = schemas[branch["$ref"].rsplit("/", 1)[1]] if "$ref" in branch else branch
        for name, inner in named.get("properties", {}).items():
            yield (name,)
            yield from ((name, *path) for path in field_paths(inner, schemas))
        if "items" in named:
            yield (0,)
            yield from ((0, *path) for path in field_paths(named["items"], schemas))


def with_value(body: Any, path: tuple[Any, ...], value: bytes) -> bytes:
    """The body as JSON with one place taken by a value that need not be JSON."""
    return json.dumps(_placed(body, path)).encode().replace(b'"@here@"', value)


def _placed(body: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return "@here@"
    if path[0] == 0:
        rest = list(body[1:]) if isinstance(body, list | tuple) else []
        first = body[0] if isinstance(body, list | tuple) and body else None
        return [_placed(first, path[1:]), *rest]
    known = dict(body) if isinstance(body, dict) else {}
    return {**known, path[0]: _placed(known.get(path[0]), path[1:])}
