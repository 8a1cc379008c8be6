"""Somebody's file of derivations, judged: here its exceptions end, and nowhere else.

Whatever the file raises becomes a `Fault` with the file and the line that raised it,
and what it had defined before is kept.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from derivations.chain import Derivation, collected
from derivations.line import DerivationError
from verify.deadline import OutOfTime, deadline
from verify.isolation import Killed, Message, messages
from verify.judge import Conflict, Judge
from verify.judgement import Judgement
from verify.serialise import Data, judgement_data


@dataclass(frozen=True)
class Fault:
    """A place in a file that has no form, and why."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def load(path: Path, seconds: float) -> tuple[list[Derivation], list[Fault]]:
    """The derivations that the file at `path` writes, and what went wrong in it."""
    name = f"_lossproof_{path.stem}"
    faults: list[Fault] = []
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return [], [
            Fault(str(path), 1, "is no Python file (its name should end in .py)")
        ]
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    with collected() as found:
        try:
            with deadline(seconds):
                spec.loader.exec_module(module)
        except OutOfTime as late:
            faults.append(
                Fault(str(path), 1, f"does not end when it is imported: {late}")
            )
        except (Exception, SystemExit) as raised:  # noqa: BLE001 - anybody's module
            faults.append(fault_of(raised, path))
        finally:
            sys.path.remove(str(path.parent))
    own = [d for d in found if Path(d.file).resolve() == path.resolve()]
    if not own and not faults:
        faults.append(
            Fault(str(path), 1, "has no derivation: no function under @derivation")
        )
    return own, faults


def judged(derivation: Derivation, path: Path, judge: Judge) -> Judgement | Fault:
    """The judgement, or the fault where the chain, SymPy or a judge fails on it.

    Raises Conflict: that is a fault of this tool, not of the file.
    """
    try:
        with deadline(judge.seconds):
            _ = derivation.steps, derivation.hypotheses, derivation.lemmas
        return judge(derivation)
    except Conflict:
        raise
    except DerivationError as formless:
        return Fault(formless.file, formless.line, formless.message)
    except OutOfTime as late:
        words = f"{derivation.name} does not end: {late}"
        return Fault(derivation.file, derivation.line, words)
    except (Exception, SystemExit) as raised:  # noqa: BLE001 - anybody's expressions
        return fault_of(raised, path, otherwise=derivation.line)


def fault_of(raised: BaseException, path: Path, otherwise: int = 1) -> Fault:
    """The fault with the last line of `path` that the exception passed through."""
    if isinstance(raised, SyntaxError) and raised.filename == str(path):
        return Fault(str(path), raised.lineno or 1, f"is no Python: {raised.msg}")
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(raised.__traceback__)
        if frame.filename == str(path) and frame.lineno
    ]
    said = str(raised) or "without a message"
    return Fault(
        str(path),
        lines[-1] if lines else otherwise,
        f"raises {type(raised).__name__}: {said}",
    )


@dataclass(frozen=True)
class Examination:
    """The work of judging one file, for a process of its own.

    It says "loaded" with the number of derivations, "fault" for what has no form, and
    for each derivation "begin", "alive" before every step, and "done" with its
    judgement.
    """

    path: Path
    seed: int
    seconds: float

    def __call__(self, say: Callable[[Message], None], skip: frozenset[int]) -> None:
        """Say all that is found of the file, without the derivations of `skip`."""
        say(Message("begin", LOADING))
        derivations, faults = load(self.path, self.seconds)
        say(Message("loaded", LOADING, len(derivations)))
        if not skip:
            for fault in faults:
                say(Message("fault", LOADING, fault))
        judge = Judge(
            seed=self.seed,
            seconds=self.seconds,
            alive=lambda: say(Message("alive", LOADING)),
        )
        for number, derivation in enumerate(derivations):
            if number in skip:
                continue
            say(Message("begin", number, (derivation.name, derivation.line)))
            found = judged(derivation, self.path, judge)
            if isinstance(found, Fault):
                say(Message("fault", number, found))
            else:
                say(Message("done", number, judgement_data(found)))


LOADING = -1


def examined(path: Path, *, seed: int, seconds: float) -> Iterator[Fault | Data]:
    """What is found of the file at `path`, and of each derivation in it."""
    name, line = path.name, 1
    whole = path.resolve()  # as Python names it in a traceback
    for message in messages(Examination(whole, seed, seconds), seconds):
        match message:
            case Killed():
                yield Fault(str(path), line, f"{name} {message.reason}")
            case Message(kind="begin", data=(name, line)):
                pass
            case Message(kind="fault", data=fault):
                yield replace(fault, file=fault.file.replace(str(whole), str(path)))
            case Message(kind="done"):
                yield message.data
