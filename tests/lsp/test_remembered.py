"""What is answered from memory: at once, whatever the model is at, and whatever happens in other documents."""

from __future__ import annotations

from pathlib import Path

from tests.lsp.test_server import Stop
from tests.lsp.wire import END, SAID, SOURCE, Wire, asynchronous, scripted

OTHER = "file:///code/b.py"


@asynchronous
async def test_a_remembered_answer_does_not_wait_for_the_model(tmp_path: Path) -> None:
    weights, load = scripted(tmp_path)
    client = await Wire(load).ready()
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]
    stop = Stop(weights, weights.passes + 2)
    client.open("other(", OTHER)
    waiting = client.inline(*END, uri=OTHER)
    await stop.there()
    assert await client.texts(*END) == [SAID]
    client.type(SAID[0], *END)
    assert await client.texts(0, END[1] + 1) == [SAID[1:]]
    assert not waiting.done()
    stop.go.set()
    assert (await waiting)["items"]


@asynchronous
async def test_what_happens_in_other_documents_makes_nothing_forgotten(tmp_path: Path) -> None:
    weights, load = scripted(tmp_path)
    client = await Wire(load).ready({"engine": {"ahead": False}})
    client.open("x = 1\n", OTHER)
    client.open(SOURCE)
    assert await client.texts(*END) == [SAID]
    passes = weights.passes
    client.change("x = 2\n", OTHER)
    client.open("y = 1\n", "file:///code/c.py")
    assert await client.texts(*END) == [SAID]
    client.close_document(OTHER)
    assert await client.texts(*END) == [SAID]
    assert weights.passes == passes


@asynchronous
async def test_indentation_by_tabs_comes_as_the_model_says_it(tmp_path: Path) -> None:
    """From the model, and from memory when the first of it is typed."""
    body = "\tif n > 0 {\n\t\treturn n\n\t}\n}"
    _, load = scripted(tmp_path, body + "\n")
    client = await Wire(load).ready()
    uri = "file:///code/a.go"
    client.open("func size(n int) int {\n", uri, "go")
    assert await client.texts(1, 0, uri=uri, trigger=1) == [body]
    client.type("\t", 1, 0, uri)
    assert await client.texts(1, 1, uri=uri) == [body[1:]]
