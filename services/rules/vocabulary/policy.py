"""From the files of a policy to the checked policy."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from services.rules.engine import Fact, Parameter, Place, Policy
from services.rules.engine.units import DAYS
from services.rules.vocabulary.dictionary import read_dictionary
from services.rules.vocabulary.errors import DeclarationError, Refuse, each, stop
from services.rules.vocabulary.parameters import read_parameters
from services.rules.vocabulary.rules import read_rules
from services.rules.vocabulary.yaml_reader import SourceFile

BUILT_IN = Path(__file__).parent.parent / "policy"
CASES = ".cases.yaml"


def load_policy(directory: Path = BUILT_IN) -> Policy:
    """Read and check a policy from a directory. Raises a PolicyError with file, line and column."""
    return build_policy(read_files(directory))


def read_files(directory: Path) -> dict[str, str]:
    """The YAML files under a directory, by their path within it."""
    return {
        path.relative_to(directory).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(directory.rglob("*.yaml"))
    }


def build_policy(files: Mapping[str, str], refuse: Refuse = stop) -> Policy:
    """Check the texts of a policy (path to text), as a release keeps them.

    The release's digest covers facts, parameters and rules; cases test the policy and are no part of it. Raises the first
    PolicyError, unless `refuse` takes it: then the file or rule is left out and the rest is checked.
    """
    parts = _parts(files)
    facts: dict[str, Mapping[str, Fact]] = {}
    for file in _under(parts, "facts/"):
        with each(refuse):
            subject, dictionary = read_dictionary(file)
            declared = facts.get(subject, {})
            for name in declared.keys() & dictionary.keys():
                raise DeclarationError(
                    "policy-name-taken",
                    dictionary[name].place,
                    name=name,
                    other=declared[name].place,
                )
            facts[subject] = {**declared, **dictionary}
    parameters = _parameters(_under(parts, "parameters/"), refuse)
    with each(refuse):
        _check_freshness(facts, parameters)
    rules = read_rules(_under(parts, "rules/"), facts, parameters, refuse)
    return Policy(_digest(parts), facts, parameters, rules)


def policy_digest(files: Mapping[str, str]) -> str:
    """The digest that the checked policy of these texts has as its release; they need not be in order."""
    return _digest(_parts(files))


def _parts(files: Mapping[str, str]) -> list[SourceFile]:
    return [
        SourceFile(name, text) for name, text in sorted(files.items()) if not name.endswith(CASES)
    ]


def _under(files: list[SourceFile], folder: str) -> list[SourceFile]:
    return [file for file in files if file.name.startswith(folder)]


def _digest(files: list[SourceFile]) -> str:
    digest = hashlib.sha256()
    for file in files:
        for part in (file.name, file.text):
            encoded = part.encode()
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()


def _parameters(files: list[SourceFile], refuse: Refuse) -> dict[str, Parameter]:
    result: dict[str, Parameter] = {}
    places: dict[str, Place] = {}
    for file in files:
        with each(refuse):
            for name, (parameter, entry) in read_parameters(file).items():
                if name in result:
                    raise DeclarationError(
                        "policy-name-taken", entry.place, name=name, other=places[name]
                    )
                result[name] = parameter
                places[name] = entry.place
    return result


def _check_freshness(
    facts: Mapping[str, Mapping[str, Fact]], parameters: Mapping[str, Parameter]
) -> None:
    for dictionary in facts.values():
        for fact in dictionary.values():
            if fact.fresh_for is not None:
                parameter = parameters.get(fact.fresh_for)
                if parameter is None or parameter.type.dimension != DAYS or parameter.type.low < 0:
                    raise DeclarationError(
                        "fact-freshness", fact.place, name=fact.name, parameter=fact.fresh_for
                    )
