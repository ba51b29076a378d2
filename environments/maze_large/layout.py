"""The large maze, its ten tasks, and where its cells lie.

Source: the QMP reference (arXiv 2302.00671, clvrai/qmp@278a76b, `large_10t_train_goals.csv`) on
D4RL's LARGE_MAZE. A place (row, column) of the layout is the position x = row, y = column: x runs
down the page and y to the right. D4RL puts the boxes of the walls .2 before that in both
directions, so that a place lies .2 beyond the middle of its cell; this decides how near the walls
the starts and goals are, and is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

LAYOUT: tuple[str, ...] = (
    "############",
    "#OOOO#OOOOO#",
    "#O##O#O#O#O#",
    "#OOOOOO#OOO#",
    "#O####O###O#",
    "#OO#O#OOOOO#",
    "##O#O#O#O###",
    "#OO#OOO#OGO#",
    "############",
)
"""9 rows of 12 cells: `#` wall; `O`, and D4RL's own goal `G`, free."""

HORIZON = 600
GOAL_RADIUS = 0.5
"""A goal is reached where the distance is at most this (m)."""
WALL_HALF_WIDTH = 0.5
CELL_OFFSET = -0.2
"""Middle of a cell less its (row, column)."""

Place = tuple[int, int]
"""Row and column."""


@dataclass(frozen=True, kw_only=True)
class MazeTask:
    """A way from a start to a goal."""

    start: Place
    goal: Place

    @property
    def name(self) -> str:
        """Unique in the task set: rows and columns of start and goal."""
        return "{}-{}-to-{}-{}".format(*self.start, *self.goal)


TASKS: tuple[MazeTask, ...] = (
    MazeTask(start=(1, 3), goal=(5, 8)),
    MazeTask(start=(1, 10), goal=(2, 4)),
    MazeTask(start=(4, 1), goal=(1, 7)),
    MazeTask(start=(7, 4), goal=(4, 10)),
    MazeTask(start=(1, 3), goal=(7, 4)),
    MazeTask(start=(1, 7), goal=(7, 10)),
    MazeTask(start=(5, 4), goal=(7, 9)),
    MazeTask(start=(7, 1), goal=(2, 6)),
    MazeTask(start=(1, 2), goal=(3, 10)),
    MazeTask(start=(7, 2), goal=(6, 8)),
)


def is_wall(place: Place) -> bool:
    """Return whether the cell is a wall."""
    row, column = place
    return LAYOUT[row][column] == "#"


def walls() -> list[Place]:
    """Return the cells that are walls, row by row."""
    places = [(row, column) for row, line in enumerate(LAYOUT) for column in range(len(line))]
    return [place for place in places if is_wall(place)]
