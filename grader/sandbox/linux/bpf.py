"""An assembler for the small programs by which seccomp judges a system call; `linux/filter.h`, `linux/bpf_common.h`.

A program loads a 32-bit word, compares it, and returns a verdict. It only jumps forward, so it always ends.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

_LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
_JUMP = 0x05  # BPF_JMP | BPF_JA
_JUMP_IF_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_IF_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

_LONGEST_CONDITIONAL = 255
"""A conditional jump has 8 bits for its distance, a plain one 32."""
_MOST_INSTRUCTIONS = 4096
"""`BPF_MAXINSNS`."""


@dataclass(frozen=True, slots=True)
class Label:
    """A place to jump to; it takes no room."""

    name: str


@dataclass(frozen=True, slots=True)
class Instruction:
    """One step, 8 bytes of the program."""

    code: int
    value: int = 0
    to: str | None = None
    """The label it jumps to; a conditional one goes on with the next step where the condition does not hold."""


Line: TypeAlias = Label | Instruction


def load(offset: int) -> Instruction:
    """Return the step that loads the word at an offset of what is judged."""
    return Instruction(_LOAD_WORD, offset)


def mask(value: int) -> Instruction:
    """Return the step that keeps of the loaded word the bits that `value` has too."""
    return Instruction(_AND, value)


def jump(to: str) -> Instruction:
    """Return the step that goes on at a label."""
    return Instruction(_JUMP, 0, to)


def if_equal(value: int, to: str) -> Instruction:
    """Return the step that goes on at a label when the word is `value`."""
    return Instruction(_JUMP_IF_EQUAL, value, to)


def if_at_least(value: int, to: str) -> Instruction:
    """Return the step that goes on at a label when the word, without sign, is `value` or more."""
    return Instruction(_JUMP_IF_AT_LEAST, value, to)


def answer(value: int) -> Instruction:
    """Return the step that ends the program with a verdict."""
    return Instruction(_RETURN, value)


def assemble(lines: Iterable[Line]) -> bytes:
    """Translate a program for the kernel.

    Parameters
    ----------
    lines : iterable of Label or Instruction
        Each label stands after all jumps to it.

    Returns
    -------
    bytes
        `struct sock_filter` for each instruction.

    Raises
    ------
    ValueError
        For an unknown or repeated label, a jump that goes back or too far, or a program that is too long.
    """
    places: dict[str, int] = {}
    instructions: list[Instruction] = []
    for line in lines:
        if isinstance(line, Instruction):
            instructions.append(line)
        elif line.name in places:
            raise ValueError(f"the label {line.name!r} stands twice")
        else:
            places[line.name] = len(instructions)
    if len(instructions) > _MOST_INSTRUCTIONS:
        raise ValueError(f"{len(instructions)} instructions, more than {_MOST_INSTRUCTIONS}")
    return b"".join(_encode(step, place, places) for place, step in enumerate(instructions))


def _encode(step: Instruction, place: int, places: dict[str, int]) -> bytes:
    if step.to is None:
        return struct.pack("=HBBI", step.code, 0, 0, step.value)
    if step.to not in places:
        raise ValueError(f"there is no label {step.to!r}")
    distance = places[step.to] - (place + 1)
    if distance < 0:
        raise ValueError(f"the jump to {step.to!r} goes back")
    if step.code == _JUMP:
        return struct.pack("=HBBI", step.code, 0, 0, distance)
    if distance > _LONGEST_CONDITIONAL:
        raise ValueError(f"the jump to {step.to!r} goes over {distance} instructions")
    return struct.pack("=HBBI", step.code, distance, 0, step.value)
