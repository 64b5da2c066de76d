"""Behavioural parameters: unit, prior and source in one line each.

Calibration draws from the priors here; nothing else in the code holds a behavioural number. P1-P24
are the priors of the evidence review, letters with numbers its rows. A source that begins with
"assumption" means that no publication gives the number: the prior is wide and the appendix says so.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from agents.drive import WALKS, DriveSteps, step_name
from agents.priors import Beta, Gamma, LogNormal, Normal, Prior, TruncatedNormal, param
from agents.table import Bools, Floats


# fmt: off
@dataclass(frozen=True, slots=True)
class Parameters(DriveSteps):
    """Everything calibration may move; the yearly steps of the drive come first."""

    # the pool and its turnover
    opening_pool:         float = param(LogNormal(10000, .35),     "enterprises", "assumption: technology enterprises at end-2012; 6,032 held the provincial label in 2015", "期初科技企业数")
    entry_rate:           float = param(LogNormal(.18, .15),       "1/year",   "P3 (A26, A28)",  "新设率")
    entry_growth:         float = param(Normal(.10, .04),          "log/year", "assumption: growth of technology start-ups; the labelled stock grew 21 % a year 2015-2024", "新设增速")
    future_share:         float = param(LogNormal(1.0, .35),       "multiplier", "assumption: how the tracks' part of the pool stands to the profile's, which divides incomplete lists by an assumed pool", "未来产业占比系数")
    list_coverage:        float = param(Beta(6, 2),                "share",    "assumption: part of the enterprises in the tracks that published lists know; lists print \"400+\" and are of different years", "名单覆盖率")
    attraction_rate:      float = param(LogNormal(.002, .7),       "1/year",   "assumption around hte_move_in 2024 (11 of 16,000, recognised ones only)", "外地迁入率")
    relocation_rate:      float = param(LogNormal(.005, .7),       "1/year",   "assumption: moves between districts", "区间迁移率")
    founding_staff:       float = param(LogNormal(6, .25),         "人",        "assumption: median staff at founding", "新设从业人员")
    founding_sigma:       float = param(LogNormal(.80, .15),       "log",      "assumption", "新设规模离散度")
    productivity_sigma:   float = param(LogNormal(.50, .20),       "log",      "assumption: spread of revenue per head", "人均营收离散度")
    high_growth_hazard:   float = param(Beta(9, 891),              "1/year",   "P8 (A52-A55, A63, A64), for the opening population", "高成长发生率")
    spin_off_share:       float = param(Beta(6, 18),               "share",    "P24 (C08)",  "衍生企业占比")
    spin_off_exit:        float = param(Normal(-.20, .12),         "ln HR",    "P24 (C09)",  "衍生企业退出风险比")
    agglomeration:        float = param(LogNormal(.045, .30),      "elasticity", "P23 (C01-C03)", "集聚弹性")
    hazard_0_1:           float = param(Beta(3.2, 196.8),          "1/year",   "P1 (A01)",   "首年注销率")
    hazard_1_2:           float = param(Beta(6.3, 93.7),           "1/year",   "P1 (A02)",   "第2年注销率")
    hazard_2_3:           float = param(Beta(9.5, 90.5),           "1/year",   "P1 (A03)",   "第3年注销率")
    hazard_3_7:           float = param(Beta(17, 183),             "1/year",   "P1 (A04)",   "第4-7年注销率")
    hazard_7_up:          float = param(Beta(11, 189),             "1/year",   "P1 (A05)",   "7年以上注销率")
    exit_size_slope:      float = param(Normal(-.15, .10),         "elasticity", "P2 (A15)", "退出规模弹性")
    activity_multiplier:  float = param(LogNormal(1.3, .30),       "ratio",    "P2 (A14, A18, A21)", "停业与注销之比")
    distress_exit:        float = param(Normal(.70, .30),          "ln HR",    "assumption: out of cash", "资金断裂退出风险比")

    # growth
    shock_shape:          float = param(LogNormal(.90, .12),       "shape",    "P4 (A33, A35, A36)", "增长冲击形状")
    shock_sd:             float = param(LogNormal(.16, .15),       "log/year", "P5 (A41)",   "增长冲击标准差")
    size_variance:        float = param(TruncatedNormal(.17, .05, 0, .5), "exponent", "P6 (A30-A32, A36, A37)", "规模方差指数")
    persistence_small:    float = param(Normal(-.10, .06),         "correlation", "P7 (A38, A39)", "小企业增长自相关")
    persistence_large:    float = param(Normal(.03, .05),          "correlation", "P7 (A38)", "大企业增长自相关")
    drift:                float = param(Normal(.00, .03),          "log/year", "assumption, set by M4 and M5", "增长趋势")
    drift_young:          float = param(Normal(.05, .03),          "log/year", "A57: 12 % a year in the first five years", "初创增长加成")
    quality_growth:       float = param(Normal(.02, .01),          "log/year", "assumption, per sd of quality", "质量增长效应")
    financed_growth:      float = param(Normal(.10, .05),          "log/year", "assumption: year after an equity round", "融资后增长")
    price_growth:         float = param(Normal(.02, .01),          "log/year", "assumption: current prices", "价格增速")

    # R&D
    rd_median:            float = param(LogNormal(.045, .25),      "share",    "assumption around the city's 3.9 % of GDP", "研发强度中位数")
    rd_sigma:             float = param(LogNormal(.80, .15),       "log",      "assumption", "研发强度离散度")
    relabelled_share:     float = param(Beta(8, 20),               "share",    "P13 (B66, B68)", "研发虚报占比")
    knowledge_elasticity: float = param(Normal(.09, .03),          "elasticity", "P13 (B67)", "知识弹性")
    depreciation:         float = param(Beta(15, 85),              "1/year",   "assumption: the usual 15 %", "知识折旧率")
    project_success:      float = param(Beta(8, 3),                "share",    "assumption", "攻关项目成功率")
    project_years:        float = param(LogNormal(1.5, .25),       "years",    "assumption under the rule of at most two years", "攻关项目周期")

    # finance
    venture_share:        float = param(Beta(4, 36),               "share",    "assumption", "风投型企业占比")
    round_base:           float = param(Normal(-2.2, .5),          "logit/quarter", "assumption: one in ten a quarter for the typical venture enterprise that looks", "融资成功基准")
    round_quality:        float = param(Normal(.50, .25),          "logit/sd", "assumption: B75 says support and quality interact", "质量融资效应")
    first_round:          float = param(LogNormal(500, .5),        "万元",      "assumption: the seedling fund's ticket cap is 500", "首轮规模")
    round_step:           float = param(LogNormal(3.5, .2),        "ratio",    "assumption", "轮次规模倍数")
    runway:               float = param(LogNormal(4, .3),          "quarters", "assumption", "融资启动跑道")
    round_lasts:          float = param(LogNormal(6, .25),         "quarters", "assumption: a round is meant to last a year and a half", "融资使用期")
    margin:               float = param(Beta(10, 90),              "share",    "assumption: margin before R&D", "研发前利润率")
    dilution:             float = param(Beta(15, 70),              "share",    "assumption", "每轮稀释")
    public_odds:          float = param(Normal(.30, .35),          "ln odds",  "P15 (B01, B02, B05, B06, B08, B09, B27)", "公共资金融资效应")
    government_only:      float = param(Beta(2, 6),                "multiplier", "P15 (B23-B26)", "独家政府投资折扣")
    crowd_in:             float = param(Normal(.70, .30),          "ratio",    "P16 (B21, B14, B15, B28)", "社会资本带动")

    # leaders
    take_off:             float = param(Beta(4, 47),               "share in 10 years", "P10 (A79, A75, A76)", "领军跃升概率")
    take_off_scale:       float = param(LogNormal(1.5, .8),         "multiplier", "assumption: the city against a seed cohort; set by the unicorn list", "城市跃升系数")
    take_off_age:         float = param(LogNormal(6, .15),         "years",    "founding to $1bn: 5.8 on average in China (155 unicorns, money.co.uk 2021), median 6 world-wide (Fleximize 2016); P11's 9 is how old leaders are (A80, A81) or list (A83, A84), which M10 tests", "成为领军年限")
    take_off_age_s:       float = param(LogNormal(.40, .15),       "log",      "P11",        "领军年限离散度")
    future_take_off:      float = param(Normal(1.5, .8),           "ln",       "assumption: of the 5 unicorns new in 2025 two or three (DeepSeek, 宇树) are in future tracks, which hold 5 % of the pool", "未来产业跃升倾向")
    leader_exit:          float = param(Beta(4, 39),               "1/year",   "unicorn_welian_exit 2025: 4 of 43", "领军退出率")
    listing_rate:         float = param(Beta(3, 40),               "1/year",   "assumption: leaders that list in a year", "领军上市率")

    # recognition
    hnte_apply:           float = param(LogNormal(.06, .5),        "1/year",   "assumption: first applications per eligible enterprise in 2012", "高企申报率")
    future_apply:         float = param(Normal(.20, .35),          "ln",       "assumption: future-industry tracks against the rest; no count of recognitions in the tracks is published, so no data move it", "未来产业申报倾向")
    hnte_pass:            float = param(Beta(10, 4.5),             "share",    "P12 (A94)",  "高企评审通过率")
    hnte_filing:          float = param(Beta(14, .4),              "share",    "P12 (A88, A89)", "高企备案率")
    renewal:              float = param(Beta(17, 3),               "share",    "P12 (A90)",  "重新认定率")
    revocation:           float = param(Beta(1, 99),               "1/year",   "P12 (A92, A94)", "撤销率")
    tech_sme_apply:       float = param(LogNormal(.15, .7),        "1/year",   "assumption",  "科小申报率")
    tech_sme_withdrawal:  float = param(LogNormal(.03, .6),        "1/year",   "assumption: the 2024 provincial notice withdraws an unstated number", "科小撤销率")
    srdi_apply:           float = param(LogNormal(.20, .7),        "1/year",   "assumption",  "专精特新申报率")
    little_giant_apply:   float = param(LogNormal(.03, .9),        "1/year",   "assumption",  "小巨人申报率")
    tech_centre_apply:    float = param(LogNormal(.03, .7),        "1/year",   "assumption, set by 179 in 2024", "技术中心申报率")
    label_effect:         float = param(Normal(0, .05),            "ln HR",    "P14 (B07, B69-B71)", "称号效应")
    award_response:       float = param(Normal(.05, .05),          "ln / 10 万元", "assumption", "奖励申报弹性")

    # vouchers
    voucher_additional:   float = param(Beta(16, 4),               "share",    "P17 (B41, B42)", "服务券新增占比")
    voucher_unused:       float = param(Beta(2, 2),                "share of the rest", "P17 (B42)", "未使用占比")
    voucher_effect:       float = param(Normal(.10, .10),          "ln HR",    "P18 (B46, B47)", "服务券效应")
    voucher_half_life:    float = param(LogNormal(.7, .5),         "years",    "P18 (B43, B48, B50)", "服务券半衰期")
    voucher_permanent:    float = param(Beta(2, 8),                "share",    "P18 (B45)",   "服务券长期占比")

    # pilot zones
    zone_growth:          float = param(Normal(.05, .03),          "ln TFP",   "P19 (B54-B56)", "先导区生产率效应")
    zone_entry:           float = param(Normal(.20, .15),          "ln",       "P19 (B53, B58)", "先导区新设效应")
    zone_top_tier:        float = param(Beta(2, 4),                "multiplier", "P19 (B59, B61)", "大城市折扣")
    zone_ramp:            float = param(Gamma(3, 1),               "years",    "P19 (B60, B65)", "先导区见效年限")
    zone_works:           float = param(Beta(14, 6),               "share",    "P19 (B57)",   "先导区有效概率")
    zone_upgrade:         float = param(Beta(2, 4),                "share",    "assumption: what provincial or national status adds to a municipal zone's effect", "先导区升级效应")
    zone_tenants:         float = param(Beta(5, 15),               "share",    "assumption: share of a district's track inside its zone", "入区比例")
    zone_candidates:      float = param(Gamma(4.4, 2.95),         "zones/batch", "assumption: of the order of the plan's ten", "每批拟培育数")
    zone_build_years:     float = param(LogNormal(2.5, .45),       "years",    "assumption; provincial high-tech zones took 3-5 years", "先导区建成年限")
    provincial_zones:     float = param(Gamma(4.4, .295),         "zones/year", "assumption around 2 of 8 (2022) in the first batch", "省级先导区速度")
    national_zones:       float = param(Gamma(1.95, .049),        "zones/year", "assumption: no national list exists", "国家级先导区速度")

    # displacement and reach
    displacement_local:   float = param(Beta(7, 3),                "share",    "P20 (B32-B35, B37)", "本地市场挤出")
    displacement_tradable: float = param(Beta(3, 7),               "share",    "P20 (B39, B40)", "可贸易行业挤出")
    large_effect:         float = param(Beta(1, 9),                "ratio",    "P22 (B13, B62)", "大企业效应比")

    # other plan actions
    basic_research:       float = param(Normal(.03, .05),          "ln entry", "assumption, sign from C10, C11", "源头创新效应")
    spillover:            float = param(LogNormal(.60, .70),       "万元 of R&D per 万元", "assumption: P23's patents of others per supported patent (C07), taken to hold for laboratories' money", "知识溢出")
    project_cost:         float = param(LogNormal(1200, .6),       "万元",      "assumption: the city pays 20 % up to 300 万元", "攻关项目投入")
    consortium_lift:      float = param(Normal(.20, .30),          "ln odds",  "assumption: projects in a track that has a consortium", "联合体攻关效应")
    pilot_plant_lift:     float = param(Normal(.15, .30),          "ln odds",  "assumption", "中试支持效应")
    coaching_growth:      float = param(Normal(.010, .015),        "log/year", "assumption, B17: half of advice evaluations positive", "辅导增长效应")
    incubation_exit:      float = param(Normal(.00, .15),          "ln HR",    "assumption, B74: incubators also screen", "孵化退出效应")
    park_entry:           float = param(Normal(.05, .08),          "ln entry", "assumption", "科技园新设效应")
    compute_saving:       float = param(Beta(2, 8),                "share of the bill", "assumption: what cheaper computing saves, spent on more of it", "算力节省")
    scene_growth:         float = param(Normal(.03, .03),          "log/year", "assumption: first customer", "场景首购效应")
    demonstration_lift:   float = param(Normal(.20, .30),          "ln odds",  "assumption", "示范推广效应")
    talent_entry:         float = param(Normal(.02, .04),          "ln entry", "assumption", "人才创业效应")
    talent_growth:        float = param(Normal(.005, .010),        "log/year", "assumption", "人才增长效应")
    contest_attraction:   float = param(Normal(.20, .30),          "ln",       "assumption", "赛事引才效应")
    listing_pool:         float = param(Normal(.10, .20),          "ln",       "assumption: the listing reserve (上市后备) against none", "上市培育效应")
    dose_elasticity:      float = param(Beta(5, 5),                "elasticity", "assumption: twice the size gives less than twice the effect; no evidence on dose", "规模弹性")
    leader_attraction:    float = param(Normal(.20, .30),          "ln",       "assumption", "招引效应")

    # institutions: rates under a plan of usual size; Gamma, because what is on record updates them in closed form
    consortia_rate:       float = param(Gamma(1.95, 2.46),        "1/year",   "assumption: one seen in Hangzhou by the end of 2025", "联合体组建速度")
    projects_rate:        float = param(Gamma(2.45, 28),          "1/year",   "assumption: Zhejiang ran 112 first-set projects in 2023", "攻关立项速度")
    scenes_rate:          float = param(Gamma(1.95, 61),          "1/year",   "assumption: one ten-scene list in 2024", "场景发布速度")
    scene_match:          float = param(Beta(2, 4),                "share",    "assumption: a listed need is an offer and not yet a scene; no completed scene is counted anywhere", "场景对接率")
    scene_years:          float = param(LogNormal(1.0, .4),        "years",    "assumption", "场景建成年限")
    samples_rate:         float = param(Gamma(1.95, 2.46),        "1/year",   "assumption", "示范样本速度")
    platforms_rate:       float = param(Gamma(2.45, .47),         "1/year",   "assumption", "交流平台速度")
    spontaneous_consortia:float = param(Beta(2, 4),                "share",    "assumption: of consortia under a plan, the share that would form without it", "自发组建占比")
    spontaneous_scenes:   float = param(Beta(2, 4),                "share",    "assumption: the same of scenes; lists of before 2025 speak of it", "自发场景占比")
    spontaneous_samples:  float = param(Beta(2, 4),                "share",    "assumption: the same of demonstration samples", "自发样本占比")
    spontaneous_platforms:float = param(Beta(2, 4),                "share",    "assumption: the same of exchange platforms", "自发平台占比")
    spontaneous_provincial:float = param(Beta(2, 4),                "share",    "assumption: the same of provincial zones; lists of before 2025 speak of it", "自发省级占比")
    spontaneous_national: float = param(Beta(2, 4),                "share",    "assumption: the same of national zones", "自发国家级占比")
    record_seen:          float = param(Beta(4, 4),                "share",    "assumption: of events of which no list is published, the share that the news tells of", "公开记录占比")
    result_rate:          float = param(LogNormal(.04, 1.0),       "1/year per 亿元", "assumption: key results a year per 亿元 of knowledge in future tracks, of the order of ten a year in all", "知识成果率")
# fmt: on


NAMES: tuple[str, ...] = tuple(f.name for f in fields(Parameters))
"""Parameter names in declaration order, the column order of every draw."""
PRIORS: dict[str, Prior] = {f.name: f.metadata["prior"] for f in fields(Parameters)}
"""Prior of every parameter, by name."""


def from_uniforms(u: Floats) -> Parameters:
    """Turn one row of uniforms, (parameters,), into a draw from the prior."""
    return Parameters(**{name: float(PRIORS[name].value(np.asarray(x))) for name, x in zip(NAMES, u, strict=True)})


def acting_by(year: int) -> Bools:
    """Tell which parameters can have acted by the end of a year, (parameters,): all but the drive's later steps."""
    later = {step_name(kind, y) for kind, walk in WALKS.items() for y in walk.years() if y > year}
    return np.array([name not in later for name in NAMES])
