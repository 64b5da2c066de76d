"""Words of the pages about levers, in English and Chinese."""


from __future__ import annotations

# fmt: off
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Policy levers",
        "lead": "What every lever does, to whom, by how much, and who says so; written from the code and the scenario files by"
                " `make docs`. Effects are priors: a distribution, its source, and what the fit leaves of it. Where no publication"
                " gives a number the prior is wide and the column says so. Deadweight and displacement are always on; what a"
                " scenario brings is reported as three numbers, gross, additional and net, by `peiyu compare`.",
        "action": "Article {} of the action plan.",
        "effects": "By how much",
        "parameter": "Parameter", "zh_name": "Chinese", "unit": "Unit", "prior": "Prior", "ends": "5 – 95 %",
        "posterior": "Posterior 5 / 50 / 95 %", "assumed": "Assumption", "source": "Source",
        "own": "What a scenario sets", "field": "Field", "blank": "Default", "meaning": "Meaning",
        "used": "In the shipped scenarios", "scenario": "Scenario", "ledger": "Ledger line", "dates": "In force",
        "budget": "Budget, 万元/year", "size": "Size", "eligible": "Eligible", "order": "Who comes first", "grade": "Evidence",
        "ramp": "{} quarters", "everyone": "everyone", "yes": "yes",
        "quality": "best judged", "first_come": "first come", "lottery": "by lot",
        "pays": "Every payment is in the ledger under the lever's name and never above its budget, which a test holds for random"
                " scenarios. The ramp is the number of quarters until the lever works in full. `size` multiplies the money, and"
                " city-wide effects by size^dose_elasticity.",
    },
    "zh": {
        "title": "政策工具",
        "lead": "每项政策工具做什么、对谁、作用多大、依据是什么;由 `make docs` 从代码和情景文件生成。作用以先验分布给出:"
                "分布、出处、校准后的范围。没有公开数字的,先验取宽并注明属于假设。无谓损失和挤出始终计入;"
                "`peiyu compare` 以总量、新增、净效应三个数报告情景的作用。",
        "action": "对应行动计划第 {} 条。",
        "effects": "作用大小",
        "parameter": "参数", "zh_name": "中文名", "unit": "单位", "prior": "先验", "ends": "5 – 95%",
        "posterior": "后验 5 / 50 / 95%", "assumed": "假设", "source": "出处",
        "own": "情景中可设定的内容", "field": "字段", "blank": "默认值", "meaning": "含义",
        "used": "自带情景中的用法", "scenario": "情景", "ledger": "台账科目", "dates": "起止",
        "budget": "预算,万元/年", "size": "规模", "eligible": "适用对象", "order": "排序", "grade": "证据等级",
        "ramp": "爬坡 {} 季", "everyone": "全部", "yes": "是",
        "quality": "择优", "first_come": "先到先得", "lottery": "抽签",
        "pays": "每笔支付都以工具名记入台账,且不超过预算,随机情景的测试对此作了检验。爬坡期是工具完全起作用所需的季度数。"
                "`size` 同比放大资金,并按 size^dose_elasticity 放大全市性作用。",
    },
}
# fmt: on
"""Words by language and key."""
