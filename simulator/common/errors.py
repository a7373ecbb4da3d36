"""The package's exceptions as one tree. `except rf.RingfenceError` catches everything that Ringfence raises on purpose.

    RingfenceError
    ├── InputError (ValueError)       the input cannot be used; the message says where, why and how to fix it
    │   ├── ArgumentError (TypeError)  an argument of a question in a notebook: its kind, its range, or its name
    │   ├── BoardsError               a table of boards; `problems` lists every mistake in it
    │   ├── ClaimError                a file that is no claim or registration, or was changed since it was saved
    │   ├── DamagedError              a chunk of a sweep that is not whole, or was changed
    │   ├── DatasetError              a dataset that holds no results
    │   ├── DesignError               a design of a sweep; `problems` lists every mistake in it
    │   ├── ExcelFileError            a workbook that cannot be read as a table
    │   ├── NoLikelihoodError         a fit of one's own whose folder lacks what its likelihood needs
    │   ├── NotFit                    a fit that fails its diagnostics, and so is not published
    │   ├── NotReadableError          text that is no number, seed, date or path
    │   ├── OtherContentError         a file or an answer other than the one that its fingerprint names
    │   ├── PluginError               a plug-in that cannot be used
    │   ├── PosteriorError            a posterior file
    │   ├── ResultsError              a results file, or a question that results cannot answer
    │   ├── ScenarioError             a scenario; `problems` lists every mistake in it
    │   │   ├── EvidenceError         a file of evidence, likewise
    │   │   └── StudyDesignError      a design of a study that nobody has made yet, likewise
    │   ├── StepBeyondEndError (RuntimeError)  a step of the Mesa model after the last quarter
    │   ├── StoreBusyError            a store of a sweep that another sweep is writing
    │   └── StoreRefusedError         a store of another sweep, or of another version
    ├── UnknownNameError (LookupError)  no such lever, parameter, outcome, board, table or replay
    │   ├── UnknownDeclarationError (KeyError)  no such lever, parameter or outcome in `rf.LEVERS` and its like
    │   └── UnknownScenario           no such scenario, nor a file of that name
    ├── ResourceError (OSError)       the computer refuses: a disk, a file, a screen, a cluster
    │   ├── AnswerLostError           an answer that could not be printed
    │   ├── ExecutorError             an executor of a sweep that can do no more work
    │   ├── FileWriteError            a file that cannot be written
    │   ├── NoFileError               a folder, a pipe or a device where a file should be
    │   └── StoreError                a store of a sweep that cannot be written
    └── RefusedError                  a worker of a sweep that would not compute what its driver does

Each is defined in the module that raises it. The built-in type in brackets is one of its bases, so that older
code still catches it.
Any other exception that reaches a user is a fault of Ringfence: `simulator.engine.ensemble.PoundsError`, for one, says
that money appeared or vanished in a run.
"""

from __future__ import annotations


class RingfenceError(Exception):
    """Every error that Ringfence raises on purpose. Its message is written for the user, in whole sentences."""


class InputError(RingfenceError, ValueError):
    """The input cannot be used."""


class UnknownNameError(RingfenceError, LookupError):
    """No such name is known."""


class ResourceError(RingfenceError, OSError):
    """A disk, a file, a screen or a cluster refuses."""
