"""Which region lies in which: cities borrow from their province, districts from their city."""

from __future__ import annotations

NATION = "china"

# fmt: off
PROVINCES = (
    "anhui", "beijing", "chongqing", "fujian", "gansu", "guangdong", "guangxi", "guizhou", "hainan", "hebei",
    "heilongjiang", "henan", "hubei", "hunan", "inner_mongolia", "jiangsu", "jiangxi", "jilin", "liaoning",
    "ningxia", "qinghai", "shaanxi", "shandong", "shanghai", "shanxi", "sichuan", "tianjin", "xinjiang",
    "xizang", "yunnan", "zhejiang",
)
# fmt: on
"""The 31 provinces whose certifications add up to the country's."""

_CITIES = {
    "anhui": "anqing hefei wuhu",
    "fujian": "fujian_ex_xiamen fuzhou quanzhou xiamen",
    "guangdong": "dongguan foshan guangzhou shenzhen zhuhai zhongshan huizhou",
    "henan": "luoyang zhengzhou",
    "hubei": "wuhan",
    "hunan": "changsha",
    "jiangsu": "changzhou lianyungang nanjing nantong suzhou wuxi xuzhou",
    "jiangxi": "nanchang",
    "liaoning": "dalian liaoning_ex_dalian shenyang",
    "shaanxi": "xian",
    "shandong": "jinan jining qingdao shandong_ex_qingdao yantai",
    "sichuan": "chengdu guangyuan",
    "zhejiang": "hangzhou huzhou jiaxing jinhua ningbo quzhou shaoxing taizhou wenzhou yiwu zhejiang_ex_ningbo",
}
_PARENT = {city: province for province, cities in _CITIES.items() for city in cities.split()}


def parent(region: str) -> str | None:
    """Return the region around a region, or None: a province, the country, a region unknown here."""
    city, slash, _ = region.partition("/")
    return city if slash else _PARENT.get(region)


def lineage(regions: set[str]) -> dict[str, str | None]:
    """Return the parent of every region that is named or lies around one, parents first."""
    found: dict[str, str | None] = {}
    for region in sorted(regions):
        chain = [region]
        while (above := parent(chain[-1])) is not None:
            chain.append(above)
        for one in reversed(chain):
            found.setdefault(one, parent(one))
    return found
