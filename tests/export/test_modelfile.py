"""What Ollama is told of a model."""

from __future__ import annotations

from polylsp.export.modelfile import text
from polylsp.prompt.layout import Layout


def test_a_prompt_goes_to_the_model_as_it_is() -> None:
    said = text(Layout("<|endoftext|>", ("<|endoftext|>",)), 2048).splitlines()
    assert said[0] == "FROM ./model.gguf"
    assert 'TEMPLATE """{{ .Prompt }}"""' in said
    assert "PARAMETER num_ctx 2048" in said
    assert "PARAMETER temperature 0" in said
    assert 'PARAMETER stop "<|endoftext|>"' in said


def test_a_model_that_fills_is_shown_the_suffix_first() -> None:
    layout = Layout("<e>", ("<e>",), None, "<s>", "<p>")
    wanted = "{{ if .Suffix }}<s>{{ .Suffix }}<p>{{ .Prompt }}{{ else }}{{ .Prompt }}{{ end }}"
    assert f'TEMPLATE """{wanted}"""' in text(layout, 512)
