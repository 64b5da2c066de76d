"""Names of the regions and series of the historical record, as a reader of either language writes them."""

from __future__ import annotations

PLACES = {
    "anhui": "安徽", "beijing": "北京", "binjiang": "滨江", "changsha": "长沙", "chengdu": "成都", "china": "全国",
    "chongqing": "重庆", "dalian": "大连", "dongguan": "东莞", "foshan": "佛山", "fujian": "福建", "gansu": "甘肃",
    "gongshu": "拱墅", "guangdong": "广东", "guangxi": "广西", "guangzhou": "广州", "guizhou": "贵州", "hainan": "海南",
    "hangzhou": "杭州", "hebei": "河北", "hefei": "合肥", "heilongjiang": "黑龙江", "henan": "河南", "hubei": "湖北",
    "hunan": "湖南", "huzhou": "湖州", "inner_mongolia": "内蒙古", "jiangsu": "江苏", "jiangxi": "江西", "jiaxing": "嘉兴",
    "jilin": "吉林", "jinhua": "金华", "liaoning": "辽宁", "lishui": "丽水", "nanchang": "南昌", "nanjing": "南京",
    "nantong": "南通", "ningbo": "宁波", "ningxia": "宁夏", "qingdao": "青岛", "qinghai": "青海", "quzhou": "衢州",
    "shaanxi": "陕西", "shandong": "山东", "shanghai": "上海", "shanxi": "山西", "shaoxing": "绍兴", "shenzhen": "深圳",
    "sichuan": "四川", "suzhou": "苏州", "taizhou_zj": "台州", "tianjin": "天津", "wenzhou": "温州", "wuhan": "武汉",
    "wuxi": "无锡", "xiamen": "厦门", "xian": "西安", "xiaoshan": "萧山", "xihu": "西湖", "xinjiang": "新疆",
    "xizang": "西藏", "yuhang": "余杭", "yunnan": "云南", "zhejiang": "浙江", "zhengzhou": "郑州", "zhoushan": "舟山",
    "national_demo_zone": "国家自主创新示范区",
}  # fmt: skip
"""Chinese names; a region inside another is written with a stroke, as in hangzhou/binjiang."""
SERIES = {
    "ai_core_revenue": ("人工智能核心产业营收", "core AI industry revenue"),
    "budget_revenue_growth": ("一般公共预算收入增速", "budget revenue growth"),
    "digital_economy_share": ("数字经济占GDP比重", "digital economy, share of GDP"),
    "digital_economy_value_added": ("数字经济增加值", "digital economy, value added"),
    "fixed_investment": ("固定资产投资", "fixed investment"),
    "fixed_investment_growth": ("固定资产投资增速", "fixed investment growth"),
    "fixed_investment_in_district": ("区内固定资产投资", "fixed investment inside the district"),
    "gdp_growth": ("GDP增速", "GDP growth"),
    "hte_net_increase": ("高新技术企业净增", "net increase of high-tech enterprises"),
    "hte_new": ("新认定高新技术企业", "newly recognised high-tech enterprises"),
    "hte_stock": ("高新技术企业数", "high-tech enterprises"),
    "industrial_value_added_growth": ("工业增加值增速", "industrial value added growth"),
    "listed_home_and_abroad": ("境内外上市公司", "companies listed at home and abroad"),
    "listed_new_home_and_abroad": ("新增境内外上市公司", "new listings at home and abroad"),
    "little_giant_stock": ("专精特新小巨人企业", "little giants"),
    "new_manufacturing_value_added": ("规上工业增加值", "industrial value added, above scale"),
    "new_talent": ("新引进人才", "newly attracted talent"),
    "qianxiang_wanyi_investment_pct": ("“千项万亿”项目投资完成率", "Qianxiang-Wanyi investment, share done"),
    "rd_intensity": ("研发投入强度", "R&D intensity"),
    "rd_spending_growth": ("研发经费增速", "R&D spending growth"),
    "retail_sales_growth": ("社会消费品零售总额增速", "retail sales growth"),
    "rural_income_growth": ("农村居民收入增速", "rural income growth"),
    "services_value_added_growth": ("服务业增加值增速", "services value added growth"),
    "tech_firm_local": ("科技型企业", "technology enterprises, local count"),
    "tech_sme_nat": ("国家科技型中小企业", "national technology SMEs"),
    "tech_sme_prov_new": ("新认定省科技型中小企业", "new provincial technology SMEs"),
    "tech_sme_prov_new_share_of_year_goal": ("新认定省科技型中小企业占年度目标", "new provincial technology SMEs, share of the year's goal"),
    "urban_income_growth": ("城镇居民收入增速", "urban income growth"),
}  # fmt: skip
"""Names of the series that settled goals speak of, Chinese and English."""


def place(region: str, lang: str) -> str:
    """Return the name of a region; what has none keeps its key."""
    parts = region.split("/")
    if lang == "zh":
        return "".join(PLACES.get(p, p) for p in parts)
    return ", ".join(p.replace("_", " ").title() for p in reversed(parts))


def series(name: str, lang: str) -> str:
    """Return the name of a series of settled goals; what has none keeps its key."""
    return SERIES.get(name, (name, name.replace("_", " ")))[lang != "zh"]
