"""Wrong commands and wrong addresses of the page, as a planner who reads Chinese writes them: one line, all of it Chinese."""

import re
import shutil
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from peiyu.__main__ import run
from peiyu.forecasts import pipeline
from peiyu.page.desk import Desk
from peiyu.page.keeper import Keeper
from peiyu.page.pool import Pool
from peiyu.page.web.app import application
from peiyu.page.web.site import Site
from sim.store.store import open_store

CITY = Path(__file__).parent.parent / "scenarios" / "cities" / "hangzhou"
ENGLISH = {
    "a", "again", "all", "allowed", "an", "and", "any", "are", "as", "at", "be", "before", "cannot", "changed", "choose", "column",
    "did", "error", "for", "found", "from", "in", "input", "invalid", "is", "it", "known", "mean", "missing", "must", "name",
    "needs", "no", "not", "of", "one", "only", "option", "or", "see", "should", "such", "than", "the", "there", "to", "unknown",
    "up", "with", "write", "you",
}  # fmt: skip
"""Words by which an English sentence is known; none of them is a key or a name that these messages quote."""
NUMBER = ("add-observation", "--series", "hte_stock", "--source", "公报")
EVENT = ("add-observation", "--count", "1", "--source", "公报")
WRONG = [
    (["forcast"], "没有命令“forcast”。您要写的是否为“forecast”?"),
    (["--foo"], "没有选项 --foo"),
    (["forecast", "--scenaro", "x"], "没有选项 --scenaro(相近的选项:"),
    (["forecast", "--members"], "选项 --members 后面须写一个值"),
    (["forecast", "--members", "abc"], "--members:应为整数"),
    (["forecast", "--workers", "0"], "--workers 0:请填写数字,范围:1 至 256"),
    (["forecast", "--lang", "fr"], "没有“fr”这个值;可用:'zh', 'en'"),
    (["forecast", "--json=3"], "选项 --json 后面不能写值"),
    (["forecast", "--as-of", "2025-3"], "您要写的是否为“2025Q3”?"),
    (["forecast", "--as-of", "2035Q1"], "--as-of 2035Q1:hangzhou 的数据截至"),
    (["forecast", "--end", "2020Q1"], "--end 2020Q1:请写 2026Q4(hangzhou 最后一项目标到期)至"),
    (["forecast", "--end", "soon"], "此处请写 2026Q4"),
    (["forecast", "--city", "hangzou"], "没有名为“hangzou”的城市"),
    (["compare", "baseline"], "compare 需要两个或更多情景"),
    (["compare", "baseline", "plan_as_written", "--split=kind"], "您要写的是否为“kinds”?"),
    (["search", "--goal", "nobody"], "hangzhou 没有这个目标"),
    (["search", "--budget", "zwei"], "--budget:应为数字"),
    (["search", "--at-least", "99"], "项;请写 1 至"),
    (["sensitivity", "--effort", "usal"], "--effort usal:没有这个取值"),
    (["fails-when", "--levers", "3"], "--levers 3:请写各自抽取政策工具规模的成员数"),
    (["appendix", "--format", "docs"], "没有名为“docs”的格式。您要写的是否为“docx”?可用:docx, pdf, html, xlsx"),
    (["appendix", "--complete", "--within", "soon"], "--within:“soon”不是时长"),
    (["show", "a", "b", "c"], "多出的参数:"),
    (["reproduce"], "缺少参数"),
    (["reproduce", "run/x"], "“run/x”不是数字编号"),
    (["page", "--port", "99999"], "--port 99999:请写 0 至 65535 的数"),
    (["calibrate", "--as-of", "1990Q1"], "hangzhou 的数据始于 2012Q4;请写 2016Q1 或更晚的季度"),
    (["backtest", "--origins", "2020-x"], "“2020-x”不是年份"),
    (["new-city"], "请写明城市的文件夹名"),
    ([*NUMBER, "--period", "2099", "--value", "1"], "--period 2099:晚于今天("),
    ([*NUMBER, "--period", "2025"], "--series 须同时写 --period 和 --value"),
    ([*EVENT, "--event", "sample", "--quarter", "2026Q1"], "--event sample:没有这类事件"),
    ([*EVENT, "--event", "sample_made", "--quarter", "2090Q1"], "2090Q1"),
]  # fmt: skip


def is_chinese(text):
    """Tell whether a message is one line without a word of an English sentence."""
    words = re.findall(r"(?<![\w./'-])[A-Za-z]+(?![\w./'-])", re.sub("“[^”]*”", "", text))
    return text.count("\n") == 0 and not ENGLISH & {word.lower() for word in words}


@pytest.fixture(autouse=True)
def reads_chinese(monkeypatch, tmp_path):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def refused(capsys):
    def say(*words):
        assert run([str(word) for word in words]) == 2
        told = capsys.readouterr()
        assert told.out == "" and is_chinese(told.err.removesuffix("\n")), told.err
        return told.err

    return say


def test_what_is_english_is_told_apart():
    assert is_chinese("peiyu: --scenario no_policy:请写 kinds 或 levers,如 peiyu new-city mycity --from city.xlsx")
    assert not is_chinese("peiyu: --lang:should be 'zh'") and not is_chinese("一行\n又一行")


@pytest.mark.parametrize(("words", "wanted"), WRONG, ids=lambda x: " ".join(x) if isinstance(x, list) else "")
def test_a_wrong_command_is_answered_in_one_chinese_line(words, wanted, refused):
    assert wanted in refused(*words)


def test_the_language_of_the_command_goes_before_that_of_the_machine(capsys):
    assert run(["forecast", "--members", "abc", "--lang", "en"]) == 2
    assert capsys.readouterr().err.startswith("peiyu: Invalid value for '--members': ")


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (("show", "nobody"), "没有运行“nobody”"),
        (("appendix", "nobody"), "没有运行“nobody”"),
        (("review",), "没有已完成的运行"),
        (("change", "one", "two"), "没有运行“one”"),
        (("reproduce", "analysis/search/none/p"), "没有分析“search/none”"),
    ],
)
def test_a_run_that_is_not_there_is_refused_in_chinese(command, wanted, refused, tmp_path):
    open_store(tmp_path / "peiyu.db").close()
    assert wanted in refused(*command, "--db", tmp_path / "peiyu.db")


def changed(folder):
    (folder / "fitted.csv").write_text((folder / "fitted.csv").read_text("utf8").rstrip("\n").rpartition("\n")[0] + "\n", "utf8")


def unreadable(folder):
    text = (folder / "fitted.json").read_text("utf8")
    (folder / "fitted.json").write_text(re.sub(r'"particles": \d+', '"particles": "many"', text), "utf8")


def older(folder):
    text = (folder / "series.toml").read_text("utf8")
    (folder / "series.toml").write_text(re.sub(r"(?m)^publication_lag = .*$", "publication_lag = 3", text), "utf8")
    profile = (folder / "profile.toml").read_text("utf8")
    (folder / "profile.toml").write_text(re.sub(r"(?m)^hnte = (\d+)", "hnte = 1", profile, count=1), "utf8")


@pytest.mark.parametrize(
    ("spoil", "wanted"),
    [
        (lambda folder: (folder / "fitted.json").unlink(), "尚未校准;请运行:peiyu calibrate --city"),
        (lambda folder: (folder / "fitted.csv").unlink(), "没有这个文件;请运行:peiyu calibrate"),
        (changed, "校准后被改动过;请重新运行 peiyu calibrate"),
        (unreadable, "本版本无法读取这份校准结果(particles:"),
        (older, "城市的规则有变动(profile.toml"),
    ],
)
def test_a_fit_that_cannot_be_used_is_refused_in_chinese(spoil, wanted, refused, tmp_path):
    folder = tmp_path / "hangzhou"
    shutil.copytree(CITY, folder)
    spoil(folder)
    assert wanted in refused("forecast", "--city", folder)


def test_a_template_that_is_no_word_file_is_refused_in_chinese(refused, tmp_path, capsys):
    pytest.importorskip("docx")
    assert run(["forecast", "--members", "2", "--json", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    (tmp_path / "letter.docx").write_text("a letter", "utf8")
    assert run(["appendix", "--format", "docx", "--template", str(tmp_path / "letter.docx"), "--out", str(tmp_path)]) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert "docx 未生成:--template" in told and is_chinese(told), told


def test_progress_is_told_in_chinese(monkeypatch, capsys):
    from peiyu.screen import progress

    now = iter([0.0, 20.0])
    monkeypatch.setattr(progress, "monotonic", lambda: next(now))
    with progress.Bar("杭州", "zh") as bar:
        bar.update(1, 3)
    assert capsys.readouterr().err == "杭州:1/3,最多还需 40 秒\n"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Return a browser of a page that usually speaks English; no worker runs for what is refused."""
    place = tmp_path_factory.mktemp("page")
    q = pipeline.ask("hangzhou", [])
    (place / "scenarios").mkdir()
    desk = Desk(q, Pool(q.experiment(q.scenarios), 1, 2), place / "scenarios")
    return TestClient(application(Site(desk, Keeper(desk, place / "peiyu.db"), "en")))


FORM = {"series": "hte_stock", "period": "2025", "source": "公报"}


@pytest.mark.parametrize(
    ("method", "address", "fields", "wanted"),
    [
        ("POST", "/observation?", FORM | {"value": "many"}, "value:请写数字。"),
        ("POST", "/observation?", FORM | {"value": "1", "period": "2099"}, "晚于今天("),
        ("POST", "/save?", {"name": "../x"}, "“../x”不能作名称"),
        ("POST", "/save?", {"name": "baseline"}, "已有名为“baseline”的情景"),
        ("GET", "/answer?set=fund_seedling.size:x&", None, "“x”不是数字"),
        ("GET", "/answer?base=nobody&", None, "hangzhou 没有名为“nobody”的情景"),
        ("GET", "/answer?cap=1&", None, "超过上限 1 万元"),
        ("GET", "/answer.json?members=0&", None, "members:请写 1 至 128 的数"),
        ("GET", "/appendix.exe?", None, "没有名为“exe”的格式"),
    ],
)
def test_the_page_refuses_in_its_own_language(page, method, address, fields, wanted):
    told = page.request(method, address + "lang=zh", content=None if fields is None else urlencode(fields))
    assert told.status_code == 422 and wanted in told.text and is_chinese(told.text), told.text
    plain = page.request(method, address, content=None if fields is None else urlencode(fields))
    assert plain.status_code == 422 and not re.search("[请没不]", plain.text)


def test_a_screen_that_cannot_be_opened_keeps_the_language_of_its_address(page):
    told = page.get("/?set=nonsense&lang=zh")
    assert told.status_code == 422 and "请写作“工具.size:2”" in told.text and '<html lang="zh-CN">' in told.text
