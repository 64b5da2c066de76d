"""`peiyu add-observation`: a published number, or an event, entered into a city's record, with no CSV editor."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from peiyu.cli.app import City, Lang, app, default_language
from sim.inputs.errors import InputError
from sim.inputs.said import Said

Name = Annotated[str, typer.Option(help="Series of history.csv, as hte_new. 数据系列")]
Kind = Annotated[str, typer.Option(help="Kind of event of events.csv, as consortium_formed. 事件类别")]
Graded = Annotated[str, typer.Option(help="A official, B press, C mirror or list. 来源等级")]
Seen = Annotated[str, typer.Option(help="exact, rounded, lower_bound or upper_bound. 数值性质")]
CoveredTo = Annotated[str, typer.Option(help="Up to then all events of the kind are known. 该类记录已知至哪个季度")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and show, write nothing. 只检查,不写入")]


@app.command("add-observation")
def add_observation(
    source: Annotated[str, typer.Option(help="Where a reader can check it. 来源")],
    city: City = "hangzhou",
    series: Name = "",
    region: Annotated[str, typer.Option(help="The city unless another is named. 地区,默认本市")] = "",
    period: Annotated[str, typer.Option(help="2025, 2025-11 or 2025Q4. 时期")] = "",
    value: Annotated[float | None, typer.Option(help="The number as published. 数值")] = None,
    observation: Seen = "exact",
    unit: Annotated[str, typer.Option(help="Of the series unless it is new. 单位")] = "",
    event: Kind = "",
    quarter: Annotated[str, typer.Option(help="When it happened, as 2026Q1. 发生季度")] = "",
    count: Annotated[int, typer.Option(help="How many. 数量")] = 1,
    district: Annotated[str, typer.Option(help="District, where it is known. 区县")] = "",
    track: Annotated[str, typer.Option(help="Track, where it is known. 赛道")] = "",
    covered_to: CoveredTo = "",
    url: Annotated[str, typer.Option(help="Address of the source. 网址")] = "",
    quote: Annotated[str, typer.Option(help="The words of the source. 原文")] = "",
    note: Annotated[str, typer.Option(help="What a reader should know. 备注")] = "",
    grade: Graded = "B",
    published: Annotated[
        str, typer.Option("--published", help="When it was published; today if not said. 公布日期")
    ] = "",
    dry_run: DryRun = False,
    lang: Lang = None,
) -> None:
    """Enter a published number or an event, and say what it will move. 录入一条公布的数据或事件,并说明影响哪些目标."""
    from peiyu.observations import draft, write
    from peiyu.observations.terminal import print_addition
    from sim.city.city import load_city
    from sim.state.indicators import NAMES

    place, today = load_city(city, frozenset(NAMES)), date.today()
    said_by = draft.Source(title=source, url=url, quote=quote, as_of=published, note=note, grade=grade)
    if bool(series) == bool(event):
        raise InputError(
            Said("write either --series with --period and --value, or --event with --quarter and --count.")
        )
    happened = None
    if series:
        if not period or value is None:
            raise InputError(Said("--series needs --period and --value, as --period 2025 --value 9300."))
        number = draft.NewNumber(
            series=series, region=region or place.region, period=period, value=value, observation=observation, unit=unit
        )
        row = draft.number_row(place, number, said_by, today)
    else:
        happened = draft.NewEvent(
            kind=event, quarter=quarter, count=count, district=district, track=track, covered_to=covered_to
        )
        row = draft.event_row(place, happened, said_by, today)
    addition = write.added(place, row, happened)
    if not dry_run:
        addition.write()
    print_addition(place, row, addition, str(lang or default_language()), written=not dry_run)
