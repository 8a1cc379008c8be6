"""Points of a comparison, smallest first: 0 and 1 and 2, then at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from flint import fmpq
from sympy import Basic, Expr

from verify.balls.instances import SPARE, STYLES, Instance
from verify.balls.inventory import Inventory
from verify.balls.point import Point

SIZES = ((1, 1, 2, 3, 3, 2, 1, 4), (1, 1, 3, 2, 3, 1, 2, 2), (1, 1, 2, 3, 1, 3, 2, 2))
"""Row: one size symbol after another; column: one point after another."""
SMALL = [fmpq(*pair) for pair in (
    (1, 1), (2, 1), (1, 2), (3, 1), (1, 3), (3, 2), (3, 4), (5, 2), (1, 10),
)]  # fmt: skip
SPARED = [fmpq(n) for n in (0, 1, 2, 3, 4)]
MAGNITUDES = (fmpq(1), fmpq(1), fmpq(1, 30), fmpq(30), fmpq(3))
CUTS = (fmpq(1), fmpq(0), fmpq(1, 2), fmpq(-1), fmpq(2))
"""Two of them tell any two normal laws apart."""
LEVELS = (0, 0, -1, -2, -5, -10, -40)
RAISES = (0, 1, 3, 5)
VARIATIONS = 32
LOOKED, FEW = 100, 2
"""With so many points looked at, and a few found that meet the premises: content."""
HAND_MADE = 4
"""So many points are ordered by hand, the others drawn."""


def points(
    inventory: Inventory,
    bindings: Mapping[Expr, Expr],
    seed: int,
    count: int,
    admissible: Callable[[Point], bool] | None = None,
    tuned: Sequence[Basic] = (),
) -> Iterator[Point]:
    """Distinct points, the smallest first, at most `count` of them.

    admissible  whether the premises hold; where they do not, the levels of functions
                and the symbols `tuned`, which occur in premises, are varied
    """
    seen: set[str] = set()
    looked = 0
    for number in range(count):
        for variation in range(VARIATIONS if admissible else 1):
            looked += 1
            if looked > LOOKED and len(seen) >= FEW:
                return
            point = _point(inventory, bindings, seed, number, tuned, variation)
            if admissible is None or admissible(point):
                break
        else:
            continue
        shown = str(point)
        if shown not in seen:
            seen.add(shown)
            yield point


def _point(
    inventory: Inventory,
    bindings: Mapping[Expr, Expr],
    seed: int,
    number: int,
    tuned: Sequence[Basic],
    variation: int,
) -> Point:
    """The point of this number; variation 0 is the plain one."""
    rng = Random(f"{seed} {number} {variation}")
    groups = inventory.groups
    sizes = _sizes(inventory, groups, number)
    lengths = {label: min(sizes[s] for s in group) for label, group in groups.items()}
    integers = {s: sizes[s] for s in inventory.sizes}
    integers |= _indices(inventory, lengths, sizes, number, rng)
    tame = bool(inventory.functions) or inventory.curved
    numbers, vectors = _values(inventory, lengths, sizes, groups, number, rng, tame)
    if variation:
        for name in tuned:
            if name in numbers:
                numbers[name] = rng.choice(allowed(name, SMALL))
    return Point(
        integers, numbers, vectors, lengths,
        _functions(inventory, number, seed, variation, rng),
        {name: uses[0] for name, uses in inventory.functions.items()},
        dict.fromkeys(inventory.laws, 2 + number % 2),
        bindings, inventory.normal, _cut(inventory, number), seed + number,
    )  # fmt: skip


def _cut(inventory: Inventory, number: int) -> fmpq | None:
    return CUTS[number % len(CUTS)] if inventory.atomic else None


def _sizes(inventory: Inventory, groups: Mapping, number: int) -> dict[Basic, int]:
    names = dict.fromkeys((*inventory.sizes, *(s for g in groups.values() for s in g)))
    column = number % len(SIZES[0])
    return {name: SIZES[row % len(SIZES)][column] for row, name in enumerate(names)}


def _indices(
    inventory: Inventory, lengths: Mapping, sizes: Mapping, number: int, rng: Random
) -> dict[Basic, int]:
    found = {}
    for order, (index, labels) in enumerate(inventory.indices.items()):
        known = [lengths[label] for label in labels] or list(sizes.values()) or [3]
        last = min(known)
        if number >= HAND_MADE:
            found[index] = rng.randint(1, last)
        else:
            step = number // 2 if number % 2 == 0 else number + order
            found[index] = step % last + 1
    return found


def _values(
    inventory: Inventory, lengths: Mapping, sizes: Mapping, groups: Mapping,
    number: int, rng: Random, tame: bool,
) -> tuple[dict, dict]:  # fmt: skip
    names = (*inventory.scalars, *inventory.free)
    positive = [n for n in names if n.is_positive]
    mixed = 0 < len(positive) < len(names)
    numbers, vectors = {}, {}
    for order, name in enumerate(names):
        magnitude = fmpq(1) if tame else rng.choice(MAGNITUDES)

        def value(
            c: int, name: Basic = name, order: int = order, magnitude: fmpq = magnitude
        ) -> fmpq:
            if number < 2:
                return _first(name, number, mixed)
            if number < HAND_MADE:
                listed = allowed(name, SMALL[:-1])
                return listed[(c + 2 * order + number) % len(listed)]
            return _drawn(name, magnitude, rng)

        if name in inventory.free:
            last = max(lengths[name], *(sizes[s] for s in groups[name])) + SPARE
            spare = {i: value(i) for i in range(last + 1)}
            if number < 2:
                for i in (0, *range(lengths[name] + 1, last + 1)):
                    spare[i] = allowed(name, SMALL)[(i + 3) % len(allowed(name, SMALL))]
            vectors[name] = spare
        else:
            numbers[name] = value(0)
    return numbers, vectors


def _first(name: Basic, number: int, mixed: bool) -> fmpq:
    """0, or 1 where 0 is not allowed; then 2 for what must be positive, else 1."""
    listed = allowed(name, [fmpq(0), *SMALL])
    if number == 0 or (mixed and listed[0] == 0) or len(listed) == 1:
        return listed[0]
    return listed[1]


def allowed(name: Basic, listed: Sequence[fmpq]) -> list[fmpq]:
    """The numbers, and their opposites, that the assumptions on the symbol admit.

    Never empty: where none of the listed is admitted, the first small number that is.
    """
    return admitted(name, listed) or admitted(name, SPARED)[:1] or [fmpq(0)]


def admitted(name: Basic, listed: Sequence[fmpq]) -> list[fmpq]:
    """The numbers, and their opposites, that the assumptions on the symbol admit."""
    integer = name.is_integer
    found = []
    for x in listed:
        for y in (x, -x) if x != 0 else (x,):
            if integer and (y.q != 1 or (name.is_even and y.p % 2)):
                continue
            if name.is_odd and not y.p % 2:
                continue
            if (y > 0 and name.is_nonpositive) or (y < 0 and name.is_nonnegative):
                continue
            if (y > 0 and name.is_negative) or (y < 0 and name.is_positive):
                continue
            if y == 0 and (name.is_nonzero or name.is_zero is False):
                continue
            found.append(y)
    return found


def _drawn(name: Basic, magnitude: fmpq, rng: Random) -> fmpq:
    if name.is_integer:
        return rng.choice(allowed(name, [fmpq(n) for n in range(6)]))
    most = 60 if magnitude != 1 else 20
    size = fmpq(rng.randint(1, most), rng.choice((7, 11, 13, 17, 20))) * magnitude
    if rng.random() < 0.1:
        size = fmpq(1) + fmpq(rng.choice((0, 1, -1)), 50)
    return rng.choice(allowed(name, [size]))


def _functions(
    inventory: Inventory, number: int, seed: int, variation: int, rng: Random
) -> dict[str, Instance]:
    styles = STYLES if inventory.atomic or not inventory.averages else STYLES[:3]
    found = {}
    level = rng.choice(LEVELS) if variation else 0
    for name, uses in inventory.functions.items():
        sign = _sign(uses[0])
        own = (rng.choice(RAISES) if sign else level) if variation else 0
        style = styles[min(number, len(styles) - 1)]
        found[name] = Instance(name, style, seed + number, fmpq(own), sign)
    return found


def _sign(applied: Basic) -> int:
    """1 or -1 where the values of the function must have that sign, else 0."""
    if applied.is_nonnegative:
        return 1
    return -1 if applied.is_nonpositive else 0
