"""What stands in the archive of an appendix on how to use it, in Chinese and English."""



from __future__ import annotations

README = """# 附件存档 · Archive of a forecast appendix

运行 {run},程序 peiyu {version}。 Run {run}, program peiyu {version}.

| | |
|---|---|
| documents/ | 附件 · the documents |
| city/ | 城市数据文件和后验(fitted.csv、fitted.json) · files of the city with the posterior |
| scenario_files/ | 情景文件 · scenario files |
| store.db | 数据库摘录(SQLite):本运行、与之比较的运行和各项分析 · extract of the store: this run, those it is compared with, and the analyses |
| versions.txt | 软件包版本 · versions of packages, a constraints file |
| run.json | 决定数字的各项校验值 · hashes of what decides the numbers |
| SHA256SUMS | 各文件的校验值,可用 `sha256sum -c SHA256SUMS` 检验 · hashes of the files |

## 复算 · Make it again

1. 安装 peiyu {version} 及相同版本的软件包 · Install peiyu {version} with the same packages: `pip install -c versions.txt "peiyu[appendix]"`,
   源码目录中为 · in its source folder `pip install -c versions.txt ".[appendix]"`。
2. 解压本文件,在该目录中由数据库再次生成附件,应与 documents/ 逐字节相同 · Unpack this file and make the documents again in its
   folder; they are the same bytes as in documents/:

   ```
   peiyu appendix {run} {where} --lang {lang} --out again
   ```
3. 重新运行全部成员并比较任一数字 · Run all members again and compare any number:

   ```
   peiyu reproduce {id} {where}
   ```
"""
