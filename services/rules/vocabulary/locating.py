"""What stands at a place of a YAML text: the keys that lead there, and the same place in other writing of it."""

from collections.abc import Iterator, Mapping

import yaml

from services.rules.engine import Place, PolicyError
from services.rules.vocabulary.yaml_reader import Entry, SourceFile, read_yaml

Path = tuple[str | int, ...]
"""Keys and positions, from the root."""


def children(entry: Entry) -> Iterator[tuple[str | int, Place, Entry]]:
    """The parts of an entry: the key or position of each, where that begins, and the part itself."""
    match entry.node:
        case yaml.MappingNode(value=pairs):
            entry.mapping()  # refuses a key that is written twice
            for key_node, node in pairs:
                key = Entry(entry.file, "key", key_node)
                yield key.scalar, key.place, Entry(entry.file, key.scalar, node)
        case yaml.SequenceNode(value=nodes):
            for position, node in enumerate(nodes):
                child = Entry(entry.file, entry.key, node)
                yield position, child.place, child


def scalars(entry: Entry) -> Iterator[Entry]:
    """Every single value of an entry."""
    if isinstance(entry.node, yaml.ScalarNode):
        yield entry
    for _, _, child in children(entry):
        yield from scalars(child)


def entry_at(files: Mapping[str, str], place: Place) -> tuple[Path, Entry]:
    """The last and innermost part that begins no later than a place, and the path to it.

    Raises a PolicyError when the file cannot be read.
    """
    entry = read_yaml(SourceFile(place.file, files[place.file]))
    path: Path = ()
    while before := [
        (key, child) for key, begins, child in children(entry) if not precedes(place, begins)
    ]:
        key, entry = before[-1]
        path = (*path, key)
    return path, entry


def path_at(files: Mapping[str, str], place: Place) -> Path:
    """The keys and positions that lead to a place; none when the file cannot be read."""
    try:
        return entry_at(files, place)[0]
    except PolicyError:
        return ()


def shifted(place: Place, found: Entry, written: Entry) -> Place:
    """A place within an expression as the place within another writing of the same expression."""
    if place == found.place or not isinstance(found.node, yaml.ScalarNode):
        return written.place
    inside, text = found.expression(), written.expression()
    if inside.text != text.text:
        return written.place
    line = text.line + place.line - inside.line
    return Place(text.file, line, text.column + place.column - inside.column)


def precedes(place: Place, other: Place) -> bool:
    """Whether a place comes before another one of the same file."""
    return (place.line, place.column) < (other.line, other.column)
