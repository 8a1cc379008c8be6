"""Shrink: from a point at which a claim fails, to one that a reader can check by hand.

As Hypothesis does: try simpler values, one name at a time, and keep what still fails.
Reference: MacIver and Donaldson, "Test-case reduction via test-case generation", 2020.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from flint import fmpq
from sympy import Basic

from verify.balls.instances import STYLES, Instance
from verify.balls.inventory import Inventory
from verify.balls.point import Point
from verify.balls.search import admitted

EFFORT = 40
"""So many points are tried at most."""
SIMPLE = [fmpq(0), fmpq(1), fmpq(2), fmpq(1, 2), fmpq(-1), fmpq(-2), fmpq(3)]

Found = TypeVar("Found")


def shrunk(
    point: Point,
    found: Found,
    inventory: Inventory,
    fails: Callable[[Point], Found | None],
) -> tuple[Point, Found]:
    """The simplest point found at which the claim still fails, and what was found.

    fails   what refutes the claim at a point that meets the premises, else None
    """
    effort = EFFORT
    again = True
    while again:
        again = False
        for simpler in _simpler(point, inventory):
            if not effort:
                return point, found
            effort -= 1
            refutation = fails(simpler)
            if refutation is not None:
                point, found, again = simpler, refutation, True
                break
    return point, found


def _simpler(point: Point, inventory: Inventory) -> Iterator[Point]:
    """Points with one thing simpler, what simplifies most first."""
    for group in dict.fromkeys(inventory.groups.values()):
        for size in group:
            yield from _with_size(point, inventory, size)
    for size in inventory.sizes:
        if size not in point.lengths and not _grouped(size, inventory):
            yield from _with_size(point, inventory, size)
    for name, instance in point.functions.items():
        for simpler in _instances(instance):
            yield replace(point, functions={**point.functions, name: simpler})
    for index, value in point.integers.items():
        if index in inventory.indices and value > 1:
            yield replace(point, integers={**point.integers, index: 1})
    for name, number in point.numbers.items():
        for value in _values(name, number):
            yield replace(point, numbers={**point.numbers, name: value})
    for name, vector in point.vectors.items():
        for i in range(1, point.lengths[name] + 1):
            for value in _values(name, vector[i]):
                changed = {**vector, i: value}
                yield replace(point, vectors={**point.vectors, name: changed})


def _grouped(size: Basic, inventory: Inventory) -> bool:
    return any(size in group for group in inventory.groups.values())


def _with_size(point: Point, inventory: Inventory, size: Basic) -> Iterator[Point]:
    """The point with fewer coordinates, or terms, of one size."""
    labels = [label for label, group in inventory.groups.items() if size in group]
    own = {label: point.lengths[label] for label in labels}
    before = point.integers.get(size, max(own.values(), default=1))
    for value in range(1, before):
        lengths = {label: min(length, value) for label, length in own.items()}
        merged = {**point.lengths, **lengths}
        integers = dict(point.integers)
        if size in integers:
            integers[size] = value
        for index, bases in inventory.indices.items():
            last = min((merged[b] for b in bases), default=value)
            if index in integers:
                integers[index] = min(integers[index], last)
        yield replace(point, integers=integers, lengths=merged)


def _instances(instance: Instance) -> Iterator[Instance]:
    if instance.level != 0:
        yield replace(instance, level=fmpq(0), drawn={})
    for style in STYLES[: STYLES.index(instance.style)]:
        yield replace(instance, style=style, drawn={})


def _values(name: Basic, number: fmpq) -> Iterator[fmpq]:
    for value in SIMPLE:
        if value == number:
            return
        if value in admitted(name, [abs(value)]):
            yield value
