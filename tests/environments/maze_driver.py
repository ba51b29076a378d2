"""A driver through the maze: the shortest way over the cells, and a force after the velocity."""

import itertools
from collections import deque

import numpy as np

from environments.maze_large.layout import LAYOUT, Place

MIDDLE = -0.2
"""Middle of a cell less its (row, column)."""


def way(start: Place, goal: Place) -> list[Place]:
    """The cells from start to goal, both included, by breadth-first search."""
    before: dict[Place, Place] = {start: start}
    waiting = deque([start])
    while goal not in before:
        row, column = cell = waiting.popleft()
        for neighbour in (
            (row + 1, column),
            (row - 1, column),
            (row, column + 1),
            (row, column - 1),
        ):
            if LAYOUT[neighbour[0]][neighbour[1]] != "#" and neighbour not in before:
                before[neighbour] = cell
                waiting.append(neighbour)
    cells = [goal]
    while cells[-1] != start:
        cells.append(before[cells[-1]])
    return cells[::-1]


def corners(cells: list[Place]) -> list[Place]:
    """Where the way turns, and its end."""
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(cells)]
    turns = [cells[n + 1] for n in range(len(steps) - 1) if steps[n] != steps[n + 1]]
    return [*turns, cells[-1]]


class Driver:
    """From corner to corner: a speed that can still brake, and a force that reaches it."""

    def __init__(self, start: Place, goal: Place) -> None:
        self.targets = [np.array(c) + MIDDLE for c in corners(way(start, goal))[:-1]]
        self.targets.append(np.array(goal, dtype=float))

    def action(self, observation: np.ndarray) -> np.ndarray:
        position, velocity = observation[:2], observation[2:]
        if len(self.targets) > 1 and np.abs(self.targets[0] - position).max() < 0.15:
            self.targets.pop(0)
        ahead = self.targets[0] - position
        speed = np.minimum(np.minimum(4.8, np.sqrt(36 * np.abs(ahead))), 12 * np.abs(ahead))
        force = 3.0 * (np.sign(ahead) * speed - velocity)
        return np.clip(force, -1, 1)
