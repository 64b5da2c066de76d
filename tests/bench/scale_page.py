"""Write the tables of docs/scale.md from what was measured: `python -m tests.bench.scale_page`, or `make docs`."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from tests.bench import kept, law
from tests.bench.rivals import TITLES

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"scale.md": "en", "scale.zh.md": "zh"}
CORES = (2, 16, 128)
QUESTIONS = (
    (10_000, 400, 8), (100_000, 400, 8), (1_000_000, 400, 8), (1_000_000, 400, 24), (5_000_000, 100, 8), (5_000_000, 400, 8),
)  # fmt: skip
"""Enterprises, members and quarters ahead."""
WORDS = {
    "en": {
        "measured": "{machine}, {date}, load {load}: `{command}`.",
        "rivals": ("step", "version", "agents", "agent-steps a second and core, millions", "least to most", "one step is"),
        "sizes": ("enterprises", "history, s", "8 quarters, s", "least to most", "ns an enterprise and quarter", "peak MiB", "load"),
        "sizing": ("enterprises", "members", "quarters ahead", "core-seconds", "memory a worker, MiB", "minutes on 2 cores", "16 cores", "128 cores"),
        "store": ("look", "by the clock, s", "least to most", "of the processor, s"),
        "law": (
            "Seconds of the quarters ahead grow with the enterprises to the power of {ahead:.2f} over all sizes, {last:.2f} over the last two"
            " (history {history:.2f}, {last_history:.2f}). The law: {each_history:.2f} s of history a million enterprises, {each_ahead:.3f} s"
            " a quarter ahead, {base:,.0f} MiB and {each:.0f} bytes an enterprise; it misses the measured seconds by {most:.0%} at most."
        ),
        "workers": (
            "Two workers do {processor:.2f} times what one does by the processors' seconds ({least:.2f} to {most:.2f} in {pairs}"
            " pairs), {clock:.2f} times by the clock."
        ),
        "checked": (
            "Checked by a run: for {enterprises:,.0f} enterprises and {quarters:.0f} quarters the law says {said:.1f} s and"
            " {said_mib:,.0f} MiB, it took {took:.1f} s and {mib:,.0f} MiB."
        ),
        "phases": ("line of `step`", "ms at {:,.0f} enterprises", "share", "ms whatever the city", "ns an enterprise more"),
        "memory": (
            "An enterprise has {bytes} bytes of columns; reading and writing all of them once takes {bound:.0f} ns at the {speed:.0f} GB/s that"
            " this machine copies, so that a quarter is {times:.1f} times as far from what memory allows, and what does not grow with the city"
            " is {fixed:.0%} of it here."
        ),
        "lines": {
            "terms_in_force": "what levers offer", "found": "founding", "invest": "R&D", "grow": "growth", "take_off": "take-off",
            "raise_money": "equity rounds", "recognise": "recognition", "settle": "what levers pay", "relocate": "relocation",
            "leave": "exit", "run": "zones, consortia, scenes", "take_stock": "indicators", "step": "the whole step",
        },
        "loop": (
            "| growth of {enterprises:,} enterprises, {closing:,} of which close their year | ms | least to most |\n| --- | --- | --- |\n"
            "| in strokes over columns, as it is | {line[median]:.2f} | {line[min]:.2f} – {line[max]:.2f} |\n"
            "| compiled as one loop over enterprises | {loop[median]:.2f} | {loop[min]:.2f} – {loop[max]:.2f} |\n\n"
            "Both come to the same numbers but for rounding (at most {apart:.0e} of their size). An exponential takes NumPy {exp_ns[line]:.1f} ns,"
            " the compiled loop {exp_ns[loop]:.1f} ns."
        ),
        "filled": "{rows:,} rows of series, {runs} runs of {members} members, {gb:.2f} GB; writing a member of a run takes {ms:.1f} ms by the clock.",
        "skipped": "not measured: {}",
        "notes": {
            "columns": "a quarter: every rule, every lever of the plan, 52 indicators",
            "twin": "the same quarter, one `mesa.Agent` an enterprise",
            "mesa": "one disease, the ill meet four others",
            "starsim_sis": "one disease, a random network of four contacts",
            "starsim_sir": "the same, recovered for good",
            "covasim": "a day of one disease with its course",
        },
        "titles": TITLES,
    },
    "zh": {
        "measured": "{machine},{date},负载 {load}:`{command}`。",
        "rivals": ("一步", "版本", "主体数", "每核每秒主体步数(百万)", "最小至最大", "一步做什么"),
        "sizes": ("企业数", "历史(秒)", "8 个季度(秒)", "最小至最大", "每企业每季度(纳秒)", "内存峰值(MiB)", "负载"),
        "sizing": ("企业数", "成员数", "预测季度数", "核秒", "每个工作进程内存(MiB)", "2 核(分钟)", "16 核(分钟)", "128 核(分钟)"),
        "store": ("查看", "墙钟(秒)", "最小至最大", "处理器(秒)"),
        "law": (
            "预测段秒数与企业数的 {ahead:.2f} 次方成正比(全部规模),最后两个规模之间为 {last:.2f} 次方(历史段 {history:.2f}、{last_history:.2f})。"
            "公式:每百万家企业,历史段 {each_history:.2f} 秒,每个预测季度 {each_ahead:.3f} 秒;内存 {base:,.0f} MiB,另加每家企业 {each:.0f} 字节;"
            "与实测秒数最多相差 {most:.0%}。"
        ),
        "workers": (
            "按处理器时间,两个工作进程是一个的 {processor:.2f} 倍({pairs} 对,{least:.2f} 至 {most:.2f});"
            "按墙钟为 {clock:.2f} 倍。"
        ),
        "checked": (
            "实跑核对:{enterprises:,.0f} 家企业、{quarters:.0f} 个季度,按公式为 {said:.1f} 秒、{said_mib:,.0f} MiB,"
            "实测 {took:.1f} 秒、{mib:,.0f} MiB。"
        ),
        "phases": ("`step` 的一行", "{:,.0f} 家企业时(毫秒)", "占比", "与规模无关(毫秒)", "每增一家企业(纳秒)"),
        "memory": (
            "每家企业的各列共 {bytes} 字节;按本机 {speed:.0f} GB/s 的复制速度,全部读写一遍需 {bound:.0f} 纳秒,一个季度是内存所允许时间的 {times:.1f} 倍;"
            "与城市规模无关的部分在此占 {fixed:.0%}。"
        ),
        "lines": {
            "terms_in_force": "政策工具的供给", "found": "新设", "invest": "研发", "grow": "成长", "take_off": "跃升", "raise_money": "股权融资",
            "recognise": "认定", "settle": "政策工具的支付", "relocate": "迁移", "leave": "退出", "run": "先导区、联合体、场景",
            "take_stock": "指标", "step": "整步",
        },
        "loop": (
            "| {enterprises:,} 家企业的成长,其中 {closing:,} 家本季结账 | 毫秒 | 最小至最大 |\n| --- | --- | --- |\n"
            "| 现行:按列逐步运算 | {line[median]:.2f} | {line[min]:.2f} – {line[max]:.2f} |\n"
            "| 编译为一个逐家企业的循环 | {loop[median]:.2f} | {loop[min]:.2f} – {loop[max]:.2f} |\n\n"
            "两者除舍入外结果相同(相差至多为其大小的 {apart:.0e})。一次指数运算,NumPy 需 {exp_ns[line]:.1f} 纳秒,编译的循环需 {exp_ns[loop]:.1f} 纳秒。"
        ),
        "filled": "序列 {rows:,} 行,{runs} 个运行,各 {members} 个成员,{gb:.2f} GB;写入一个运行的一个成员需 {ms:.1f} 毫秒(墙钟)。",
        "skipped": "未测:{}",
        "notes": {
            "columns": "一个季度:全部规则、规划的全部政策工具、52 个指标",
            "twin": "同一季度,每家企业一个 `mesa.Agent`",
            "mesa": "一种疾病,每个感染者接触四人",
            "starsim_sis": "一种疾病,四个接触者的随机网络",
            "starsim_sir": "同上,康复后不再感染",
            "covasim": "一天,一种疾病及其病程",
        },
        "titles": {
            "columns": "peiyu,一个季度", "twin": "纯 Mesa,同一季度", "mesa": "Mesa,SIS", "starsim_sis": "Starsim,SIS",
            "starsim_sir": "Starsim,SIR", "covasim": "Covasim",
        },
    },
}  # fmt: skip


def table(head, rows):
    """Return a table in Markdown, numbers to the right."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def between(x, form):
    """Return least and most of what was measured several times."""
    return f"{x['min']:{form}} – {x['max']:{form}}"


def millions(x):
    return {key: x[key] / 1e6 for key in ("median", "min", "max")}


def rivals(found, w):
    """Return the table of steps of ours and of others."""
    rows = []
    for name, title in w["titles"].items():
        x = found["steps"]["steps"][name]
        if "skipped" in x:
            rows.append((title, "", "", w["skipped"].format(x["skipped"]), "", w["notes"][name]))
            continue
        m = millions(x)
        rows.append((title, x["version"], f"{x['agents']:,}", f"{m['median']:.3g}", between(m, ".3g"), w["notes"][name]))
    return table(w["rivals"], rows)


def sizes(found, w):
    """Return the table of measured members, and the law fitted to them."""
    rows, fitted = found["sizes"]["rows"], law.fitted(found["sizes"]["rows"])
    cells = [
        (
            f"{r['enterprises']:,.0f}", f"{r['history']:.3g}", f"{r['ahead']:.3g}", between(r["ahead_spread"], ".3g"),
            f"{1e9 * r['ahead'] / (r['quarters'] * (r['enterprises'] + r['at_the_end']) / 2):.0f}", f"{r['mib']:,.0f}", f"{r['load']}",
        )
        for r in rows
    ]  # fmt: skip
    power = {key: law.exponent(rows, key) for key in ("ahead", "history")}
    told = w["law"].format(
        **power, last=law.exponent(rows[-2:], "ahead"), last_history=law.exponent(rows[-2:], "history"),
        each_history=1e6 * fitted.history.each, each_ahead=1e6 * fitted.ahead.each,
        base=fitted.mib.base, each=fitted.mib.each * 2**20, most=max(map(partial(missed, fitted), rows)),
    )  # fmt: skip
    return f"{table(w['sizes'], cells)}\n\n{told}"


def missed(fitted, r):
    """Return by how much the law misses the seconds of a measured row, as a share."""
    said = fitted.history(r["enterprises"]), r["quarters"] * fitted.ahead(r["enterprises"])
    return max(abs(x / r[key] - 1.0) for x, key in zip(said, ("history", "ahead"), strict=True))


def sizing(found, w):
    """Return the table of what a forecast takes, computed from the law, and the run that checks it."""
    fitted, two = law.fitted(found["sizes"]["rows"]), found["two_workers"]
    how = {"speedup": two["processor"]["median"], "write_seconds": found["store"]["save_seconds"]}
    cells = [
        (
            *(f"{x:,}" for x in question), f"{law.core_seconds(fitted, *question):,.0f}", f"{fitted.mib(question[0]):,.0f}",
            *(short(law.minutes(fitted, question, cores, **how)) for cores in CORES),
        )
        for question in QUESTIONS
    ]  # fmt: skip
    x = found["sizes"]["checked"]
    said = law.core_seconds(fitted, x["enterprises"], 1, x["quarters"])
    checked = w["checked"].format(**x | {"said": said, "said_mib": fitted.mib(x["enterprises"]), "took": x["history"] + x["ahead"]})
    p = two["processor"]
    workers = w["workers"].format(
        processor=p["median"], least=p["min"], most=p["max"], pairs=p["runs"], clock=two["clock"]["median"]
    )
    return f"{table(w['sizing'], cells)}\n\n{workers}\n{w['measured'].format(**two['conditions'])}\n\n{checked}"


def phases(found, w):
    """Return the table of where the time of a quarter goes, and how far it is from what memory allows."""
    p = found["phases"]
    whole = p["lines"]["step"]
    cells = [
        (w["lines"][name], f"{x['at']:.2f}", f"{x['at'] / whole['at']:.0%}", f"{x['fixed']:.2f}", f"{x['each']:.1f}")
        for name, x in p["lines"].items()
    ]  # fmt: skip
    bound = 2e9 * p["bytes"] / p["bandwidth"]
    told = w["memory"].format(
        bytes=p["bytes"], bound=bound, speed=p["bandwidth"] / 1e9, times=whole["each"] / bound, fixed=whole["fixed"] / whole["at"]
    )
    head = (w["phases"][0], w["phases"][1].format(p["enterprises"]), *w["phases"][2:])
    return f"{table(head, cells)}\n\n{told}"


def one_loop(found, w):
    """Return what compiling a line as a single loop takes, beside the line as it is."""
    x = found["one_loop"]
    return w["loop"].format(**x | {"apart": max(x["apart"].values())})


def store(found, w):
    """Return the table of what looking something up takes in a large store."""
    s = found["store"]
    cells = [
        (f"`{name}`" if name.startswith("peiyu") else name, f"{x['clock']['median']:.2f}", between(x["clock"], ".2f"), f"{x['processor']['median']:.2f}")
        for name, x in s["looks"].items()
    ]  # fmt: skip
    filled = w["filled"].format(**s | {"gb": s["bytes"] / 1e9, "ms": 1000 * s["save_seconds"]})
    return f"{filled}\n\n{table(w['store'], cells)}"


def short(x):
    """Return minutes as they are read: two digits below ten, and nothing finer than the start of the workers."""
    return f"{x:,.0f}" if x >= 10 else f"{x:.1f}" if x >= 0.1 else "< 0.1"


BLOCKS = {
    "rivals": (rivals, "steps"), "sizes": (sizes, "sizes"), "sizing": (sizing, "sizes"), "phases": (phases, "phases"),
    "one_loop": (one_loop, "one_loop"), "store": (store, "store"),
}  # fmt: skip
"""What is between the marks of a page: how it is made, and which part says where it was measured."""


def written(text, found, lang):
    """Return a page with its tables as they follow from the measurements."""
    w = WORDS[lang]
    for name, (made, part) in BLOCKS.items():
        block = f"{made(found, w)}\n\n{w['measured'].format(**found[part]['conditions'])}"
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        assert begin in text and end in text, name
        text = re.sub(f"{begin}.*?{end}", lambda _, b=begin, x=block, e=end: f"{b}\n{x}\n{e}", text, flags=re.S)
    return text


def main():
    found = kept.read()
    for name, lang in PAGES.items():
        page = DOCS / name
        page.write_text(written(page.read_text("utf8"), found, lang), "utf8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
