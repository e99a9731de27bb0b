"""Colours: a calm dark page; ghost text is the one thing on it in italics."""

from __future__ import annotations

from rich.style import Style
from textual.widgets.text_area import TextAreaTheme

_WORDS, _NAMES, _TEXTS, _NUMBERS = "#b48ead", "#88b4d8", "#a3be8c", "#d0a987"
_REMARKS, _TYPES = "#7a8494", "#d8c08a"

THEME = TextAreaTheme(
    "polylsp",
    syntax_styles={
        **dict.fromkeys(
            ("keyword", "keyword.function", "keyword.return", "keyword.operator", "conditional"),
            Style(color=_WORDS),
        ),
        **dict.fromkeys(("repeat", "include", "exception"), Style(color=_WORDS)),
        **dict.fromkeys(("function", "function.call", "method"), Style(color=_NAMES)),
        **dict.fromkeys(("function.method", "method.call"), Style(color=_NAMES)),
        **dict.fromkeys(("type", "type.builtin", "class", "type.class"), Style(color=_TYPES)),
        **dict.fromkeys(("string", "string.documentation"), Style(color=_TEXTS)),
        **dict.fromkeys(("number", "boolean", "constant.builtin", "float"), Style(color=_NUMBERS)),
        "comment": Style(color=_REMARKS),
    },
)

SHEET = """
Screen { background: #1b1f27; color: #d5dae3; }
#title { height: 1; padding: 0 1; background: #232936; color: #98a2b3; text-wrap: nowrap; }
#work { height: 1fr; layout: horizontal; }
#work.narrow { layout: vertical; }
Code, Code:focus {
    border: none; padding: 1 0 0 0; background: #1b1f27; color: #d5dae3;
    scrollbar-size: 0 1; scrollbar-color: #333b4a; scrollbar-background: #1b1f27;
    & .text-area--suggestion { color: #8b93a3; background: #222834; text-style: italic; }
    & .text-area--cursor-line { background: #222834; }
    & .text-area--gutter { color: #465062; }
    & .text-area--cursor-gutter { color: #98a2b3; background: #222834; }
    & .text-area--cursor { color: #1b1f27; background: #d5dae3; }
    & .text-area--selection { background: #36435a; }
}
#panel { display: none; width: 45%; padding: 1 2; background: #20252f; }
.narrow #panel { width: 100%; height: 45%; layout: horizontal; }
#panel.open { display: block; }
#counters { color: #98a2b3; margin: 0 0 1 0; height: auto; }
.narrow #counters { width: 40; margin: 0 2 0 0; }
#model { height: 1fr; width: 1fr; }
#given { color: #88b4d8; margin: 0 0 1 0; height: auto; }
#sight {
    height: 1fr; color: #98a2b3;
    scrollbar-size: 0 1; scrollbar-color: #333b4a; scrollbar-background: #20252f;
}
#status { height: 1; padding: 0 1; background: #232936; text-wrap: nowrap; text-overflow: ellipsis; }
#keys { height: 1; padding: 0 1; color: #7a8494; text-wrap: nowrap; text-overflow: clip; }
"""
