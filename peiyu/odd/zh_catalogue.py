"""The Chinese of what code says in English: columns, units, comments, constants, levers, indicators.

The key is the text in the code, exactly. A text that changes there is shown in English until its Chinese is
brought up to date here; `make docs` lists such texts.
"""

# ruff: noqa: E501  tables of words
from __future__ import annotations

from peiyu.odd.zh_levers import LEVERS
from peiyu.odd.zh_rules import RULES

# fmt: off
UNITS: dict[str, str] = {
    "1/year": "1/年", "1/year per 亿元": "1/年·亿元", "万元 of R&D per 万元": "万元研发/万元", "share of the bill": "占账单的份额", "id": "编号", "code": "代码", "count": "个", "quarter": "季度", "quarters": "季度", "years": "年",
    "Origin": "来历", "Stage": "阶段", "yes/no": "是/否", "sd": "标准差", "share": "份额", "log": "对数", "log/year": "对数/年",
    "log/√year": "对数/√年", "ln": "对数", "ln HR": "ln 风险比", "ln TFP": "ln 全要素生产率", "ln entry": "ln 新设",
    "ln odds": "ln 优势比", "logit/quarter": "logit/季度", "logit/sd": "logit/标准差", "ratio": "比值", "elasticity": "弹性",
    "exponent": "指数", "correlation": "相关系数", "shape": "形状", "multiplier": "倍数", "enterprises": "家",
    "zones/batch": "个/批", "zones/year": "个/年", "share in 10 years": "十年份额", "share of the rest": "占其余的份额",
    "ln / 10 万元": "对数/10万元", "stock": "存量", "flow": "流量", "last": "期末值", "sum": "累计,始于", "change": "净增,基期",
    "Normal": "正态", "LogNormal": "对数正态", "Beta": "贝塔", "Gamma": "伽马", "TruncatedNormal": "截断正态",
    "mean": "均值", "median": "中位数", "low": "下限", "high": "上限", "scale": "尺度", "a": "a", "b": "b", "s": "s",
    "万元 a project": "万元/项目", "万元 a year": "万元/年", "万元 a year and enterprise": "万元/年·家",
    "万元 a year and young enterprise": "万元/年·初创企业", "万元 a year and zone": "万元/年·先导区",
    "万元 a year in all": "万元/年,合计", "万元, most in one deal": "万元,单笔上限", "a year": "每年",
    "quarter, included": "季度,含当季", "quarter -> scenes to complete": "季度 → 待建成的场景数",
}

COLUMNS: dict[str, str] = {
    "identity shared by every scenario, see sim.streams": "各情景共用的身份编号,见 sim.streams",
    "quarter of founding; may lie before the start": "设立季度,可早于起点",
    "quarter of the year": "年内季度",
    "quarter in which its business year closes, 0 to 3": "营业年度结算的季度,0 至 3",
    "its track is a future industry (未来产业)": "所在赛道属于未来产业",
    "the kind of enterprise equity investors back, fixed at founding": "是否属于股权投资者支持的企业类型,设立时确定",
    "how it came to the city": "如何来到本市",
    "district (区、县、市), position in the city's list": "区县,在城市列表中的位置",
    "track (赛道), position in the city's list": "赛道,在城市列表中的位置",
    "1 + position of its pilot zone (先导区); 0 outside any": "所在先导区的位置加 1;0 表示不在任何先导区",
    "rung of the cultivation ladder": "梯度培育的阶段",
    "on the register but without activity": "登记在册但已停业",
    "latent quality, fixed at founding": "潜在质量,设立时固定",
    "staff (从业人员)": "从业人员",
    "operating revenue of the last closed year, current prices": "上一结账年度的营业收入,现价",
    "growth of staff in the last three closed years, newest first": "最近三个结账年度的人员增长,由近及远",
    "real R&D as a share of revenue, fixed at founding": "实际研发占营收的比例,设立时固定",
    "real R&D spending of the last closed year": "上一结账年度的实际研发费用",
    "R&D reported for recognition, relabelled part included": "认定时申报的研发费用,含归集虚增部分",
    "knowledge stock: depreciated sum of real R&D": "知识存量:实际研发的折旧累计",
    "cash that pays for the gap between R&D and margin": "用于弥补研发与利润缺口的现金",
    "equity raised so far": "累计股权融资",
    "equity rounds closed": "已完成的股权融资轮次",
    "quarter of the last equity round": "最近一轮股权融资的季度",
    "public money in the last round": "最近一轮中公共资金的份额",
    "valuation at the last round or take-off": "最近一轮融资或跃升时的估值",
    "quarter of listing (上市)": "上市季度",
    "has had a high-growth episode": "有过高成长经历",
    "first quarter in which each recognition is no longer valid": "每项认定失效的首个季度",
    "quarter of the first recognition of each kind": "每项认定首次获得的季度",
    "quarter in which a supported key project is reviewed": "受支持攻关项目的评审季度",
    "key results (关键技术、部件、产品) accepted": "通过验收的关键技术、部件、产品",
    "what fades of past vouchers' effect on the hazard of high growth": "既往服务券对高成长发生率的作用中会消退的部分",
    "what stays of it": "其中长期保留的部分",
    "public money received so far": "累计获得的公共资金",
    "a lever has reached it since the scenarios parted": "情景分开后曾受某项政策工具作用",
    "added to the hazard of high growth by vouchers": "服务券对高成长发生率的增量",
    "added to the odds of closing an equity round": "对股权融资成功优势比的增量",
    "public equity on the table": "可提供的公共股权资金",
    "real R&D this quarter that policy made possible": "政策在本季度促成的实际研发",
    "cash paid out this quarter": "本季度发放的现金",
    "added to the log exit hazard": "对退出风险对数的增量",
    "added to the log rate of applying for each recognition": "对各项认定申报率对数的增量",
    "added to the odds that a key project succeeds": "对攻关项目成功优势比的增量",
    "a key project is awarded this quarter": "本季度获得攻关项目",
    "some lever offers something": "有政策工具给予条件",
    "(districts, tracks), added to the log probability of founding": "(区县,赛道),对新设概率对数的增量",
    "added to the log rate of moving in from outside": "对外地迁入率对数的增量",
    "added to the log probability that a spin-off is founded": "对衍生企业设立概率对数的增量",
    "municipal designations this quarter, in batches": "本季度市级命名,以批计",
    "candidates that are due are evaluated this quarter": "本季度评估到期的拟培育先导区",
    "where a planner can check it, or \"assumption: ...\"": "规划人员可以核对的出处,或写明“assumption: …”",
    "empty: all": "空白表示全部",
    "a recognition that must be valid": "必须有效的认定",
    "\"hnte_stock@2024Q4\" or \"M4\"": "如“hnte_stock@2024Q4”或“M4”",
    "as published": "公布值",
    "sd, of log1p(value) for counts and of the value itself for shares": "标准差:数量为 log1p(值) 的,份额为值本身的",
    "half the unit it is rounded to, over the value": "取整单位的一半与数值之比",
    "sd of the log offset its list shares": "同一名单共有的对数偏差的标准差",
    "初创小微, and everything that is neither of the other two": "初创小微,以及不属于其他两类的企业",
    "高成长性: an episode, not a rank": "高成长性:一段经历,而非等级",
    "领军: unicorn-size, see the city's thresholds": "领军:独角兽规模,见本市标准",
    # entities
    "Where an enterprise stands on the cultivation ladder (梯度培育).": "企业在梯度培育中所处的阶段。",
    "How an enterprise came to the city.": "企业如何来到本市。",
    "Column of each recognition (认定) in `until` and `first`, in the order of the city's rules.":
        "各项认定在 `until` 和 `first` 中的列,按城市规则的次序。",
    "How far a pilot zone is: 拟培育, 创建, 建成.": "先导区的进度:拟培育、创建、建成。",
    "A possible pilot zone (先导区): one future track in one district, at most once designated.":
        "可能的先导区:一个区县中的一个未来产业赛道,最多命名一次。",
    "Put the zone on the municipal list of candidates (拟培育).": "列入市级拟培育名单。",
    "Start building a year after designation; be recognised as built (建成) once due and evaluated.":
        "命名一年后开始创建;到期并经评估后认定为建成。",
    "A guidance fund tier (政府引导基金): what it has invested, in how many deals.": "政府引导基金的一个层级:投资额和投资笔数。",
    "Add a quarter's closed deals.": "记入一个季度完成的投资。",
    "A voucher programme (服务券、算力券): what it has paid, how often.": "服务券或算力券项目:支付额和支付次数。",
    "Add a quarter's redeemed vouchers.": "记入一个季度兑付的券。",
    "An innovation consortium (创新联合体), from the quarter in which it is formed.": "创新联合体,自组建的季度起存在。",
    "Give the zone a status above the city's, unless it has it.": "授予先导区高于市级的级别,已有则不变。",
    "A district (区、县、市) and its accounts of enterprises in and out.": "区县及其企业迁入、迁出账目。",
    "first quarter after its application scene (应用场景)": "应用场景结束后的首个季度",
    "quarter in which it became a tenant of its zone": "入区季度",
    "what support has added to the growth of the year that closes next": "扶持对下一结账年度成长的累计增量",
    "what support has added to its revenue per head likewise": "扶持对人均营收的累计增量",
    "planned spending of the last round; 0 once it is used up": "上一轮融资的计划支出;用完后为 0",
    "real R&D that policy made possible since the last closed year": "上一结账年度以来政策促成的实际研发",
    "added to the yearly growth of staff": "对人员年增长的增量",
    "added to the yearly growth of revenue per head": "对人均营收年增长的增量",
    "a released application scene is matched to it this quarter": "本季度对接到一个已发布的应用场景",
    "added to the log odds that a released scene finds an enterprise": "对已发布场景对接成功对数优势的增量",
    "added to the log rate of listing": "对上市率对数的增量",
    "(districts, tracks), the same by places that draw founders and movers from each other": "(区县,赛道),同上,来自相互吸引创业者和迁移者的场所",
    "relative to the usual rate of provincial designations": "相对于通常的省级命名速度",
    "relative to the usual rate of national designations": "相对于通常的国家级命名速度",
    "relative to the usual number of consortia a year": "相对于通常的年联合体数",
    "relative to the usual number of scenes a year": "相对于通常的年场景数",
    "relative to the usual number of demonstration samples a year": "相对于通常的年示范样本数",
    "relative to the usual number of exchange platforms a year": "相对于通常的年交流平台数",
    "of this quarter's release; they get their enterprise in the next": "本季度发布中对接成功的数量,下一季度对接企业",
    # the schedule's comments
    "blank, then each lever in force adds its offer": "先空白,再由各项生效的政策工具加上内容",
    "only recognitions with a round this quarter": "只办理本季度有批次的认定",
    "levers pay for what they promised": "政策工具兑现承诺",
    "the few: zones, consortia, scenes": "少数机构:先导区、联合体、场景",
    # groups of parameters
    "the pool and its turnover": "企业总体及其更替", "growth": "成长", "R&D": "研发", "finance": "融资", "leaders": "领军企业",
    "recognition": "认定", "vouchers": "服务券", "pilot zones": "先导区", "displacement and reach": "挤出与作用范围",
    "other plan actions": "计划的其他行动", "institutions": "机构",
}

CONSTANTS: dict[str, str] = {
    "Cash at founding, in runways: nobody looks for money at once; an assumption.": "设立时的现金,以跑道计:没有企业一开始就找钱;属于假设。",
    "Nobody spends more of its revenue on R&D for good; an assumption that binds for few.": "没有企业长期把更大份额的营收用于研发;对少数企业起约束的假设。",
    "Similarity from which an unknown series is taken for a misspelt one.": "未知指标被视为拼写错误的相似度。",
    "Spread of the log time to complete a scene; an assumption.": "场景建成时间对数的离散度,属于假设。",
    "Width of the uniform error with which offices judge quality, sd of quality; an assumption.": "部门判断企业质量时均匀误差的宽度,以质量标准差计;属于假设。",
    "Quarter number that stands for \"never happened\"; real quarters count from year 0 and are far larger.":
        "表示“从未发生”的季度编号;真实季度从公元 0 年起计,远大于此。",
    "Size at which the published shock spread applies [A41].": "公布的冲击离散度所适用的规模[A41]。",
    "High growth is measured over three years, for enterprises that began with ten staff or more [A52].":
        "高成长按三年衡量,适用于期初人员不少于十人的企业[A52]。",
    "Year-ends at which the recognition drive has a knot; it is log-linear in between.": "认定力度的节点年末,节点之间对数线性。",
    "Upper ends of the age bands of the national survival report [A01-A05].": "全国生存分析报告各年龄段的上限[A01-A05]。",
    "Ages are told apart up to forty years.": "年龄最多区分到四十年。",
    "One slot of the queue in ten belongs to enterprises that move in from outside.": "队列每十个位置中有一个属于从市外迁入的企业。",
    "Enterprises that move in are past their first years: size relative to a founder, youngest and oldest.":
        "迁入企业已过最初几年:相对新设企业的规模、最小和最大年龄。",
    "Quarter in which a recognition without an end ends.": "没有期限的认定的到期季度。",
    "From this size on, support works at the large-enterprise ratio (P22): the official line for medium-sized.":
        "达到此规模后,扶持按大企业效应比起作用(P22):即中型企业的官方界线。",
    "Above this public share a round counts as government-only (P15, B25: the dose has an inverted U).":
        "公共资金份额高于此值的融资视为独家政府投资(P15、B25:剂量呈倒 U 形)。",
    "Rounds after which an enterprise may take off without a high-growth episode [A79].":
        "达到此轮次后,没有高成长经历的企业也可跃升[A79]。",
    "Young is the first five years [A57]; a round works in the year after it.": "初创指最初五年[A57];融资在其后一年内起作用。",
    "Years of the first rounds, from which the roll-out trends count.": "首批认定的年份,推广趋势由此起算。",
    "Possible events of each kind in a quarter; rates are thinned from these.": "每季度各类可能事件的数量,实际发生从中筛选。",
    "Spread of the log building time between the zones of one city; an assumption.":
        "同一城市各先导区建设时间对数的离散度,属于假设。",
    "How much of a reading's probability is the model's; the rest is the base rate of its kind (grade C).":
        "口径概率中模型所占的比重,其余为同类基准达成率(C 级)。",
    "Settled goals of all kinds that stand behind the base rate of one kind; an assumption.":
        "支撑某一类基准达成率的全部已结算目标数,属于假设。",
    "Equity rounds an enterprise has closed when it belongs to a tier (plan article 13).":
        "企业属于某一基金层级时已完成的融资轮次(计划第13条)。",
    "A park does nothing for tenants without their own R&D (P22, B62); the seed-pool rule asks for 3 %.":
        "自身没有研发的入驻企业得不到园区的作用(P22、B62);培育库规则要求 3%。",
    "Relative error by source grade: rows that state the same count differ by 2-4 % (history.md, conflicts).":
        "各来源等级的相对误差:表述同一数量的条目相差 2–4%。",
    "Offset that all numbers of one list share, sd of the log: its definition is not quite the model's; assumptions around"
    " the conflicts of the history digest.": "同一名单全部数字共有的偏差(对数标准差):其口径与模型不完全一致;依据数据冲突作出的假设。",
    "Extra error of each number of a label that grew by national batches, which the yearly round smooths out.":
        "按全国批次增长的认定,其每个数字的附加误差;模型的年度批次将其平滑。",
    "A year that a reader inferred is off by one with probability 0.3 at a growth of 0.15 a year: sqrt(0.3) 0.15.":
        "推断的年份以 0.3 的概率相差一年,年增长 0.15:sqrt(0.3) 0.15。",
    "Quarters: year-end counts are printed in the year after; a fit as of a quarter may use those, no later ones.":
        "季度:年末数在次年公布;截至某季度的校准可以使用这些数,不能使用更晚的。",
    "How far a city's share of its province's certifications moves from year to year, and how far the share that is known is"
    " off, sd of the log; an assumption.": "城市占全省认定数的份额逐年变动的幅度,以及已知份额的偏差(对数标准差);属于假设。",
}

INDICATORS: dict[str, str] = {
    "Enterprises that are tenants of a pilot zone of any level (先导区).": "任何级别先导区的入区企业。",
    "Enterprises that became tenants by moving from another district: moved, not created (先导区).": "由其他区县迁来入区的企业:属于迁移,不属于新创。",
    "Enterprises founded in the city after the zone, that became its tenants (先导区).": "先导区设立后在本市新设并入区的企业。",
    "Enterprises in a 20 % high-growth episode per active enterprise of ten staff or more (M5).": "处于 20% 高成长阶段的企业与十人以上活跃企业之比(M5)。",
    "Key results (关键技术、部件、产品): supported projects that passed review, and results out of own knowledge.":
        "关键技术、部件、产品:受支持且通过评审的项目,以及出自企业自身知识的成果。",
    "Technology enterprises on the register at the end of the quarter.": "季度末登记在册的科技企业。",
    "Technology enterprises on the register that are not dormant.": "登记在册且未停业的科技企业。",
    "Technology enterprises in the future-industry tracks.": "未来产业赛道的科技企业。",
    "Enterprises in a high-growth episode: over 20 % a year in staff over three years, from ten staff.":
        "处于高成长阶段的企业:期初十人以上,三年人员年均增长超过 20%。",
    "Enterprises founded or moved in during the quarter (新设、迁入).": "本季度新设或迁入的企业。",
    "Enterprises that moved in from outside the city: moved, not created.": "从市外迁入的企业:属于迁移,不属于新创。",
    "Enterprises that moved between districts of the city.": "在市内区县之间迁移的企业。",
    "Enterprises struck off the register (注销、吊销).": "注销、吊销的企业。",
    "Enterprises that stopped being active, on the register or not.": "停止经营的企业,无论是否仍登记在册。",
    "Share with over 10 % a year over three years among enterprises of ten staff or more (M4), closing now.":
        "当季结账、十人以上的企业中,三年年均增长超过 10% 的比例(M4)。",
    "Enterprises with a valid high and new-technology recognition (高企有效数).": "认定有效的高新技术企业。",
    "High and new-technology enterprises recognised in the quarter, first-time and renewed.":
        "本季度认定的高新技术企业,含首次认定和重新认定。",
    "High and new-technology enterprises recognised for the first time.": "首次认定的高新技术企业。",
    "High and new-technology enterprises with a valid recognition in future-industry tracks.": "未来产业赛道中认定有效的高新技术企业。",
    "High and new-technology enterprises in future-industry tracks recognised for the first time.":
        "未来产业赛道中首次认定的高新技术企业。",
    "Enterprises holding the provincial technology-SME label (科技型中小企业, until withdrawn).":
        "持有省科技型中小企业称号的企业(至撤销为止)。",
    "Enterprises holding the provincial SRDI recognition (专精特新中小企业).": "持有省专精特新中小企业认定的企业。",
    "Enterprises holding a valid national little-giant recognition (小巨人).": "持有有效的国家专精特新“小巨人”认定的企业。",
    "Municipal enterprise technology centres (企业技术中心) recognised under the rule and still held.":
        "按规则认定且仍然有效的市级企业技术中心。",
    "Municipal enterprise technology centres recognised for the first time.": "首次认定的市级企业技术中心。",
    "Municipal enterprise technology centres in future-industry tracks.": "未来产业赛道的市级企业技术中心。",
    "Municipal enterprise technology centres in future-industry tracks recognised for the first time.":
        "未来产业赛道中首次认定的市级企业技术中心。",
    "Leaders by valuation (独角兽), any track: at or above the city's unicorn threshold.":
        "按估值计的领军企业(独角兽),不限赛道:达到本市独角兽标准。",
    "Leaders by valuation in future-industry tracks (独角兽).": "未来产业赛道中按估值计的领军企业(独角兽)。",
    "Enterprises in future-industry tracks at or above the city's revenue tier (营业收入).":
        "未来产业赛道中营业收入达到本市标准的企业。",
    "Enterprises in future-industry tracks that listed on an exchange (上市) since the opening.":
        "未来产业赛道中自期初以来上市的企业。",
    "Equity raised in rounds closed in the quarter.": "本季度完成的股权融资额。",
    "Innovation consortia formed so far (创新联合体).": "累计组建的创新联合体。",
    "Municipal pilot zones named as candidates or further (先导区, 拟培育).": "列入拟培育或更进一步的市级先导区。",
    "Municipal pilot zones evaluated as built (先导区, 建成).": "经评估建成的市级先导区。",
    "Districts with a pilot zone of municipal level or above (先导区).": "布局市级以上先导区的区县。",
    "Provincial pilot zones in the city (先导区).": "本市的省级先导区。",
    "National pilot zones in the city (先导区).": "本市的国家级先导区。",
    "Demonstration samples completed (示范样本).": "已打造的示范样本。",
    "Application scenes released in the quarter (应用场景).": "本季度发布的应用场景。",
    "Application scenes matched and completed in the quarter (应用场景).": "本季度对接并建成的应用场景。",
    "Tiers of the guidance funds with money invested (政府引导基金).": "已有投资的政府引导基金层级。",
    "Exchange platforms established (交流平台).": "已落成的合作交流平台。",
    "Payments of all levers in the quarter (财政支出), from the ledger.": "本季度全部政策工具的支付(财政支出),取自台账。",
}
# fmt: on

CHINESE: dict[str, str] = UNITS | COLUMNS | CONSTANTS | LEVERS | INDICATORS | RULES
"""All of it, by the English text."""
