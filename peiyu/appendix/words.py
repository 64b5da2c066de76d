"""The words of the appendix in Chinese and English; every sentence with numbers is put together from these."""

from __future__ import annotations

from peiyu.appendix import words_results as appendix_words_results

OWN: dict[str, dict[str, str]] = {
    "zh": {
        "mark": "附件", "title": "{city}未来产业培育目标达成预测", "subtitle": "情景：{scenario}；数据截至{as_of}",
        # sections
        "answers": "各项目标的结论", "goals": "目标与口径", "joint": "目标同时达成的概率", "change": "与上次评估相比的变化",
        "paths": "主要指标的走势", "compare": "政策情景比较", "where": "分区县与分赛道", "alters": "哪些因素会改变结论",
        "fails_when": "何时不达标", "search": "预算内的政策组合", "sensitivity": "敏感性与信息价值", "backtest": "历史回测记录", "check": "拟合检验",
        "assumptions": "假设清单", "levers": "政策工具", "priors": "模型参数", "data": "数据来源", "model": "模型说明", "limits": "局限", "reproduce": "如何复算",
        # answers
        "intro": "本附件由运行{run}生成，为{members}个成员的集合预测，随机种子{seed}，程序版本{version}。概率由集合成员计数得出；证据等级为C的口径，其概率取模型结果与同类目标历史达成率的平均。",
        "city_changed": "注意：本运行之后，城市数据文件已有改动。目标名称、观测值和数据来源以现有文件为准，预测数字以运行时为准。",
        "code_changed": "注意：本运行由另一版本的模型代码（{then}）生成，现有代码为{now}。预测数字以运行时为准，模型说明以现有代码为准。",
        "answer": "到{deadline}，{goal}（{reading}）{asked}的概率为{p}；期末中位数为{median}{unit}，90%区间为{interval}{unit}；证据等级{grade}。{others}", "answer_others": "按其他口径，达成概率为：{found}。", "acted": "情景的规则“{rule}”在{when}触发（{branch}）的成员占{share}。",
        ">=": "不少于", ">": "多于", "<=": "不多于", "<": "少于",
        # the table of goals
        "goals_intro": "下表列出每项目标的全部口径，标“★”者为主口径。“达到时间”为半数成员达到要求的季度；“每季还需”为自起点到期限每季平均还需增加的数量（中位成员）。",
        "t_goals": "目标与口径的预测", "goal": "目标", "reading": "口径", "asked": "要求", "median": "中位数", "interval": "90%区间", "p": "达成概率",
        "error": "抽样误差", "grade": "证据等级", "when": "达到时间", "needed": "每季还需", "never": "未达到", "low": "下限", "high": "上限",
        "grades": "证据等级：A为本指标已校准；B为依据替代指标；C为仅有先验。抽样误差为概率的蒙特卡洛标准误，1为百分之百。",
        # joint
        "joint_all": "全部{n}项目标（主口径）同时达成的概率为{p}。下表按至少达成的项数列出概率；各项之间的相关性由同一成员同时给出。",
        "t_joint": "至少达成若干项目标的概率", "at_least": "至少达成项数", "probability": "概率",
        # change
        "change_none": "数据库中没有本市更早的完整运行，无法比较。下次评估后，可用命令{command}分解变化。",
        "change_plain": "上次运行为{old}（情景“{scenario}”，数据截至{as_of}）。下表为主口径概率之差，尚未分解；分解为数据、政策、模型和随机四部分的命令是{command}。",
        "change_parts": "下表把运行{old}以来主口径概率的变化分解为四部分：模型（代码与后验）、数据（新起点和新公布的数字）、政策（情景）和随机（种子与成员数），四部分之和等于总变化。",
        "t_change": "达成概率的变化", "before": "上次", "now": "本次", "difference": "变化", "part_model": "模型", "part_data": "数据", "part_policy": "政策", "part_luck": "随机", "pp": "百分点",
        # figures
        "paths_intro": "各图的深色线为中位数，深浅两层色带为50%和90%区间；虚线为目标要求，竖线为期限。横轴刻度为该年年末。",
        "f_goals": "主口径的走势与要求（{i}/{n}）", "f_observed": "有公开数据的指标：观测与预测（{i}/{n}）",
        "alt_goal": "{name}：起点中位数{start}，期末中位数{end}，90%区间{low}至{high}，要求{asked}", "alt_observed": "{name}：{n}个观测值，最近一个为{last}；期末中位数{end}",
        "observed_note": "实心圆为确切公布数，空心圆为约数，三角为上下限，菱形为由其他公布数推算的数；观测值只取起点及以前各期、起点后一年内公布的。细虚线为其他情景的中位数。",
        "no_font": "本机没有开源中文字体，未能绘图。安装方法：{apt}，或{pip}，或在环境变量{variable}中写明字体所在目录。", "no_figures": "本机没有绘图所需的软件包，未能绘图。安装命令：{command}。",
        "asked_line": "要求", "chances_axis": "达成概率；空心为证据等级C", "other_scenario": "情景",
        # analyses
        "missing": "本运行尚无此项结果；生成它的命令是{command}。",
        "compare_intro": "下列比较以“{base}”为基准，逐成员配对。总量为受支持且达到口径的数量；新增为扣除无此政策也会达到者；净效应再扣除对其他企业的挤出。先导区、场景等不以企业计数的目标，三者相同。费用取自支付台账，为全部支出之差，不能在目标之间相加；净效应区间含0的不列单位费用。",
        "t_effects": "情景“{scenario}”对主口径的效应", "gross": "总量", "additional": "新增", "net": "净效应", "net_span": "净效应90%区间", "delta": "概率变化", "cost": "费用", "unit_cost": "每单位净效应费用",
        "cost_total": "情景“{scenario}”比基准多支出{cost}万元（成员平均，预测期合计）。", "wan": "万元",
        "t_parts": "情景“{scenario}”的净效应：分{axis}", "district": "区县", "track": "赛道", "where_intro": "下列各表把净效应分到区县和赛道，只列净效应90%区间不含0的目标；不以企业计数的目标（如先导区、场景）不分。", "where_none": "没有净效应可分到区县和赛道。", "place": "名称",
        "t_split": "效应的分解：{scenario}", "player": "政策工具", "split_intro": "用{members}个成员，按沙普利值把净效应分摊给各类政策工具，同一口径各行之和等于总效应。没有效应的目标和工具不列。", "t_split_cost": "各类政策工具的费用：{scenario}", "whole": "合计",
        "t_leaks": "情景“{scenario}”未形成效应的支持", "item": "项目", "in_scenario": "本情景", "in_base": "基准", "difference_span": "差的90%区间",
        "key": "键", "value": "取值",
        # assumptions
        "levers_intro": "下表为情景“{scenario}”的{n}项政策工具。来源照录情景文件原文；写明“assumption”者没有公开出处，属于假设。", "levers_gone": "情景文件“{scenario}”已不可得或已改动，与运行时不同，不列政策工具。",
        "t_levers": "政策工具的取值与来源", "lever": "政策工具", "kind": "类型", "term": "期间", "budget": "年预算", "wan_year": "万元", "settings": "其他设定", "source": "来源（原文）",
        "priors_intro": "下表为模型的{n}个参数，其中{assumed}个没有公开出处，属于假设。先验为校准前的分布；后验为本运行所用的校准结果。", "priors_gone": "本运行的后验已不可得，只列先验。",
        "t_priors": "参数的先验、后验与来源", "parameter": "参数", "unit": "单位", "prior": "先验", "prior_span": "先验5%–95%", "posterior": "后验中位数", "posterior_span": "后验5%–95%",
        "assumption": "假设", "evidence": "文献", "basis": "依据",
        # data
        "data_intro": "{city}的历史数据共{n}行，其中本市{own}行，出自{sources}个来源；另有带日期的事实{events}条和已有结论的目标{settled}项。下表列出校准可用的各序列。",
        "t_series": "所用序列", "series": "序列", "indicator": "对应指标", "rows": "行数", "first": "最早", "last": "最近", "best": "来源等级",
        "t_sources": "本市数据的来源", "publisher": "发布者（原文）", "source_title": "标题（原文）", "known": "可得日期",
        "sources_note": "来源等级：A为政府文本或统计；B为对官方数字的报道；C为镜像、汇编或推断。标题和发布者照录原文。只列起点及以前各期、起点后一年内公布的数字的来源；可得日期为最早的公布日期。",
        "t_hashes": "文件与校验值", "what": "对象", "hash": "校验值", "h_city": "城市数据文件", "h_scenario": "情景文件", "h_fit": "后验抽样", "h_code": "模型代码", "h_file": "文件",
        # model, limits, reproduce
        "model_intro": "以下按ODD规程（2020年版）的七个要素说明模型，文字与代码同步生成。文中提到的变量、公式和参数各表见程序附带的模型说明页{page}。",
        "limits_run": "本运行共{members}个成员。抽样误差最大的口径是{worst}，其概率的标准误为{error}。", "limits_c": "{n}个口径中有{c}个证据等级为C，其概率一半来自同类目标的历史达成率，不宜单独作为依据。",
        "repro_intro": "在安装了同一版本程序、具有相同城市文件的机器上，下列命令给出同样的数字：", "repro_again": "由已存的运行再次生成本附件：",
        "repro_ids": "表中和结论中的每个数字都有编号，由对象和路径组成，例如{id}。网页版中，鼠标停在数字上即可看到编号；工作簿的“数字编号”表逐一列出。下列命令重新计算一个数字并与原数比较，不同时说明数据、代码、后验或软件版本的哪一项有变：",
        "t_run": "运行的记录", "field": "字段", "f_run": "运行编号", "f_created": "生成时间（协调世界时）", "f_version": "程序版本", "f_weight": "每行代表的企业数", "f_seed": "随机种子", "f_members": "成员数",
        "f_as_of": "数据截至", "f_horizon": "预测至", "f_fit": "后验的起点、粒子数与代数",
        "contents": "目录", "table": "表", "figure": "图", "numbers": "数字编号", "number_id": "编号", "where_col": "位置", "notes": "说明", "sheet": "工作表", "sep": "：",
    },
    "en": {
        "mark": "Annex", "title": "{city}: forecast of the goals for future industries", "subtitle": "Scenario: {scenario}. Data to {as_of}",
        "answers": "Answer per goal", "goals": "Goals and readings", "joint": "Goals reached together", "change": "Change since the last review",
        "paths": "Main indicators over time", "compare": "Comparison of scenarios", "where": "Districts and tracks", "alters": "What would change the answer",
        "fails_when": "When the plan fails", "search": "Mixes of levers within the budget", "sensitivity": "Sensitivity and value of information", "backtest": "Backtest record", "check": "Check of the fit",
        "assumptions": "Assumptions", "levers": "Levers", "priors": "Parameters of the model", "data": "Data sources", "model": "Description of the model", "limits": "Limits", "reproduce": "How to reproduce",
        "intro": "This annex was made from run {run}: an ensemble of {members} members, seed {seed}, program version {version}. Probabilities are shares of members; at evidence grade C a probability is the mean of the model's and of the hit rate of goals of the same kind.",
        "city_changed": "Note: the files of the city were changed after this run. Names, observations and sources are those of today's files; forecasts are those of the run.",
        "code_changed": "Note: the run was made by another version of the model's code ({then}; this is {now}). Forecasts are those of the run; the description of the model is that of today's code.",
        "answer": "By {deadline}, {goal} ({reading}): the probability of {asked} is {p}; the median at the deadline is {median}, the 90 % interval {interval}; evidence grade {grade}.{others}", "answer_others": " By other readings the probability is: {found}.", "acted": "The scenario’s rule “{rule}” acted at {when} ({branch}) in {share} of the members.",
        ">=": "at least", ">": "more than", "<=": "at most", "<": "fewer than",
        "goals_intro": "The table lists every reading of every goal; ★ marks the main reading. “Reached” is the quarter by which half the members have reached it; “needed per quarter” is what the median member still lacks at the origin, spread to the deadline.",
        "t_goals": "Forecast of goals and readings", "goal": "Goal", "reading": "Reading", "asked": "Asked", "median": "Median", "interval": "90 % interval", "p": "P(reached)",
        "error": "Sampling error", "grade": "Evidence", "when": "Reached", "needed": "Needed per quarter", "never": "not reached", "low": "low", "high": "high",
        "grades": "Evidence: A the series itself is calibrated; B a proxy is; C prior only. The sampling error is the Monte-Carlo standard error of the probability, of 1.",
        "joint_all": "The probability that all {n} goals (main readings) are reached is {p}. The table gives the probability of reaching at least so many goals; dependence between goals comes from the same members.",
        "t_joint": "Probability of reaching at least so many goals", "at_least": "At least", "probability": "Probability",
        "change_none": "The store holds no earlier finished run of this city to compare with. After the next review, the change is decomposed by {command}.",
        "change_plain": "The last run was {old} (scenario “{scenario}”, data to {as_of}). The table gives differences for the main readings, not decomposed; they are decomposed into data, policy, model and luck by {command}.",
        "change_parts": "The table decomposes the change of the main readings since run {old}: model (code and posterior), data (new origin and newly published numbers), policy (scenario) and luck (seed and members). The parts add up to the change.",
        "t_change": "Change of probabilities", "before": "Before", "now": "Now", "difference": "Change", "part_model": "Model", "part_data": "Data", "part_policy": "Policy", "part_luck": "Luck", "pp": "points",
        "paths_intro": "The dark line is the median, the two bands are the 50 % and 90 % intervals; the dashed line is what the goal asks, the vertical line its deadline. A tick on the axis is the end of that year.",
        "f_goals": "Main readings over time and what is asked ({i}/{n})", "f_observed": "Indicators with published data: observed and forecast ({i}/{n})",
        "alt_goal": "{name}: median {start} at the origin, {end} at the deadline, 90 % interval {low} to {high}, asked {asked}", "alt_observed": "{name}: number of observations {n}, the latest {last}; median at the end {end}",
        "observed_note": "Filled circles are exact numbers, open circles rounded ones, triangles bounds, diamonds numbers derived from other published ones; only numbers of quarters up to the origin, published within a year of it, are used. Thin dashed lines are medians of other scenarios.",
        "no_font": "There is no open Chinese font on this machine, so nothing is drawn. To get one: {apt}, or {pip}, or name its folder in {variable}.", "no_figures": "What draws the figures is not installed on this machine: {command}.",
        "asked_line": "asked", "chances_axis": "P(reached); hollow: evidence grade C", "other_scenario": "scenario",
        "missing": "This run has no such result yet; it is made by {command}.",
        "compare_intro": "The comparison takes “{base}” as the base, member by member. Gross counts what was supported and reached; additional leaves out what would have been reached anyway; net also takes off what others lost. For goals that count no enterprises, such as zones and scenes, the three are the same. Cost is from the ledger of payments: the whole difference in spending, so costs per unit do not add up over goals; there is none where the interval of the net effect holds zero.",
        "t_effects": "Effects of “{scenario}” on the main readings", "gross": "Gross", "additional": "Additional", "net": "Net", "net_span": "Net, 90 % interval", "delta": "Change of P", "cost": "Cost", "unit_cost": "Cost per net unit",
        "cost_total": "“{scenario}” spends CNY 10,000 × {cost} more than the base (mean of members, sum over the forecast).", "wan": "CNY 10,000",
        "t_parts": "Net effect of “{scenario}” by {axis}", "district": "district", "track": "track", "where_intro": "The tables share the net effect among districts and tracks. Only goals whose 90 % interval of the net effect leaves out zero are listed; goals that count no enterprises, such as zones and scenes, are not shared.", "where_none": "There is no net effect to share among districts and tracks.", "place": "Name",
        "t_split": "Effects split among levers: {scenario}", "player": "Levers", "split_intro": "Net effects over {members} members, shared among kinds of levers by Shapley values; the rows of a reading add up to the whole. Goals and levers without any effect are left out.", "t_split_cost": "Cost of the levers: {scenario}", "whole": "Whole",
        "t_leaks": "Support in “{scenario}” that was no effect", "item": "Item", "in_scenario": "Scenario", "in_base": "Base", "difference_span": "Difference, 90 % interval",
        "key": "Key", "value": "Value",
        "levers_intro": "The table lists the {n} levers of “{scenario}”. Sources are quoted from the scenario file; what says “assumption” has no public source.", "levers_gone": "The scenario file “{scenario}” is gone or was changed since the run, so its levers are not listed.",
        "t_levers": "Values and sources of levers", "lever": "Lever", "kind": "Type", "term": "Term", "budget": "Budget a year", "wan_year": "CNY 10,000", "settings": "Other settings", "source": "Source (as quoted)",
        "priors_intro": "The table lists the {n} parameters; {assumed} of them have no public source and are assumptions. The prior is the distribution before the fit, the posterior the fit used by this run.", "priors_gone": "The posterior of this run is no longer available; priors only.",
        "t_priors": "Priors, posteriors and sources of parameters", "parameter": "Parameter", "unit": "Unit", "prior": "Prior", "prior_span": "Prior 5–95 %", "posterior": "Posterior median", "posterior_span": "Posterior 5–95 %",
        "assumption": "assumption", "evidence": "evidence", "basis": "Basis",
        "data_intro": "The history of {city} has {n} rows, {own} of them of the city itself, from {sources} sources; there are {events} dated facts and {settled} settled goals. The table lists the series a fit may use.",
        "t_series": "Series used", "series": "Series", "indicator": "Indicator", "rows": "Rows", "first": "First", "last": "Last", "best": "Source grades",
        "t_sources": "Sources of the city's data", "publisher": "Publisher (as published)", "source_title": "Title (as published)", "known": "Known by",
        "sources_note": "Grades: A government text or statistics; B report of an official number; C mirror, compilation or inference. Titles and publishers are in the language of the source. Listed are sources of numbers of quarters up to the origin, published within a year of it; the date is that of the first publication.",
        "t_hashes": "Files and hashes", "what": "What", "hash": "Hash", "h_city": "files of the city", "h_scenario": "scenario file", "h_fit": "posterior draws", "h_code": "code of the model", "h_file": "file",
        "model_intro": "The seven elements of the ODD protocol (2020), generated with the code. The tables of variables, formulas and parameters that the text mentions are on the page {page}, which comes with the program.",
        "limits_run": "This run has {members} members. The reading with the largest sampling error is {worst}; the standard error of its probability is {error}.", "limits_c": "Of {n} readings, {c} have evidence grade C: half of their probability is the hit rate of goals of the same kind, so they should not be relied on alone.",
        "repro_intro": "On a machine with the same version of the program and the same files of the city, these commands give the same numbers:", "repro_again": "This annex is made again from the stored run by:",
        "repro_ids": "Every number of an answer or a table has an id made of an object and a path, such as {id}. The web page shows it when the pointer rests on a number, and the sheet “Numbers” of the workbook lists all. This command computes a number again, compares it, and says what of data, code, posterior or software differs when it does:",
        "t_run": "Record of the run", "field": "Field", "f_run": "Run id", "f_created": "Made at (UTC)", "f_version": "Version of the program", "f_weight": "Enterprises a row stands for", "f_seed": "Seed", "f_members": "Members",
        "f_as_of": "Data to", "f_horizon": "Forecast to", "f_fit": "Origin, particles and generations of the fit",
        "contents": "Contents", "table": "Table", "figure": "Figure", "numbers": "Numbers", "number_id": "Id", "where_col": "Where", "notes": "Notes", "sheet": "Sheet", "sep": ": ",
    },
}  # fmt: skip
WORDS = {lang: appendix_words_results.WORDS[lang] | words for lang, words in OWN.items()}


def when(label: str, lang: str) -> str:
    """Write a quarter as a reader says it: 2026年底 or the end of 2026, 2026年第三季度 or 2026 Q3."""
    year, number = label.split("Q")
    if number == "4":
        return f"{year}年底" if lang == "zh" else f"the end of {year}"
    return f"{year}年第{'一二三四'[int(number) - 1]}季度" if lang == "zh" else f"{year} Q{number}"
