"""What a browser and a Markdown renderer make of a report: structure and text, read by independent parsers."""

from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

_TEXT_TOKENS = {"text", "text_special", "code_inline"}


class Page(HTMLParser):
    """Tags with their attributes in order, and all text outside `style`."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self.comments = 0
        self._in_style = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments += len(data) + 1

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every tag of a name."""
        return [dict(attrs) for name, attrs in self.tags if name == tag]


def markdown_tokens(markdown: str) -> list[Token]:
    """All block and inline tokens, flat."""
    blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    flat = []
    for block in blocks:
        flat.append(block)
        flat.extend(block.children or [])
    return flat


def markdown_structure(markdown: str) -> list[str]:
    """Token types in order, without those that hold plain text or code inside a line."""
    return [token.type for token in markdown_tokens(markdown) if token.type not in _TEXT_TOKENS]


def markdown_text(markdown: str) -> str:
    """All text that a reader sees."""
    shown = {*_TEXT_TOKENS, "fence"}
    return "\n".join(token.content for token in markdown_tokens(markdown) if token.type in shown)
