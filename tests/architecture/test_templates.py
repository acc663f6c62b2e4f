"""Pages: both languages side by side, nothing that the content security policy drops in silence."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import SRC, at, templates

HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
PAIR = re.compile(r"{%\s*t\s+(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')\s+(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*').*?%}", re.S)
COMMENT = re.compile(r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}|<!--.*?-->", re.S)


def lone_hangul(text: str) -> list[tuple[int, str]]:
    """Lines with Korean that stands outside a pair ``{% t "한국어" "English" %}``."""
    bare = PAIR.sub(lambda m: "\n" * m.group().count("\n"), COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text))
    return [(n, line.strip()) for n, line in enumerate(bare.splitlines(), 1) if HANGUL.search(line)]


def test_korean_stands_beside_its_english() -> None:
    wrong = [f"{at(p, n)} {line[:80]}" for p in templates() for n, line in lone_hangul(p.read_text(encoding="utf-8"))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('{% t "가입자" "Subscribers" %}', []),
        ('<p>{% t "{n}명" "{n} people" n=count %}</p>', []),
        ("<p>가입자</p>", [1]),
        ('{# 설명 #}\n{% t "가" "A" %} 나', [2]),
        ('<a title="가입">', [1]),
    ],
)
def test_the_search_for_lone_korean_finds_it(text: str, lines: list[int]) -> None:
    assert [n for n, _ in lone_hangul(text)] == lines


def test_nothing_that_the_policy_would_drop() -> None:
    """No style attribute, no inline script or style, no handler attribute, no address of another host."""
    wrong: list[str] = []
    for path in templates():
        text = COMMENT.sub("", path.read_text(encoding="utf-8"))
        for what, pattern in {
            "style attribute": r"<[^>]*\sstyle\s*=",
            "inline style": r"<style\b",
            "inline script": r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
            "handler attribute": r"<[^>]*\son[a-z]+\s*=",
            "foreign source": r"(?:src|href)\s*=\s*[\"'](?:https?:)?//",
        }.items():
            if path.suffix == ".svg" and what == "foreign source":
                continue
            if re.search(pattern, text, re.I):
                wrong.append(f"{at(path)}: {what}")
    assert not wrong, "\n".join(wrong)


def test_scripts_of_ours_need_no_eval() -> None:
    for path in SRC.rglob("static/**/*.js"):
        if "vendor" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function\(|\.style\.cssText|setAttribute\(\s*[\"']style", text), at(path)
