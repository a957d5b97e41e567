"""What the outside may send: words that would be markup, names, lines or formulas, and bytes that are no request."""

import json

BYSTANDER, OTHER_GROUP, OTHER_CHANNEL = "U0BYSTANDER", "S0ELSE", "C0ELSE"
"""Whom and what no message of ours ever mentions."""
EVIL = "evil.example"

MARKUP = (
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    f"<@{BYSTANDER}>",
    f"<@{BYSTANDER}|Support 1>",
    f"@{BYSTANDER}",
    "@channel @here",
    f"<!subteam^{OTHER_GROUP}>",
    f"<#{OTHER_CHANNEL}|alerts>",
    f"<https://{EVIL}|Pier 9>",
    f"https://{EVIL}/x",
    f"[Pier 9](https://{EVIL})",
    f"<mailto:a@{EVIL}|write>",
    "<!date^0^{time}|soon>",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "`code` ```block```",
    "*bold* _it_ ~no~",
    "> quote",
    ":fire: :rotating_light:",
    "{{ 7 * 7 }} {% raw %}",
    "%s %n %(name)s {0} {name}",
    "$(id) ${jndi:ldap://x}",
    "'; DROP TABLE incidents; --",
    '"}],"blocks":[{"type":"divider"}]',
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-1-1",
    "@SUM(A1)",
    "\uff1d1",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u0130\u00df\u0327",
    "a\u0300\u0301\u0302\u0303\u0304\u0305",
)
"""Printable; must be shown letter by letter."""

UNSEEN_MARKS = (
    "\u202e9 reiP\u202c",
    "\u2066x\u2069",
    "\u200b\u200d\ufeffzero\u2060width",
    "two\nlines",
    "one\r\n2026-11-22T03:00:00Z info relink forged",
    "a\u2028b\u2029c",
    "\x1b[31mred\x1b[0m",
    "\x07\x08bell",
    "\x85\x9bnext",
    "\ue000mark\ue001",
    "tab\there",
)
"""Must be refused, or lose what cannot be seen."""

UNSTORABLE = ("nul\0byte", "half \ud800 pair", "\udfff")
"""No database keeps them and no message can be sent with them."""

ENDLESS = "x" * 10_000
HOSTILE = (*MARKUP, *UNSEEN_MARKS, *UNSTORABLE, ENDLESS)


def packed(texts: tuple[str, ...], longest: int) -> list[str]:
    """The texts side by side in pieces of at most so many characters."""
    pieces = [""]
    for text in texts:
        if len(pieces[-1]) + 1 + len(text) > longest and pieces[-1]:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {text}".strip()
    return pieces


def gzip_bomb() -> bytes:
    """A few kilobytes that would unpack to 64 MiB."""
    import gzip

    return gzip.compress(b"\0" * (64 * 1024 * 1024), compresslevel=1)


DEEP = 100_000
JUNK: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "not JSON": b"alert!",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "an overlong encoding": b'{"a": "\xc0\xae"}',
    "a surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "NUL bytes": b"\0" * 1000,
    "100,000 arrays deep": b"[" * DEEP + b"]" * DEEP,
    "100,000 arrays never closed": b"[" * DEEP,
    "100,000 objects deep": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "a number of 5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "a number far too large": b'{"a": 1e999999999}',
    "a million digits": b"1" * 1_000_000,
    "a lone surrogate": b'{"a": "\\ud800"}',
    "an escaped NUL": b'{"a": "\\u0000"}',
    "a string that never ends": b'{"a": "' + b"x" * 100_000,
    "escapes that never end": b'{"a": "' + b"\\" * 100_001,
    "a name a hundred thousand times": b"{" + b'"a":1,' * 100_000 + b'"a":1}',
    "an array": b"[]",
    "a number": b"7",
    "null": b"null",
    "year 1": json.dumps({"code": "CP-ERR-WIFI", "raised_at": "0001-01-01T00:00:00+23:59"}).encode(),
    "a form": b"payload=%7B&payload=%7D&a=%00&b=%ZZ&c=%ED%A0%80",
    "a form of 100,000 fields": b"a=1&" * 100_000,
    "multipart": b'--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{}\r\n--x--\r\n',
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "1 MiB and one byte": b" " * (1024 * 1024 + 1),
    "2 MiB": b"x" * (2 * 1024 * 1024),
}
"""Bodies that nobody sends who means well."""
