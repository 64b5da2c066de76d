"""The Chinese of the docstrings of rules and processes, by their English first paragraph."""

# ruff: noqa: E501  tables of words
from __future__ import annotations

# fmt: off
RULES: dict[str, str] = {
    # a quarter and its processes
    "Move to the next quarter with a blank ledger page and blank flows.": "进入下一季度,台账和流量清空。",
    "Start from nothing and let each lever in force add its offer.": "从空白开始,由各项生效的政策工具加上内容。",
    "Thin the quarter's queue of potential entrants and append those who come, with blank terms.":
        "筛选本季度的潜在进入者队列,加入进来的企业,其政策条件为空白。",
    "Add R&D that policy made possible, start supported key projects, review those that are due.":
        "加上政策促成的研发,启动受支持的攻关项目,评审到期项目。",
    "Let candidates become leaders, leaders fall back, and both list on an exchange.":
        "候选企业跃升为领军企业,领军企业回落,两者均可上市。",
    "Burn cash, pay in grants, close equity rounds; return the public equity taken up, (n,), 万元.":
        "消耗现金,拨入资助,完成股权融资;返回实际使用的公共股权资金,万元。",
    "Hold the rounds of this quarter; return who is recognised first and who again, (n, recognitions).":
        "办理本季度的认定批次;返回首次认定和再次认定的企业。",
    "Set up the institutions that are there from the opening on.":
        "设立自期初即存在的机构。",
    "Let levers that pay on results pay, and write what was paid into the accounts of the institutions.":
        "按结果支付的政策工具付款,并为基金和服务券项目记账。",
    "Let enterprises move between districts and into the zone of their district and track.":
        "企业在区县之间迁移,并进入所在区县和赛道的先导区。",
    "Strike closed enterprises off the register; let others fall dormant.": "注销关闭的企业,另一些企业停业。",
    "Let every institution act once; up to the origin, what is on record happens as it did.":
        "每个机构行动一次;在预测起点之前,有记录的事实照实发生。",
    "Count everything once, at the end of the quarter.": "季度末统一计数一次。",
    "Make the population at the city's opening quarter, 存量.": "生成期初季度的企业存量。",
    "Set real and reported R&D of the rows from their revenue and habit.": "由营收和研发习惯设定实际研发和申报研发。",
    "Thin the quarter's queue of `kind` so that `yearly_rate` a year are expected, (queue,).":
        "筛选本季度 `kind` 类事件的队列,使每年期望发生 `yearly_rate` 件。",
    "Draw log-normal delays, (n,), in quarters, at least one.": "抽取对数正态的时滞,以季度计,至少一个季度。",
    "Return the city's dated facts up to the origin, by quarter.": "按季度返回预测起点之前本市带日期的事实。",
    # founding
    "Pick a category per row from cumulative shares: the first whose cumulative share exceeds `u`.":
        "按累计份额为每行选取类别:累计份额首个超过 `u` 的类别。",
    "Return staff at founding, log-normal and at least one person.": "返回设立时的人员,对数正态,至少一人。",
    "Return ages in quarters of the opening population, at least one.": "返回期初企业的年龄,以季度计,至少为一。",
    "Tell which potential entrants are founded: P = chance * pull * exp(lift), all (n,).":
        "判断哪些潜在进入者被设立:P = chance * pull * exp(lift)。",
    "Return the pull of each cell, (cells,): (stock / opening)^elasticity relative to the city (P23).":
        "返回每个单元的吸引力:(存量/期初)^弹性,相对于全市(P23)。",
    # research
    "Return R&D as reported, (n,), 万元/年.": "返回申报的研发费用,万元/年。",
    "Return the knowledge stock a year later: (1 - depreciation) * stock + real R&D.":
        "返回一年后的知识存量:(1 - 折旧率) * 存量 + 实际研发。",
    "Return the log gain of revenue per head from knowledge: elasticity * ln(after / before) (P13).":
        "返回知识带来的人均营收对数增量:弹性 * ln(后/前)(P13)。",
    "Tell which key projects under review are accepted: logit(p) = logit(success) + lift.":
        "判断评审中的攻关项目是否通过:logit(p) = logit(success) + lift。",
    "Return the rows whose key project is reviewed this quarter.": "返回本季度评审攻关项目的行。",
    # growth
    "Return the rows of the enterprises whose business year closes this quarter.": "返回本季度结账的企业所在行。",
    "Tabulate |x| of a unit-variance Subbotin shock against its tail score.": "按尾部得分列出单位方差 Subbotin 冲击的 |x|。",
    "Turn uniforms into unit-variance Subbotin shocks, (n,), through `shock_table`.":
        "通过 `shock_table` 把均匀随机数变为单位方差的 Subbotin 冲击。",
    "Return the standard deviation of the yearly shock, (n,): sd * (employees / 20)^-exponent (P5, P6).":
        "返回年度冲击的标准差:sd * (人员/20)^-指数(P5、P6)。",
    "Return the autocorrelation of growth, (n,): one value below 20 staff, one from there on (P7).":
        "返回成长的自相关:二十人以下取一值,以上取另一值(P7)。",
    "Return log growth over three years of the rows, (rows,), from that of each year, (n, 3).":
        "由逐年成长返回所列企业三年的对数成长。",
    "Return the quarter of the year, 0 to 3, in which each enterprise's business year closes: spread evenly.":
        "返回各企业营业年度结算的季度(0 至 3),均匀分布。",
    "Tell who has grown by more than `yearly_rate` a year over three years from ten staff or more.":
        "判断哪些期初十人以上的企业三年年均增长超过 `yearly_rate`。",
    "Tell whose log growth over three years is above `yearly_rate` a year.": "判断哪些企业三年的对数成长高于每年 `yearly_rate`。",
    "Tell who had the staff, three years ago, from which on high growth is measured.":
        "判断哪些企业三年前的人员已达到衡量高成长的起点。",
    "Translate a log hazard ratio of entering high growth into yearly growth.": "把进入高成长的对数风险比换算为年成长。",
    "Tell which candidates become leaders this quarter: P = 1 - exp(-rate / 4) (P10).":
        "判断哪些候选企业本季度成为领军企业:P = 1 - exp(-rate / 4)(P10)。",
    "Return the relative take-off rate by age, (n,), one at the usual age of taking off.":
        "返回按年龄的相对跃升率,在通常的跃升年龄为 1。",
    "Return the share that is left of the fading part of a voucher boost a quarter later (P18).":
        "返回服务券作用中会消退的部分在一个季度后剩余的比例(P18)。",
    # places
    "Add every enterprise to the stock of its place, (districts, tracks), and return it.":
        "把每家企业计入所在区县与赛道的存量,(区县数, 赛道数),并返回。",
    "Add a quarter of the yearly lifts to what the year has had so far: own less what rivals' lift takes.":
        "把各项年度增量的四分之一计入本年累计:自身所得减去被同行挤出的部分。",
    # equity rounds
    "Tell which venture-type enterprises have fewer than `runway` quarters of cash left.":
        "判断哪些风投型企业的现金不足 `runway` 个季度。",
    "Return the private deal size, 万元: the first round's size times `step` for every earlier round.":
        "返回社会资本的交易规模,万元:首轮规模,此前每多一轮乘以 `step`。",
    "Return private money in the round, 万元: the usual deal plus what public money crowds in (P16).":
        "返回本轮的社会资本,万元:通常的交易加公共资金带动的部分(P16)。",
    "Return the valuation after a round: money raised over the share sold.": "返回融资后的估值:融资额除以出让份额。",
    "Tell who is the kind of enterprise equity investors back: the top `share` by latent quality.":
        "判断哪些企业是股权投资人愿意支持的类型:按潜在质量居前的 `share`。",
    # recognition
    "Return the R&D spending the rule asks for, (n,), 万元/年: band share of revenue, or the absolute floor.":
        "返回规则要求的研发费用,万元/年:按档次的营收占比,或绝对下限。",
    "Tell who meets the thresholds of the rule in force, (n,). `age` is in quarters.":
        "判断谁达到现行规则的门槛,`age` 以季度计。",
    "Tell which eligible enterprises apply in a yearly round: P = 1 - exp(-rate * exp(lift)).":
        "判断哪些符合条件的企业在年度批次中申报:P = 1 - exp(-rate * exp(lift))。",
    "Return the log recognition drive at the end of `year`, zero at the first knot.":
        "返回 `year` 年末认定力度的对数,首个节点为零。",
    "Return the yearly rate at which an eligible enterprise applies for a recognition.": "返回符合条件的企业申报某项认定的年率。",
    "Return the share of applications that end in recognition (P12); only the HNTE review is known apart.":
        "返回申报获得认定的比例(P12);只有高企的评审有单独数据。",
    # survival
    "Tabulate the quarterly registry exit hazard by age in quarters, (oldest + 1,).": "按年龄(季度)列出季度注销风险。",
    "Return each enterprise's quarterly registry exit hazard, (n,), in [0, 1].": "返回每家企业的季度注销风险,取值于 [0, 1]。",
    "Tell which active enterprises stop being active this quarter while staying on the register.":
        "判断哪些活跃企业本季度停业但仍登记在册。",
    "Return ages in quarters, cut at `oldest`.": "返回以季度计的年龄,以 `oldest` 为上限。",
    "Turn a yearly probability into a quarterly one: 1 - (1 - p)^(1/4).": "把年概率变为季度概率:1 - (1 - p)^(1/4)。",
    # observation model
    "Return the rows that had been published within the publication lag of a quarter.":
        "返回在某季度的公布滞后期内已经公布的条目。",
    "Return the city's own dated counts, in order of series and period.": "按序列和时期返回本市自身带日期的数量。",
    "Return the observations on the summary scale, as what a run's summaries should come close to, each (k,).":
        "在摘要尺度上返回观测值,即一次运行的摘要应当接近的数值。",
    "Derive counts from the city's share of a region whose total follows from other members' printed counts.":
        "由本市占某区域的份额推得数量,该区域总数由其他成员公布的数量得出。",
    "Derive yearly certifications from the province's, at the share that the city had when both are known.":
        "由全省认定数推得本市年度认定数,份额取两者均已知时的份额。",
    "Return both, a printed count going before a derived one of the same indicator and quarter.":
        "合并两者;同一指标和季度,公布的数量优先于推得的数量。",
    "Return the observations a fit as of a quarter may use, in order of name.": "按名称返回截至某季度的校准可以使用的观测。",
    "Return the moments to calibrate on: M2, M4, M5. M1 is the prior P1 itself, so it is not used twice.":
        "返回用于校准的矩:M2、M4、M5。M1 即先验 P1 本身,不重复使用。",
    "Read the simulated counterpart of an observation off a run.": "从一次运行中读取与观测对应的模拟值。",
    "Read all of them off a run, (observations,).": "从一次运行中读取全部模拟值。",
    # forecast and effects
    "Return the hit rate of settled goals by kind, pulled towards the rate of all kinds.":
        "按类型返回已结算目标的达成率,并向全部类型的达成率收缩。",
    "Return the reading's count at the end of every quarter, (members, quarters).": "返回口径在每季度末的计数(成员,季度)。",
    "Return the Monte-Carlo error of a share, with one hit and one miss added so that 0 and 1 have one too.":
        "返回比例的蒙特卡洛误差,加一次达成和一次未达成,使 0 和 1 也有误差。",
    "Return the forecast of every goal and reading.": "返回每个目标和口径的预测。",
    "Return P(all primary readings) and P(at least k), from the same members.":
        "由同一批成员返回全部主口径达成的概率和至少 k 项达成的概率。",
    "Return the distribution of the number of successes, (members, trials + 1), of independent trials `p`.":
        "返回独立试验 `p` 成功次数的分布。",
    "Return gross and additional of every reading that counts enterprises, and where they are for the main ones.": (
        "返回每个以企业计数的口径的总量和新增;主口径另列其所在区县和赛道。"
    ),
    "Return what support paid for that is no effect: lapsed and deadweight vouchers, relabelling, moved tenants.": (
        "返回支持资金中不产生效果的部分:过期和无额外作用的券、费用改记、迁入园区的已有企业。"
    ),
    "Add up what support does in the quarter, and close the year of the enterprises whose quarter it is.":
        "累计扶持在本季度的作用,并为当季结账的企业结账。",
    "Pick a category per row from that row's weights, (n, categories).": "按各行自己的权重选取类别,(n, 类别数)。",
    "Raise `InputError` for an origin no data can speak of: more than a year after the last number was published.":
        "起点晚于最后一个公布数字一年以上、没有数据可言时,抛出 `InputError`。",
    "Return cash used in a quarter, (n,), 万元: what the last round was raised for, or R&D above the margin if more.":
        "返回一个季度用掉的现金,(n,),万元:上一轮融资的计划支出,或超出利润的研发,取较大者。",
    "Return real R&D as a share of revenue, log-normal around the track's level, at most HIGHEST_RD.":
        "返回实际研发占营收的比例,围绕赛道水平呈对数正态分布,不超过 HIGHEST_RD。",
    "Return the log lift of each cell, (districts, tracks), once what places take from each other is off.":
        "返回扣除场所之间相互争夺之后各单元的对数增量,(区县,赛道)。",
    "Return the mean quality of the enterprises investors back: phi(z) / share of a normal cut at its top `share`.":
        "返回投资人支持的企业的平均质量:正态分布最高 `share` 部分的均值 phi(z) / share。",
    "Return what support and finance add to an enterprise's own yearly growth of staff, (n,).":
        "返回扶持和融资对企业自身人员年增长的增量,(n,)。",
    "Return a possible pilot zone for every future track of every district, with what is fixed for life.":
        "为每个区县的每个未来产业赛道返回一个可能的先导区,及其终身不变的性质。",
    "Return the smallest Monte-Carlo error that a forecast of `members` can have when there are `later` of them.":
        "返回 `members` 个成员的预测在成员数达到 `later` 时可能有的最小蒙特卡洛误差。",
    "Return where a forecast starts unless one says otherwise: the quarter before any goal begins to count.":
        "返回预测的默认起点:任一目标开始计数之前的季度。",
    "Tell who closes a round: logit(p) = base + quality_effect * better + lift, per quarter (P15 in lift).":
        "判断谁完成一轮融资:logit(p) = base + quality_effect * better + lift,按季(lift 含 P15)。",
    "Tell who has a key result of its own this quarter: P = 1 - exp(-rate * knowledge / 4).":
        "判断本季度谁有自己的关键成果:P = 1 - exp(-rate * knowledge / 4)。",
}
# fmt: on
