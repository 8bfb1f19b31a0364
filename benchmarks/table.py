"""What a measurement found, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_HEADINGS = ("measurement", "value", "aim", "floor", "ratio", "ok/miss")


@dataclass(frozen=True, slots=True)
class Aim:
    """A bound that the value keeps: `at_most`, else at least."""

    bound: float
    at_most: bool

    def met(self, value: float) -> bool:
        return value <= self.bound if self.at_most else value >= self.bound


def at_least(bound: float) -> Aim:
    return Aim(bound, at_most=False)


def at_most(bound: float) -> Aim:
    return Aim(bound, at_most=True)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `floor`: the same asked of the bare minimum in the same run."""

    name: str
    value: float
    unit: str
    aim: Aim | None = None
    floor: float | None = None
    detail: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "ok": self.aim.met(self.value) if self.aim else None}


def render(rows: Sequence[Row]) -> str:
    """The table, and below it what the values are made of."""
    cells = [_HEADINGS, *[_cells(row) for row in rows]]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADINGS))]
    cells.insert(1, tuple("-" * width for width in widths))
    lines = ["  ".join(_aligned(line, widths)).rstrip() for line in cells]
    details = [f"  {row.name}: {row.detail}" for row in rows if row.detail]
    return "\n".join([*lines, *(["", "Details"] if details else []), *details])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        _quantity(row.value, row.unit),
        f"{'<=' if row.aim.at_most else '>='} {_quantity(row.aim.bound, row.unit)}" if row.aim else "",
        _quantity(row.floor, row.unit) if row.floor is not None else "",
        f"{row.ratio:.2f}" if row.ratio is not None else "",
        ("ok" if row.aim.met(row.value) else "miss") if row.aim else "",
    )


def _quantity(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
    return f"{number} {unit}".rstrip()


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = [
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return [first, *others]
