"""What a planner reads of a number that was computed again, in Chinese and English."""

from __future__ import annotations

from peiyu.runs.reproduce import Verdict
from peiyu.words.loader import words
from peiyu.words.numbers import exact

FEW = 2
"""More verdicts than this are summed up."""


def said(verdicts: list[Verdict], lang: str) -> str:
    """Say what came of every number; of many, only of those that are not the same."""
    if len(verdicts) <= FEW:
        return "\n".join(sentence(v, lang) for v in verdicts)
    other = [v for v in verdicts if not v.same]
    facts = {"same": len(verdicts) - len(other), "all": len(verdicts), "how": verdicts[0].how}
    told = words("reproduce", lang)["many"].format(**facts)
    rest = [] if other else _changes(verdicts[0], lang, same=True)
    return "\n".join([told, *(sentence(v, lang) for v in other), *rest])


def sentence(v: Verdict, lang: str) -> str:
    """Say whether a number is the same, and what has changed since it was published."""
    w = words("reproduce", lang)
    again = w["none"] if v.again is None else exact(v.again)
    first = w["same" if v.same else "different"].format(id=v.id, printed=exact(v.printed), again=again, how=v.how)
    return "\n".join([first, *_changes(v, lang, same=v.same)])


def _changes(v: Verdict, lang: str, *, same: bool) -> list[str]:
    """Return what is not as it was then, or that nothing is."""
    w = words("reproduce", lang)
    if not v.differs:
        return [w["nothing"] if same else w["unexplained"]]
    return [w["changed"], *(w["line"].format(what=w.get(d.what, d.what), then=d.then, now=d.now) for d in v.differs)]
