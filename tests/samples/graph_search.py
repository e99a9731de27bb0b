"""Shortest paths in weighted graphs: breadth first, Dijkstra and A*."""

from __future__ import annotations

import argparse
import heapq
import json
import math
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


class GraphError(Exception):
    """A graph, or a question about it, makes no sense."""


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    weight: float = 1.0

    def reversed(self) -> Edge:
        return Edge(self.target, self.source, self.weight)


@dataclass
class Graph:
    """A directed graph; edges both ways make an undirected one of it."""

    edges: dict[str, list[Edge]] = field(default_factory=lambda: defaultdict(list))

    def __len__(self) -> int:
        return len(self.nodes())

    def add(self, edge: Edge, both_ways: bool = False) -> None:
        if edge.weight < 0:
            raise GraphError(f"negative weight: {edge}")
        self.edges[edge.source].append(edge)
        if both_ways:
            self.edges[edge.target].append(edge.reversed())

    def nodes(self) -> set[str]:
        found = set(self.edges)
        for edges in self.edges.values():
            for edge in edges:
                found.add(edge.target)
        return found

    def neighbours(self, node: str) -> Iterator[Edge]:
        yield from self.edges.get(node, [])


def load(path: Path) -> Graph:
    """Read a JSON list of [source, target, weight]."""
    graph = Graph()
    try:
        with path.open(encoding="utf-8") as file:
            rows = json.load(file)
    except json.JSONDecodeError as error:
        raise GraphError(f"{path} is not valid JSON: {error}") from error
    for row in rows:
        graph.add(Edge(*row), both_ways=True)
    return graph


def breadth_first(graph: Graph, start: str) -> dict[str, int]:
    """How many edges every node that can be reached is away from `start`."""
    distances = {start: 0}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for edge in graph.neighbours(node):
            if edge.target not in distances:
                distances[edge.target] = distances[node] + 1
                queue.append(edge.target)
    return distances


def shortest_path(
    graph: Graph,
    start: str,
    goal: str,
    estimate: Callable[[str], float] = lambda node: 0.0,
) -> tuple[float, list[str]]:
    """The length of the shortest path and the nodes on it.

    `estimate` must never say more than what is left to the goal; without one this is Dijkstra's search.
    """
    distances = {start: 0.0}
    previous: dict[str, str] = {}
    heap = [(estimate(start), start)]
    done: set[str] = set()
    while heap:
        _, node = heapq.heappop(heap)
        if node == goal:
            return distances[goal], walk_back(previous, goal)
        if node in done:
            continue
        done.add(node)
        for edge in graph.neighbours(node):
            distance = distances[node] + edge.weight
            if distance < distances.get(edge.target, math.inf):
                distances[edge.target] = distance
                previous[edge.target] = node
                heapq.heappush(heap, (distance + estimate(edge.target), edge.target))
    raise GraphError(f"there is no path from {start} to {goal}")


def distance_table(graph: Graph) -> list[list[float]]:
    """Distances between all nodes in the order of their names (Floyd 1962)."""
    nodes = sorted(graph.nodes())
    table = [[math.inf] * len(nodes) for _ in nodes]
    for row, node in zip(table, nodes):
        row[nodes.index(node)] = 0.0
        for edge in graph.neighbours(node):
            row[nodes.index(edge.target)] = edge.weight
    for middle in range(len(nodes)):
        for i in range(len(nodes)):
            for j in range(len(nodes)):
                table[i][j] = min(table[i][j], table[i][middle] + table[middle][j])
    return table


def walk_back(previous: dict[str, str], goal: str) -> list[str]:
    path = [goal]
    while path[-1] in previous:
        path.append(previous[path[-1]])
    path.reverse()
    return path


def format_path(nodes: Iterable[str]) -> str:
    return " -> ".join(nodes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("start")
    parser.add_argument("goal")
    options = parser.parse_args()
    try:
        length, nodes = shortest_path(load(options.file), options.start, options.goal)
    except (GraphError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{length:g}: {format_path(nodes)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
