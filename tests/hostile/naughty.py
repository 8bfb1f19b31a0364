"""Strings that broke somebody once. Ours, by kind; none holds a word that the script engine obeys."""

from __future__ import annotations

STRINGS: dict[str, str] = {
    # white space and what looks like it
    "no-break space": "a\u00a0lake",
    "ideographic space": "a\u3000lake",
    "line separator": "a\u2028lake\u2029here",
    "vertical tab and form feed": "a\x0b\x0clake",
    "carriage return": "a\r\nlake: yes\r\n\r\nHTTP/1.1 200 OK",
    # not seen
    "zero width": "a\u200b\u200c\u200d\ufefflake",
    "soft hyphen": "la\u00adke",
    "variation selectors": "lake\ufe0e\ufe0f",
    "tag characters": "lake\U000e0061\U000e0064\U000e006d\U000e0069\U000e006e",
    "interlinear annotation": "\ufff9lake\ufffa\ufffb",
    "escape sequences": "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "bell and backspace": "lake\x07\x08\x08\x08",
    "delete": "la\x7fke",
    "C1 controls": "\x80\x85\x9f",
    # direction
    "right to left override": "lake \u202egnp.exe",
    "isolates": "\u2066lake\u2069\u2067\u2068",
    "Hebrew": "אגם בהרים",
    "Arabic": "بحيرة بين الجبال",
    "longest ligature": "﷽﷽﷽",
    # scripts and marks
    "stacked marks": "l" + "\u0300\u0301\u0316\u0317" * 40 + "ake",
    "decomposed": "e\u0301 \u0065\u0301 \u00e9",
    "Turkish i": "İstanbul ıI",
    "sharp s": "STRASSE straße ẞ",
    "Greek final sigma": "ΣΊΣΥΦΟΣ σίσυφος",
    "Devanagari": "झील पहाड़",
    "Thai": "ทะเลสาบ",
    "Chinese": "山间的湖泊 龘",
    "Korean jamo": "\u1112\u1161\u11ab",
    "full width": "ｐｒｏｍｐｔ：ｌａｋｅ",
    "mathematical": "𝓁𝒶𝓀𝑒 𝕝𝕒𝕜𝕖",
    "Cyrillic lookalike": "lаkе",
    # emoji
    "emoji": "🏞️🌋🗻",
    "family": "👩‍👩‍👧‍👦 👨🏿‍🚀",
    "flags": "🇩🇪🇯🇵🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "keycaps": "1️⃣ #️⃣",
    # planes and nonce points
    "noncharacters": "\ufdd0\ufffe\uffff",
    "last code point": "\U0010ffff",
    "private use": "\ue000\U000f0000",
    "replacement": "\ufffd",
    # databases
    "quote": "'",
    "or true": "' OR '1'='1' --",
    "drop": "'; DROP TABLE cavendish.generations; --",
    "dollar quote": "$$; SELECT pg_sleep(5); $$",
    "stacked": "\"; COPY (SELECT 1) TO PROGRAM 'id'; --",
    "wildcards": "%_%_%_%" * 50,
    "placeholder": "$1 :id %s %(id)s ? {id}",
    "backslash": "\\'\\\\",
    "array": '{a,"b",NULL}',
    # formats and templates
    "printf": "%n%n%s%s%x%p",
    "str.format": "{0.__class__.__init__.__globals__} {} {{}}",
    "template": "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
    "log4j": "${jndi:ldap://127.0.0.1/a}",
    "JSON inside": '{"success":false,"errorCode":"X"}',
    # pages
    "script": "<script>alert(1)</script>",
    "attribute": '" onerror="alert(1)" x="',
    "svg": "<svg/onload=alert(1)>",
    "entity": "&lt;b&gt; &#x0; &amp;",
    "doctype": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    # paths and shells
    "traversal": "../../../../etc/passwd",
    "encoded traversal": "..%2f..%2f%2e%2e/%00.png",
    "backslash traversal": "..\\..\\windows\\win.ini",
    "device names": "CON PRN AUX NUL COM1",
    "shell": "$(id) `id` ; id | id & id",
    "option": "--help -rf /",
    "file url": "file:///etc/passwd",
    # numbers and words
    "numbers": "0 -1 1e400 NaN Infinity 0x10 ١٢٣",
    "nothing": "null undefined None nil NULL true",
    "spreadsheet": '=HYPERLINK("http://a.example")',
    "long word": "a" * 5000,
    "many lines": "\n" * 2000 + "lake",
}
