"""The Chinese of what levers say in English; the key is the text in the code, exactly."""

# ruff: noqa: E501  tables of words
from __future__ import annotations

# fmt: off
LEVERS: dict[str, str] = {
    "co-invests with private money in enterprises of its tier that look for a round.": "与社会资本共同投资本层级中寻求融资的企业。",
    "The odds of closing rise by P15, private money follows by P16; money buys runway, not quality.":
        "融资成功的优势比按 P15 提高,社会资本按 P16 跟进;资金买到的是跑道,不是质量。",
    "pays enterprises that are recognised, and so draws applications.": "奖励获得认定的企业,从而吸引申报。",
    "ln application rate rises by `award_response` per 10 万元; the label itself changes nothing (P14).":
        "每 10 万元奖励使申报率的对数提高 `award_response`;称号本身不改变什么(P14)。",
    "a one-off start-up grant and a place in the reserve pool (培育库) for young enterprises.": "对初创企业一次性资助并纳入培育库。",
    "awards key projects to the enterprises with most knowledge; results come after review.":
        "把攻关项目授予知识存量最多的企业,评审后形成成果。",
    "model samples (示范样本) and benchmarks; scenes and projects are completed more often.": "示范样本和标杆;场景和项目更多地完成。",
    "raise the odds that key projects succeed and help set up technology centres.": "提高攻关项目的成功率,并帮助设立企业技术中心。",
    "the city asks leaders and universities to form consortia and shares their cost.": "市里请领军企业和高校组建联合体并分担费用。",
    "contests, forums and congresses attract enterprises and become exchange platforms (交流平台).":
        "赛事、论坛和大会吸引企业,并成为合作交流平台。",
    "pays part of a service bought from a platform; raises the hazard of high growth for a while.":
        "支付向平台购买服务的一部分费用,在一段时间内提高高成长的发生率。",
    "Used additional vouchers add P18's log hazard ratio; it halves every half-life, a small part stays.":
        "实际使用且属新增的服务券加上 P18 的对数风险比;每过一个半衰期减半,小部分长期保留。",
    "pays a share of computing bills up to a cap from a yearly pool; additional use is real R&D.":
        "在年度额度内按比例支付算力账单并设上限;新增的使用计为实际研发。",
    "share of eligible enterprises that ask in a year": "一年中提出申请的适用企业份额",
    "share of the bill": "占账单的份额", "of the deal, at most": "占交易的份额,上限",
    "of R&D that is computing, an assumption": "研发中的算力份额,属于假设",
    "when zones that are due are evaluated": "评估到期先导区的季度",
    "growth support for high-growth candidates (高成长性企业); it works while it is paid.": "对高成长候选企业的成长扶持,支付期间有效。",
    "computing gets cheaper in the tracks that need it; what it saves buys more of it, which is real R&D.":
        "需要算力的赛道算力变便宜,省下的钱用于更多算力,计为实际研发。",
    "more founders and faster growth in future tracks, as long as it runs.": "实施期间,未来产业赛道有更多创业者,成长更快。",
    "enterprises from outside settle here (招商引资), and candidates are helped to list (上市后备).": "招引外地企业落户,并扶持后备企业上市。",
    "laboratories and universities feed spin-offs (衍生企业) and add to what enterprises know.": "实验室和高校催生衍生企业,并增加企业的知识。",
    "Of every 万元 spent, `spillover` works like real R&D of the enterprises around, shared out by their own R&D.":
        "每投入 1 万元,有 `spillover` 万元相当于周围企业的实际研发,按各自研发分摊。",
    "The city lets `size` times the usual number of projects a year and pays a share of each project's cost up to a cap; what it pays is real R&D of the enterprise.":
        "市里每年放出通常数量的 `size` 倍的项目,按比例并设上限支付每个项目的费用;所付资金计为企业的实际研发。",
    "`size` is relative to the usual number a year. A consortium helps the key projects of its track, for good.":
        "`size` 相对于通常的年数量。联合体长期帮助其赛道的攻关项目。",
    "`size` is relative to the usual number a year. Scenes released in a quarter are matched in the next.":
        "`size` 相对于通常的年数量。一个季度发布的场景在下一季度对接。",
    "`size` is relative to the usual number of platforms a year.": "`size` 相对于通常的年平台数。",
    "`size` is relative to the usual number of samples a year.": "`size` 相对于通常的年样本数。",
    "the city releases scenes; the enterprise that a scene is matched to has a first customer while it runs.":
        "市里发布场景,对接到场景的企业在场景期间有首个客户。",
    "designates zones of a level, evaluates them, and helps their tenants.": "命名某一级别的先导区,予以评估,并帮助入区企业。",
    "A working zone raises a tenant's revenue per head once, by zone_growth * city-tier discount, spread over the zone_ramp years that follow its joining (P19), and founding in its district and track by zone_entry likewise. A second level adds the share zone_upgrade of that. Founding that a place gains is partly other places' loss (P20). `size` is relative to the usual batch.":
        "有效的先导区一次性提高入区企业的人均营收,幅度为 zone_growth * 大城市折扣,分布在其入区后的 zone_ramp 年内(P19),并同样按 zone_entry 提高所在区县和赛道的新设。再获一级认定,增加其中的 zone_upgrade 份额。一地增加的新设有一部分是别处的损失(P20)。`size` 相对于通常批次。",
    "parks around universities raise founding in future tracks of their districts and house the young.":
        "环高校的科技园提高所在区县未来产业赛道的新设,并容纳初创企业。",
    "Founding that a park gains is partly other districts' loss (P20); incubation may also end some early (B74).":
        "科技园增加的新设有一部分是其他区县的损失(P20);孵化也可能使一些企业更早退出(B74)。",
    "quarters of the year in which a batch of municipal zones is named": "命名市级批次所在的季度",
    "of a project's cost": "占项目费用的份额", "万元, once an enterprise": "万元,每家一次",
    "relative to what is written: multiplies the money, and effects by their dose": "相对于所写规模:放大资金,并按剂量放大作用",
    "the article of the action plan it carries out": "所落实的行动计划条款",
    "parameters that say how strongly it works": "说明作用大小的参数",
}
# fmt: on
