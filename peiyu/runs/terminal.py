"""What a planner reads of a number that was computed again, in Chinese and English."""



from __future__ import annotations

from peiyu.runs.reproduce import Verdict

WORDS = {
    "zh": {
        "same": "{id}\n相同:{printed:.10g}({how})。", "different": "{id}\n不同:原数为 {printed:.10g},重新计算为 {again}({how})。",
        "many": "{all} 个数字中 {same} 个相同({how})。",
        "nothing": "数据、情景、后验、代码和软件版本均与当时相同。", "changed": "与当时不同的有:", "line": "  {what}:当时 {then},现在 {now}",
        "unexplained": "没有任何一项有变,数字却不同:这是程序的错误,请报告。", "none": "没有这个数字",
        "data": "数据", "scenario": "情景", "posterior": "后验", "code": "代码",
    },
    "en": {
        "same": "{id}\nsame: {printed:.10g} ({how}).", "different": "{id}\ndifferent: {printed:.10g} was published, {again} comes out now ({how}).",
        "many": "{same} of {all} numbers are the same ({how}).",
        "nothing": "Data, scenario, posterior, code and versions are those of then.", "changed": "What is not as it was then:", "line": "  {what}: then {then}, now {now}",
        "unexplained": "Nothing has changed and yet the number differs: a fault of the program, please report it.", "none": "no such number",
        "data": "data", "scenario": "scenario", "posterior": "posterior", "code": "code",
    },
}  # fmt: skip
FEW = 2
"""More verdicts than this are summed up."""


def said(verdicts: list[Verdict], lang: str) -> str:
    """Say what came of every number; of many, only of those that are not the same."""
    if len(verdicts) <= FEW:
        return "\n".join(sentence(v, lang) for v in verdicts)
    other = [v for v in verdicts if not v.same]
    told = WORDS[lang]["many"].format(same=len(verdicts) - len(other), all=len(verdicts), how=verdicts[0].how)
    return "\n".join([told, *(sentence(v, lang) for v in other), *([] if other else _changes(verdicts[0], lang, same=True))])


def sentence(v: Verdict, lang: str) -> str:
    """Say whether a number is the same, and what has changed since it was published."""
    w = WORDS[lang]
    again = w["none"] if v.again is None else f"{v.again:.10g}"
    first = w["same" if v.same else "different"].format(id=v.id, printed=v.printed, again=again, how=v.how)
    return "\n".join([first, *_changes(v, lang, same=v.same)])


def _changes(v: Verdict, lang: str, *, same: bool) -> list[str]:
    """Return what is not as it was then, or that nothing is."""
    w = WORDS[lang]
    if not v.differs:
        return [w["nothing"] if same else w["unexplained"]]
    return [w["changed"], *(w["line"].format(what=w.get(d.what, d.what), then=d.then, now=d.now) for d in v.differs)]
