"""What is told to the server. How it answers is tested on the screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from polylsp.demo.session import edit

TEXTS = some.text("ab\n😀", max_size=12)


@given(old=TEXTS, new=TEXTS, data=some.data())
def test_an_edit_makes_the_new_text_of_the_old(old: str, new: str, data: some.DataObject) -> None:
    cursor = data.draw(some.integers(0, len(new)))
    start, end, put = edit(old, new, cursor)
    assert 0 <= start <= end <= len(old)
    assert old[:start] + put + old[end:] == new


@given(before=TEXTS, put=TEXTS, behind=TEXTS)
def test_what_was_typed_is_told_where_it_was_typed(before: str, put: str, behind: str) -> None:
    typed = edit(before + behind, before + put + behind, len(before + put))
    assert typed == (len(before), len(before), put)
    deleted = edit(before + put + behind, before + behind, len(before))
    assert deleted == (len(before), len(before + put), "")
