"""Whatever the loader does not know stops the start, with the file and the line to look at."""

from pathlib import Path
from typing import NamedTuple

import pytest

from bot.errors import RunbookWrong
from bot.runbook.judge import RESULTS
from bot.runbook.load import PORTAL_VERBS, load_runbook
from bot.runbook.tables import read
from tests.runbook.procedures import TIMINGS, TRIAGE, VERIFY, load, templates_of, written


class Broken(NamedTuple):
    """In `file`, `old` was replaced by `new`; the error points at the first line with `at`, saying `says`."""

    file: str
    old: str
    new: str
    at: str
    says: str


def in_triage(old: str, new: str, at: str, says: str) -> Broken:
    return Broken("triage.toml", old, new, at, says)


def in_verify(old: str, new: str, at: str, says: str) -> Broken:
    return Broken("verify.toml", old, new, at, says)


LONG = "x" * 25
ASK = '[step.ask]\ndoes = ["status"]\ndecides = "back-online"\nevery = "look"\nfor = "30 min"\n'
TWO_OPTIONS = 'options = ["yes", { value = "no", label = "No, it did not" }]\n'

UNKNOWN = {
    "key of a step": in_triage('phase = "w', 'colour = "red"\nphase = "w', "colour", "unknown key `colour`"),
    "key of a choice": in_triage('label = "Go', 'labl = "Go', "labl", "did you mean 'label'?"),
    "key at the top": in_triage("start =", "begin =", "begin", "unknown key `begin`"),
    "table": in_triage("[[everywhere]]", "[[anywhere]]", "[[anywhere]]", "unknown key `anywhere`"),
    "code in the second file": in_verify(
        "[[step]]\n", 'code = "X"\n[[step]]\n', "code", "unknown key `code`"
    ),
    "start": in_triage('start = "first"', 'start = "frist"', "frist", "unknown step 'frist'"),
    "step": in_triage('to = "second"\nwhen', 'to = "third"\nwhen', "third", "unknown step 'third'"),
    "step before which it holds": in_triage(
        'before = "second"', 'before = "x"', "before", "unknown step 'x'"
    ),
    "verb": in_triage('["status"]\ndec', '["reboot"]\ndec', '["reboot"]', "unknown verb 'reboot'"),
    "judgement": in_triage('"back-online"\nev', '"back"\nev', '"back"', "unknown judgement 'back'"),
    "judgement of a form": in_verify('decides = "test-', 'decides = "', "decides", "unknown judgement"),
    "judgement for all steps": in_triage('decides = "back-online", ', 'decides = "x", ', "ask =", "'x'"),
    "timing": in_triage('every = "look"\n', 'every = "loook"\n', "loook", "did you mean 'look'?"),
    "unit of a length": in_triage('"30 min"', '"30 days"', "30 days", "unknown timing '30 days'"),
    "beginning": in_triage('for = "30', 'since = "noon"\nfor = "30', "noon", "unknown beginning 'noon'"),
    "gate": in_triage('"lock-on"', '"locked"', "locked", "unknown gate 'locked'"),
    "role": in_triage('["support"]', '["helper"]', "helper", "unknown role 'helper'"),
    "phase": in_triage('"waiting"', '"resting"', "resting", "unknown phase 'resting'"),
    "style": in_verify('"primary"', '"loud"', "loud", "unknown style 'loud'"),
    "form": in_verify('form = "test-session"', 'form = "test"', 'form = "test"', "unknown form 'test'"),
    "kind of field": in_verify('"text"', '"words"', "words", "unknown kind of field 'words'"),
    "fact": in_triage("{ restart", "{ weather", "weather", "unknown key `weather`"),
    "value of a fact": in_triage('["auto"]', '["often"]', "often", "unknown value of `restart` 'often'"),
    "finding": in_triage("{ fix", "{ fox", "fox", "unknown key `fox`"),
    "fix": in_triage("false alarm", "good luck", "good luck", "unknown fix 'good luck'"),
    "fix among a form's answers": in_verify(
        "options =", 'suggests = "fix"\noptions =', "options", "unknown fix 'yes'"
    ),
    "fix of a step that nobody can choose in the log": in_triage(
        'phase = "w', 'heals = "carrier recovered"\nphase = "w', "heals", "'carrier recovered'"
    ),
    "choice after a wait": in_triage(
        'for = "30 min"', 'for = "3 min"\nthen = "off"', "then", "unknown choice 'off'"
    ),
}

TWICE = {
    "step": in_verify('id = "second"', 'id = "first"', 'id = "first"', "duplicate step 'first', first in "),
    "choice": in_verify(
        'id = "passed"', 'id = "enter"\nlabel = "P"', 'id = "enter"\nlabel = "P"', "duplicate choice 'enter'"
    ),
    "choice for all steps": in_triage('id = "on"', 'id = "recovered"', '"recovered"', "duplicate choice"),
    "form": in_verify(
        "[[form]]", '[[form]]\nid = "test-session"\n[[form]]', 'id = "test-session"\ntitle', "duplicate form"
    ),
    "field": in_verify(
        'id = "note"', 'id = "start"', 'id = "start"\nlabel = "Note"', "duplicate field 'start'"
    ),
    "option": in_verify('value = "no"', 'value = "yes"', "options", "duplicate option"),
    "automatic way": in_triage(
        "[[step.choice]]", "[step.wait]\n[[step.choice]]", "[step.wait]", "asks or waits"
    ),
    "target of a choice": in_verify(
        '"Enter"', '"E"\nto = "second"', "to =", "its form decides where it leads"
    ),
}

MISSING = {
    "the judgement of an ask": in_triage(
        'decides = "back-online"\n', "", "[step.ask]", "`decides` is missing"
    ),
    "the end of a wait": in_triage(
        ASK, '[step.wait]\ndecides = "back-online"\n', "[step.wait]", "a wait needs `for`"
    ),
    "a person's way": in_triage('label = "Go on"\n', "", "[[step]]", "no person's way"),
    "the target of a choice": in_verify(
        'to = "closed"', "", '[[step.choice]]\nid = "passed"', "leads nowhere"
    ),
    "a value of a fact": in_triage('["auto"]', "[]", "when", "`restart` must name at least one value"),
    "the manual's line": in_triage('["4.1.1"]', "[]", "[[step]]", "at least one line of the manual"),
    "a role": in_triage('["support"]', "[]", "[[step]]", "at least one role"),
    "the options of a choice": in_verify(TWO_OPTIONS, "", "[[form.field]]", "has options"),
    "the label of an option": in_verify(
        ', label = "No, it did not"', "", "options", "an option is a text or"
    ),
    "the paragraph": in_triage('paragraph = "4.1 (1)"\n', "", "[[step]]", "`paragraph` is missing"),
    "a use of a form": in_verify(
        'form = "test-session"', 'to = "first"', 'id = "test-session"', "no choice uses"
    ),
    "the fields of a form": in_verify(
        "[[form]]", '[[form]]\nid = "x"\ntitle = "X"\nsubmit = "Y"\n[[form]]', "[[form]]", "asks nothing"
    ),
}

NOT_SO = {
    "a label of 25 characters": in_triage('"Go on"', f'"{LONG}"', LONG, "25 characters, 24 at most"),
    "a title of 25 characters": in_verify('"Test session"', f'"{LONG}"', LONG, "25 characters, 24 at most"),
    "a command nobody clicked": in_triage(
        '["status"]\ndec', '["restart"]\ndec', '["restart"]', "only a choice"
    ),
    "a choice that only reads": in_triage('"Go on"', '"G"\ndoes = "status"', 'does = "status"', "only reads"),
    "an id in capitals": in_verify('id = "second"', 'id = "Second"', "Second", "not written as ids are"),
    "a step named as the way back": in_verify(
        "[[form]]", '[[step]]\nid = "origin"\n[[form]]', 'id = "origin"', "no name for a step"
    ),
    "a number for a text": in_triage('"4.1 (1)"', "4.1", "paragraph", "`paragraph` must be a text"),
    "a text for a list": in_triage('["4.1.1"]', '"4.1.1"', "covers", "must be a list of texts"),
    "a number in a list": in_triage('["4.1.1"]', "[4]", "covers", "must be a list of texts"),
    "a text for a switch": in_verify("required = false", 'required = "no"', "required", "true or false"),
    "a text for a table": in_triage('{ fix = "false alarm" }', '"x"', "sets", "must be a table"),
    "a text for tables": in_verify("[[form]]", "field = 1\n[[form]]", "field", "unknown key `field`"),
    "a number for an option": in_verify('"No, it did not"', "3", "options", "label are texts"),
    "an endless text": in_verify("longest = 200", "longest = 90000", "longest", "from 1 to 3000"),
    "a line that is not TOML": in_verify('title = "', "title = ", "title", "not TOML"),
}

TABLE = {
    **{f"unknown {name}": case for name, case in UNKNOWN.items()},
    **{f"a second {name}": case for name, case in TWICE.items()},
    **{f"{name} is missing": case for name, case in MISSING.items()},
    **NOT_SO,
}


@pytest.mark.parametrize("broken", TABLE.values(), ids=TABLE.keys())
def test_a_broken_file_is_refused_with_file_and_line(broken: Broken, tmp_path: Path) -> None:
    files = {"triage.toml": TRIAGE, "verify.toml": VERIFY}
    assert broken.old in files[broken.file]
    files[broken.file] = text = files[broken.file].replace(broken.old, broken.new, 1)

    with pytest.raises(RunbookWrong) as raised:
        load(written(tmp_path, files))

    line = text[: text.index(broken.at)].count("\n") + 1
    assert str(raised.value).startswith(f"{tmp_path.name}/{broken.file}:{line}: ")
    assert broken.says in str(raised.value)


def test_a_template_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, {"triage.toml": TRIAGE, "verify.toml": VERIFY})

    with pytest.raises(RunbookWrong, match=r"verify.toml:7: unknown template 'steps/second.j2'"):
        load_runbook(
            folder,
            verbs=PORTAL_VERBS,
            judgements=frozenset(RESULTS),
            templates=templates_of(folder) - {"steps/second.j2"},
            timings=TIMINGS,
        )


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunbookWrong, match=r"/verify.toml:1: the file is missing"):
        load(written(tmp_path, {"triage.toml": TRIAGE}))


def test_a_file_nobody_would_read_is_refused(tmp_path: Path) -> None:
    files = {"triage.toml": TRIAGE, "verify.toml": VERIFY, "verfy.toml": VERIFY}

    with pytest.raises(RunbookWrong, match=r"/verfy.toml:1: unknown file"):
        load(written(tmp_path, files))


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_bytes(b'code = "\xff"')

    with pytest.raises(RunbookWrong, match=r"/triage.toml:1: not UTF-8"):
        read(tmp_path / "triage.toml")
