"""The errors that students make in a side of a formula, as changes of its text; what they are worth is not known here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BRACKET = r"\((?:[^()]|\([^()]*\))*\)"
_FRACTION = r"\\frac\{\\delta (?:L|\\mathcal\{L\}|\\hat\{y\}|[zh]_\d)\}\{\\delta (?:\\hat\{y\}|[zh]_\d|\\omega_[012s])\}"
_WEIGHT = r"\\omega_(?:\{[012s]\}|[012s])"
_FACTOR = re.compile(rf"{_FRACTION}|sign{_BRACKET}|u{_BRACKET}|{_WEIGHT}|h_(?:\{{[01]\}}|[01])|x(?:_1)?")
_NUMBER = re.compile(r"\d+\.\d+")
_BINARY = re.compile(r"(?<=[\w})]) ?([-+]) ?")
_EXCHANGES = (
    (r"\\omega_\{?0\}?", (r"\omega_1", r"\omega_s")),
    (r"\\omega_\{?1\}?", (r"\omega_2", r"\omega_0")),
    (r"\\omega_\{?2\}?", (r"\omega_s", r"\omega_1")),
    (r"\\omega_\{?s\}?", (r"\omega_2", r"\omega_0")),
    (r"h_\{?0\}?", ("h_1", "x")),
    (r"h_\{?1\}?", ("h_0", "z_1")),
    (r"z_\{?0\}?", ("z_1", "h_1")),
    (r"z_\{?1\}?", ("z_2", "z_0")),
    (r"z_\{?2\}?", ("z_1", "h_1")),
    (r"x(?:_1)?(?![\w}])", ("y",)),
    (r"(?<![{\w])y(?:_1)?(?=[ -])", ("x",)),
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """An error in a side."""

    what: str
    side: str
    slips: frozenset[str]
    """Names that are right for it."""


def _change(what: str, side: str, *slips: str) -> Change:
    return Change(what=what, side=side, slips=frozenset(slips))


def changes(side: str, quantity: str) -> Iterator[Change]:
    """Yield what can go wrong in a side.

    Parameters
    ----------
    side : str
        In the notation of the document.
    quantity : str
        `z0`, `dL/dz0` or `w0_new`: the same error has other names in a value, a gradient and an update.

    Yields
    ------
    Change
        Of which some keep the value, or make no formula.
    """
    if quantity.endswith("_new"):
        yield from _of_updates(side)
    else:
        yield from _signs(side)
        yield from _left_out(side, is_gradient=quantity.startswith("d"))
        yield from _exchanged(side, is_gradient=quantity.startswith("d"))
        yield from _functions(side)
    yield from _constants(side)
    yield from _digits(side)


def _without(side: str, start: int, end: int) -> str:
    """Leave a piece out, with the dot that joined it."""
    before, after = side[:start], side[end:]
    if re.match(r"\s*\\cdot", after):
        after = re.sub(r"^\s*\\cdot\s*", "", after)
    else:
        before = re.sub(r"\s*\\cdot\s*$", "", before)
    return (before + after).strip()


def _signs(side: str) -> Iterator[Change]:
    flipped = side[1:] if side.startswith("-") else f"-{side}"
    yield _change("sign flipped", flipped, "sign-flipped")
    for match in _BINARY.finditer(side):
        other = "+" if match[1] == "-" else "-"
        yield _change(
            f"{other} for {match[1]} at {match.start(1)}",
            side[: match.start(1)] + other + side[match.end(1) :],
            *("sign-flipped", "wrong-loss"),
        )
    turned = re.sub(r"(sign)\((y(?:_1)?) ?- ?(\\hat\{y\})\)", r"\1(\3 - \2)", side, count=1)
    yield _change("difference turned round", turned, "sign-flipped")


def _left_out(side: str, *, is_gradient: bool) -> Iterator[Change]:
    for match in _FACTOR.finditer(side):
        names = (
            ["derivative-missing", "factor-missing"]
            if match[0].startswith(("u(", "sign", r"\frac"))
            else ["factor-missing"]
            if is_gradient
            else ["factor-missing", "wrong-operand"]
        )
        yield _change(
            f"{match[0]} at {match.start()} left out", _without(side, match.start(), match.end()), *names
        )
    bracket = re.search(r"\((\\omega_2 u\(z_1\)\\omega_1) \+ (\\omega_s)\)", side)
    if bracket:
        for kept in bracket.groups():
            yield _change(f"only {kept} of the bracket", side.replace(bracket[0], kept), "path-dropped")
    terms = re.split(r" \+ ", side) if "(" not in side else []
    for number in range(len(terms) if len(terms) > 1 else 0):
        kept = " + ".join(terms[:number] + terms[number + 1 :])
        yield _change(f"without summand {number + 1}", kept, "path-dropped")


def _exchanged(side: str, *, is_gradient: bool) -> Iterator[Change]:
    names = (
        ["wrong-factor", "derivative-misplaced", "derivative-missing"] if is_gradient else ["wrong-operand"]
    )
    for pattern, others in _EXCHANGES:
        for match in re.finditer(pattern, side):
            for other in others:
                spoilt = side[: match.start()] + other + side[match.end() :]
                mask = side[: match.start()].endswith("u(")
                yield _change(
                    f"{other} for {match[0]} at {match.start()}",
                    spoilt,
                    *(["derivative-misplaced"] if mask else names),
                )


def _functions(side: str) -> Iterator[Change]:
    relu = re.search(r"(?:ReLU|g_\{?[01]\}?)\((z_\{?[01]\}?)\)", side)
    if relu:
        yield _change("without ReLU", side.replace(relu[0], relu[1]), "activation-missing")
        yield _change(
            "step for ReLU", side.replace(relu[0], f"u({relu[1]})"), "activation-missing", "wrong-operand"
        )
    for match in re.finditer(r"u\((z_[01])\)", side):
        before, after = side[: match.start()], side[match.end() :]
        name = match[1]
        yield _change(
            f"ReLU for step at {match.start()}", f"{before}ReLU({name}){after}", "value-for-derivative"
        )
        yield _change(
            f"step of a weight at {match.start()}", rf"{before}u(\omega_2){after}", "derivative-misplaced"
        )
    for match in re.finditer(r"sign(\([^()]*\))", side):
        before, after = side[: match.start()], side[match.end() :]
        yield _change(
            f"no sign at {match.start()}",
            f"{before}{match[1]}{after}",
            *("wrong-loss", "derivative-missing", "value-for-derivative"),
        )
    bars = re.fullmatch(r"\|([^|]*)\|", side)
    if bars:
        yield _change("without bars", f"({bars[1]})", "activation-missing", "wrong-loss")


def _constants(side: str) -> Iterator[Change]:
    sign, rest = ("-", side[1:]) if side.startswith("-") else ("", side)
    if re.fullmatch(r"[\d.]+", rest) or re.search(r"[^(\w}] ?[-+] ", rest):
        return
    if re.search(r"(?<=[\w}) ])[-+] ", rest) and not rest.startswith("|"):
        rest = f"({rest})"
    yield _change("twice as much", f"{sign}2 {_dotted(rest)}", "scaled")
    yield _change("half as much", f"{sign}0.5 {_dotted(rest)}", "scaled", "wrong-factor")


def _dotted(rest: str) -> str:
    """Set a dot before a number, so that it does not run into the one before it."""
    return rf"\cdot {rest}" if rest[0].isdigit() else rest


def _digits(side: str) -> Iterator[Change]:
    names = ("unexplained", "scaled", "wrong-factor", "miscalculated")
    for match in _NUMBER.finditer(side):
        number = match[0]
        # The first and the second digit that says something: 0.375 becomes 0.475 and 0.385.
        first = next(index for index, sign in enumerate(number) if sign in "123456789")
        second = next((index for index in range(first + 1, len(number)) if number[index] != "."), None)
        wrong = [number[:first] + str((int(number[first]) + 1) % 10) + number[first + 1 :]]
        if second is None:
            wrong.append(f"{number}2")
        else:
            wrong.append(number[:second] + str((int(number[second]) + 1) % 10) + number[second + 1 :])
        for other in wrong:
            yield _change(
                f"{other} for {number} at {match.start()}",
                side[: match.start()] + other + side[match.end() :],
                *names,
            )


def _of_updates(side: str) -> Iterator[Change]:
    match = re.fullmatch(
        r"(\\omega_(.)) - (\\alpha) (\\frac\{\\delta \\mathcal\{L\}\}\{\\delta )\\omega_.\}", side
    )
    if match is None:
        yield from _of_update_numbers(side)
        return
    weight, own, rate, derivative = match.groups()
    other = "s" if own != "s" else "2"
    gradient = rf"{derivative}\omega_{own}}}"
    yield _change("+ for -", f"{weight} + {rate} {gradient}", "ascent", "sign-flipped")
    yield _change("without the rate", f"{weight} - {gradient}", "rate-missing", "factor-missing")
    yield _change("with the rate twice", f"{weight} - {rate} {rate} {gradient}", "rate-twice", "wrong-factor")
    yield _change("without the weight", f"-{rate} {gradient}", "weight-missing", "path-dropped")
    yield _change("without the step", weight, "step-missing", "path-dropped")
    yield _change(
        "another gradient",
        rf"{weight} - {rate} {derivative}\omega_{other}}}",
        "wrong-factor",
        "wrong-operand",
    )
    yield _change("another weight", rf"\omega_{other} - {rate} {gradient}", "wrong-operand", "wrong-factor")


def _of_update_numbers(side: str) -> Iterator[Change]:
    if " - " in side:
        yield _change("+ for -", side.replace(" - ", " + "), "ascent", "sign-flipped")
    elif side != "0":
        flipped = side[1:] if side.startswith("-") else f"-{side}"
        yield _change("sign flipped", flipped, "sign-flipped", "ascent", "unexplained", "miscalculated")
    else:
        yield _change("another number", "0.5", "step-missing", "unexplained", "miscalculated")
        yield _change("a little more", "0.05", "unexplained", "miscalculated")
