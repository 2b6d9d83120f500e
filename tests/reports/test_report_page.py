"""The pages can be read: landmarks, headers, contrast, shapes and words beside colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from parsed import Page
from samples import all_correct, derived, raised, sign_flipped

import grader.reports
from grader.model import Verdict
from grader.reports.class_rows import ClassRow, class_row
from grader.reports.course import class_html
from grader.reports.student import student_html
from grader.reports.view import public_view

CSS = (Path(grader.reports.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")


def rows() -> list[ClassRow]:
    made = {"alice": sign_flipped(), "ben": all_correct(student="ben"), "eve": raised(student="eve")}
    return [class_row(name, grade) for name, grade in made.items()]


PAGES = {
    "student": student_html(public_view(sign_flipped())),
    "derivation": student_html(public_view(derived())),
    "class": class_html(rows(), assignment="skip_network"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_landmarks_one_title_a_language_and_a_viewport(name: str) -> None:
    page = Page(PAGES[name])
    tags = [tag for tag, _ in page.tags]
    assert [tags.count(tag) for tag in ("header", "main", "footer", "h1", "title")] == [1, 1, 1, 1, 1]
    assert page.named("html")[0]["lang"] == "en"
    assert any(meta.get("name") == "viewport" for meta in page.named("meta"))


@pytest.mark.parametrize("name", PAGES)
def test_every_tag_that_opens_closes_in_order(name: str) -> None:
    void = {"meta", "use", "path", "circle", "br", "col", "input"}
    open_tags: list[str] = []
    for tag, _ in Page(PAGES[name]).tags:
        if tag.startswith("/"):
            if tag[1:] not in void:
                assert open_tags.pop() == tag[1:]
        elif tag not in void:
            open_tags.append(tag)
    assert open_tags == []


@pytest.mark.parametrize("name", PAGES)
def test_every_table_header_has_a_scope_and_every_table_a_caption(name: str) -> None:
    page = Page(PAGES[name])
    assert page.named("th")
    assert all(header.get("scope") in ("row", "col", "rowgroup") for header in page.named("th"))
    assert len(page.named("caption")) == len(page.named("table"))


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique(name: str) -> None:
    ids = [attributes["id"] for _, attrs in Page(PAGES[name]).tags if "id" in (attributes := dict(attrs))]
    assert len(ids) == len(set(ids))


def test_every_verdict_has_a_word_and_a_shape() -> None:
    page = Page(PAGES["student"])
    shapes = {attributes["id"] for attributes in page.named("symbol")}
    for verdict in Verdict:
        assert f"v-{verdict.value}" in shapes
        assert verdict.value in page.text


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.1."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes() -> list[dict[str, str]]:
    blocks: list[str] = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks]


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark", "print"])
def test_every_text_colour_meets_aa(palette: dict[str, str]) -> None:
    pairs = [
        (text, ground)
        for text in ("text", "muted", "link")
        for ground in ("page", "card", "sunken", "wrong-bg")
    ]
    pairs += [(verdict.value, f"{verdict.value}-bg") for verdict in Verdict]
    pairs += [("wrong", "card"), ("wrong", "wrong-bg")]
    for text, ground in pairs:
        assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)


def test_there_are_palettes_for_light_dark_and_print() -> None:
    assert len(palettes()) == 3
