"""Writes the input files of tests/lists/corpus, a folder for each trait of real lists. Needs xlwt for the one .xls.

The expected tables beside them are written by ``pytest tests/lists --accept`` and are to be read.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

CORPUS = Path(__file__).parent / "corpus"
CODES = ["91110000MA0000011M", "91110000MA0000022R", "91110000MA0000033X", "91110000MA00000442"]


def folder(trait: str) -> Path:
    path = CORPUS / trait
    path.mkdir(parents=True, exist_ok=True)
    return path


def text(trait: str, name: str, content: str, encoding: str = "utf-8", newline: str = "\n") -> None:
    (folder(trait) / name).write_bytes(content.replace("\n", newline).encode(encoding))


def mapping(trait: str, content: str) -> None:
    (folder(trait) / "mapping.yaml").write_text(content, "utf-8")


def book(
    trait: str, sheets: dict[str, list[list[Any]]], merges: dict[str, list[str]] | None = None, **more: Any
) -> None:
    """A workbook; ``merges`` are ranges by sheet, whose text stands in their first cell."""
    options = {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}
    file = xlsxwriter.Workbook(str(folder(trait) / "list.xlsx"), {**options, **more})
    file.set_properties({"created": datetime(2025, 1, 1)})
    for name, rows in sheets.items():
        sheet = file.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if isinstance(cell, str) and cell:
                    sheet.write_string(r, c, cell)
                elif cell is not None and cell != "":
                    sheet.write(r, c, cell)
        for where in (merges or {}).get(name, []):
            first = where.split(":")[0]
            row, column = xlsxwriter.utility.xl_cell_to_rowcol(first)
            sheet.merge_range(where, rows[row][column])
        if name.startswith("隐藏"):
            sheet.hide()
    file.close()


def headers_and_layout() -> None:
    book(
        "title-rows",
        {
            "表": [
                ["附件1"],
                ["企业基本情况表"],
                ["填报单位：某区科技局", "", "", "单位：万元"],
                ["统一社会信用代码", "企业名称", "注册资本", "从业人数"],
                [CODES[0], "虚构甲有限公司", 500, 20],
                [CODES[1], "虚构乙有限公司", 1200.5, "35人"],
                ["合计", "", 1700.5, 55],
                ["数据来源：同花顺iFinD"],
                ["填表人：某某", "", "审核人：某某"],
            ]
        },
        {"表": ["A2:D2"]},
    )
    book(
        "merged-header",
        {
            "表": [
                ["附件"],
                ["挂牌公司分类结果"],
                ["证券代码", "单位名称", "门类", "", "小类", "", "规模(2023年)", ""],
                ["", "", "分类代码", "分类名称", "分类代码", "分类名称", "营业收入(万元)", "从业人数"],
                [430002, "中 科 软", "I", "信息技术", 6520, "信息系统集成服务", 1000, 50],
                [2, "乙公司", "C", "制造业", "3421", "金属切削机床制造", 2000, 60],
            ]
        },
        {"表": ["A2:H2", "A3:A4", "B3:B4", "C3:D3", "E3:F3", "G3:H3"]},
    )
    mapping(
        "merged-header",
        "lists:\n  - file: list.xlsx\n    columns:\n      小类·分类代码: {field: industry, edition: 2011}\n",
    )
    text(
        "merged-header-csv",
        "list.csv",
        (
            "统一社会信用代码,单位名称,2023年,,2024年,\n,,营业收入(万元),利润总额(万元),营业收入(万元),利润总额(万元)\n"
            f"{CODES[0]},甲公司,100,-5,200,10\n{CODES[1]},乙公司,300,20,,\n"
        ),
    )
    text(
        "junk-first-row",
        "list.csv",
        (f"Column1,Column2,Column3\n统一社会信用代码,单位名称,成立日期\n{CODES[0]},甲公司,2019-01-02\n"),
    )
    header = "资产总计\n[报告期] 去年年报\n[单位] 元"
    rows = [["统一社会信用代码", "单位名称", header], [CODES[0], "甲公司", 12345678.9]]
    book("unit-in-header-year-asked", {"表": rows})
    book("unit-in-header", {"表": rows})
    mapping(
        "unit-in-header",
        'lists:\n  - file: list.xlsx\n    columns:\n      "资产总计 [报告期] 去年年报 [单位] 元": {year: 2023}\n',
    )
    text(
        "repeated-header",
        "list.csv",
        (
            "统一社会信用代码,单位名称,从业人数\n"
            f"{CODES[0]},甲公司,10\n"
            "统一社会信用代码,单位名称,从业人数\n"
            f"{CODES[1]},乙公司,20\n\n"
        ),
    )
    text(
        "footers",
        "list.csv",
        (
            "统一社会信用代码,单位名称,注册资本(万元)\n"
            f"{CODES[0]},合计通信有限公司,10\n{CODES[1]},备注科技有限公司,20\n"
            "合计,,30\n注：以上为2023年底数据,,\n数据来源：同花顺iFinD,,\n"
        ),
    )
    text(
        "footers-and-firms",
        "list.csv",
        "单位名称,从业人数\n备注科技有限公司,20\n汇总网络,5\n注册通(北京)公司,\n平均,12.5\n合计(2家),25\n以上为2023年底数据,\n制表人：某某,\n",
    )
    merged = [
        ["股票代码", "年度", "营业收入(万元)", "利润总额(万元)"],
        [1, 2022, 10, 1],
        ["", 2023, 20, ""],
        [2, 2023, 30, 3],
    ]
    book("merged-keys", {"年度数据": merged}, {"年度数据": ["A2:A3", "D2:D3"]})
    text(
        "transposed",
        "list.csv",
        "指标,2022年,2023年\n营业收入(万元),100,200\n利润总额(万元),10,20\n资产总额(万元),1000,1100\n从业人数,5,6\n",
    )
    text(
        "shifted-row",
        "list.csv",
        (
            "统一社会信用代码,单位名称,注册资本(万元)\n"
            f"{CODES[0]},甲公司,1,000\n{CODES[1]},乙公司,500\n{CODES[2]},丙公司\n"
        ),
    )
    text(
        "stray-quote",
        "list.csv",
        "统一社会信用代码,单位名称,从业人数\n"
        + f'{CODES[0]},"甲公司,10\n'
        + "".join(f"企业{n},第{n}家,20\n" for n in range(250)),
    )


def encodings() -> None:
    plain = f"统一社会信用代码,单位名称,注册资本(万元)\n{CODES[0]},虚构甲有限公司,500\n{CODES[1]},虚构乙有限公司,800\n"
    text("utf8-bom", "list.csv", plain, "utf-8-sig")
    text("gb18030-crlf", "list.csv", plain, "gb18030", "\r\n")
    text("utf16", "list.csv", plain, "utf-16")
    text("tab-in-csv", "list.csv", plain.replace(",", "\t"))
    text("tsv", "list.tsv", plain.replace(",", "\t"))
    bad = plain.encode().replace("虚构乙".encode(), b"\xff" + "虚构乙".encode()[1:])
    (folder("bad-byte") / "list.csv").write_bytes(bad)
    bad = plain.encode("gb18030").replace("虚构乙".encode("gb18030"), b"\xff" + "虚构乙".encode("gb18030"))
    (folder("bad-byte-gb18030") / "list.csv").write_bytes(bad)


def values() -> None:
    money = [
        "1,000(万元人民币)",
        "100万元人民币",
        "500(万元)",
        "109(万)",
        "20(万元美元)",
        "8(万港币)",
        "3万人民币元",
        "2018万",
        "1.2亿",
        "-",
        "N/A",
        "0",
        "不超过500万元",
        "2000-5000万",
        "无",
    ]
    rows = "".join(f"企业{n},{_quoted(m)}\n" for n, m in enumerate(money, 1))
    text("money-text", "list.csv", "单位名称,注册资本\n" + rows)
    text("unit-asked", "list.csv", "单位名称,注册资本,研发费用(万元)\n甲公司,9895.9339,5\n乙公司,500万元,6\n")
    text("unit-mapped", "list.csv", '单位名称,注册资本\n甲公司,9895.9339\n乙公司,1.2亿\n丙公司,"1,000"\n丁公司,0\n')
    mapping("unit-mapped", "lists:\n  - file: list.csv\n    columns:\n      注册资本: {unit: 万元}\n")
    text("unit-not-said-yet", "list.csv", "单位名称,注册资本\n甲公司,9895.9339\n")
    mapping("unit-not-said-yet", 'lists:\n  - file: list.csv\n    columns:\n      注册资本: {unit: "?"}\n')
    text("foreign-money", "list.csv", "单位名称,注册资本(万美元)\n甲公司,20\n乙公司,30万元人民币\n丙公司,5万港元\n")
    text(
        "foreign-money-with-rate",
        "list.csv",
        "单位名称,注册资本(万美元)\n甲公司,20\n乙公司,30万元人民币\n丙公司,0.0001\n",
    )
    mapping("foreign-money-with-rate", "rates:\n  美元: 7.0827\nlists:\n  - file: list.csv\n")
    text("finer-than-a-fen", "list.csv", "单位名称,注册资本(元)\n甲公司,1000.005\n乙公司,1000.01\n")
    text("finer-than-a-fen-rounded", "list.csv", "单位名称,注册资本(元)\n甲公司,1000.005\n乙公司,1000.01\n")
    mapping("finer-than-a-fen-rounded", "lists:\n  - file: list.csv\n    columns:\n      注册资本(元): {round: true}\n")
    staff = ["小于50人", "100-499人", "50人以上", "12", "0", "--", "暂无", "nan", "—", "约30"]
    text(
        "missing-and-bands",
        "list.csv",
        "单位名称,从业人数\n" + "".join(f"企业{n},{s}\n" for n, s in enumerate(staff, 1)),
    )
    days: list[Any] = [
        date(2019, 1, 2),
        "1991/4/3",
        "20081107",
        20081107,
        "2023年11月30日",
        43467,
        "43467",
        "2012年",
        "2012-09-07至无固定期限",
        "2023-13-01",
    ]
    book("dates", {"表": [["单位名称", "成立日期"], *[[f"企业{n}", day] for n, day in enumerate(days, 1)]]})
    book(
        "dates-1904",
        {"表": [["单位名称", "成立日期"], ["甲公司", 42005], ["乙公司", date(2019, 1, 2)]]},
        date_1904=True,
    )
    text(
        "period-mapped",
        "list.csv",
        "单位名称,营业期限\n甲公司,2012-09-07至无固定期限\n乙公司,2001年3月2日 至 2031年3月1日\n丙公司,长期\n",
    )
    mapping(
        "period-mapped", "lists:\n  - file: list.csv\n    columns:\n      营业期限: {field: founded_on, take: start}\n"
    )
    book(
        "lost-zeros",
        {
            "表": [
                ["股票代码", "单位名称", "所属行业(GB/T 4754-2017)"],
                [1, "甲公司", 111],
                [600001, "乙公司", 1],
                ["000002", "丙公司", 65],
            ]
        },
    )
    text(
        "divisions",
        "list.csv",
        (
            "单位名称,省份,城市,区县\n甲公司,北京,北京市,海淀\n乙公司,北京市,,密云县\n丙公司,廊坊市,,\n丁公司,河北,固安县,\n"
            "戊公司,北京市,北京经济技术开发区,\n己公司,河北省,廊坊市,三河市\n庚公司,河北,北京市,\n辛公司,,,宣武区\n"
        ),
    )
    mapping(
        "divisions",
        "lists:\n  - file: list.csv\n    columns:\n      省份: 注册地\n      城市: 注册地\n      区县: 注册地\n",
    )
    text("industry-edition-asked", "list.csv", "单位名称,行业代码\n甲公司,6520\n乙公司,3424\n")
    text("industry-edition-2011", "list.csv", "单位名称,行业代码\n甲公司,6520\n乙公司,6510\n丙公司,软件开发\n")
    mapping("industry-edition-2011", "lists:\n  - file: list.csv\n    edition: 2011\n")
    text("industry-edition-shown", "list.csv", "单位名称,行业代码\n甲公司,6520\n乙公司,6513\n丙公司,6531\n")
    text(
        "industry-names", "list.csv", "单位名称,行业\n甲公司,制造业\n乙公司,软件开发\n丙公司,卖好东西\n丁公司,新材料\n"
    )
    text(
        "not-companies",
        "list.csv",
        "单位名称,从业人数\n甲公司北京分公司,5\n某某代表处,2\n某某种植专业合作社,8\n某某商店（个体工商户）,1\n某某厂(集体所有制),9\n",
    )
    text(
        "characters",
        "list.csv",
        "单位名称,统一社会信用代码,从业人数,注册资本（万元）\n"
        "中 科 软　,９１１１００００ＭＡ０００００１１Ｍ,１２０,５００\n"
        '&nbsp;乙（北京）公司,91110000 MA00 00022R,12&nbsp;,"1,000"\n',
    )
    text("yes-no-marks", "list.csv", "单位名称,是否外资,规模以上\n甲公司,√,1\n乙公司,×,0\n丙公司,是,否\n丁公司,也许,\n")


def keys() -> None:
    rows: list[list[Any]] = [
        ["统一社会信用代码", "单位名称", "从业人数", "利润总额(万元)"],
        [CODES[0], "甲公司", 0, -120.5],
    ]
    rows += [
        ["91110000MA0000022B", "校验码错", 5, 1],
        ["9.11101E+17", "科学计数", 6, 1],
        [911101080000000000, "数字", 7, 1],
    ]
    rows += [["", "没有代码", 8, 1], ["911101080000000000", "末三位丢失", 9, 1]]
    book("credit-codes", {"表": rows})
    mapping("credit-codes", "lists:\n  - file: list.xlsx\n    key: 统一社会信用代码\n    year: 2023\n")
    text(
        "duplicates",
        "list.csv",
        (
            "统一社会信用代码,单位名称,从业人数,成立日期\n"
            f"{CODES[0]},甲公司,10,2019-01-02\n{CODES[1]},乙公司,20,\n"
            f"{CODES[0]},甲公司,12,\n{CODES[0].lower()},甲公司,12,2019-01-02\n"
        ),
    )
    text("no-key", "list.csv", "从业人数,成立日期\n10,2019-01-02\n20,2018-01-02\n")
    text("key-mapped", "list.csv", "内部流水,行号,单位名称,从业人数\nA,1,甲公司,10\nA,2,乙公司,20\nB,1,丙公司,30\n")
    mapping("key-mapped", "lists:\n  - file: list.csv\n    key: [内部流水, 第2列]\n")
    text("mapping-errors", "list.csv", "单位名称,从业人数\n甲公司,10\n")
    mapping(
        "mapping-errors",
        "lists:\n  - file: list.csv\n    columns:\n      没有这列: name\n"
        "      从业人数: nothing\n      单位名称: recognition.kind\n",
    )


def records() -> None:
    enterprise = [["统一社会信用代码", "单位名称"], [CODES[0], "甲公司"], [CODES[1], "乙公司"]]
    recognitions = [
        ["统一社会信用代码", "认定类别", "认定日期"],
        [CODES[0], "高企", "2023-12-01"],
        [CODES[0], "科技型中小企业", ""],
        [CODES[3], "高企", "2022-01-01"],
    ]
    annuals = [
        ["统一社会信用代码", "年度", "营业收入(万元)"],
        [CODES[0], "2022年度", 10],
        [CODES[0], 2023, 20],
        [CODES[1], "2023-12-31", 30],
        [CODES[1], 2023, 31],
    ]
    contracts = [["统一社会信用代码", "技术合同额(万元)", "技术交易额(万元)"], [CODES[1], 5, 4]]
    findings = [
        ["统一社会信用代码", "措施", "判断事项", "结论", "谁", "何时", "为什么"],
        [CODES[0], "", "lf16-significant-benefit", "是", "张三", "2017-05-02", "已投产"],
        [
            CODES[1],
            "lf16-outside-institution-investment-subsidy",
            "项目取得显著效益",
            "否",
            "李四",
            "2017-05-03",
            "未投产",
        ],
        [CODES[1], "", "没有这个判断", "是", "李四", "2017-05-03", "理由"],
        [CODES[1], "", "lf16-significant-benefit", "是", "", "2017-05-03", "理由"],
    ]
    sheets = {
        "企业名单": enterprise,
        "认定": recognitions,
        "年度数据": annuals,
        "技术合同": contracts,
        "人工判断": findings,
    }
    book("records", {**sheets, "说明": [["说明", "请勿改动"], ["甲", "乙"]], "隐藏的": enterprise})
    mapping("records", "lists:\n  - {file: list.xlsx, sheet: 认定, complete: true}\n")
    book("records-not-complete", sheets)
    book("records-by-settings", {**sheets, "填表设置": [["工作表", "是否列全"], ["认定", "是"], ["技术合同", "否"]]})
    text("several-files", "企业.csv", "股票代码,单位名称\n000001.SZ,甲公司\n000002.SZ,乙公司\n")
    text(
        "several-files",
        "财务.csv",
        "股票代码,年度,营业收入(元)\n000001.SZ,2022,5\n000001.SZ,2023,6\n000003.SZ,2023,7\n",
    )
    text(
        "annual-only",
        "list.csv",
        "股票代码,单位名称,年度,营业收入(元)\n1,甲公司,2022,5\n1,甲公司,2023,6\n2,乙公司,2023,7\n",
    )


def formats() -> None:
    import xlwt

    old = xlwt.Workbook()
    sheet = old.add_sheet("表")
    for r, row in enumerate(
        [
            ["统一社会信用代码", "单位名称", "注册资本(万元)", "成立日期"],
            [CODES[0], "甲公司", 500.5, None],
            [CODES[1], "乙公司", 80, None],
        ]
    ):
        for c, cell in enumerate(row):
            if cell is not None:
                sheet.write(r, c, cell)
    sheet.write(1, 3, datetime(2019, 1, 2), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    old.save(str(folder("xls") / "list.xls"))
    frame = pl.DataFrame(
        {
            "key": [1, 2, 2, None, 3],
            "name": ["甲公司", "乙公司", "乙公司", "丙公司", "丁公司"],
            "registered_capital": [5_000_000.0, float("nan"), 12.5, 1.0, 0.005],
            "staff_total": [10, 19, 20, 1, 5],
            "founded_on": [date(2019, 1, 2), None, None, None, date(2020, 2, 29)],
            "foreign_invested": [True, False, None, None, True],
            "industry": [111, 65, None, 6510, 6540],
        }
    )
    frame.write_parquet(folder("parquet") / "list.parquet")
    mapping("parquet", 'lists:\n  - file: list.parquet\n    key: key\n    unit: 元\n    edition: "2017"\n')
    book(
        "spreadsheet-errors", {"表": [["单位名称", "从业人数"], ["甲公司", "#REF!"], ["乙公司", "#N/A"], ["丙公司", 5]]}
    )
    text("html-as-xls", "list.xls", "<html><body><table><tr><td>甲公司</td></tr></table></body></html>")
    text("unknown-ending", "list.doc", "甲公司")
    text("nothing-known", "list.csv", "颜色,形状\n红,圆\n")
    text("empty", "list.csv", "")
    text("broken-zip", "list.xlsx", "PK\x03\x04 not a workbook")


def _quoted(cell: str) -> str:
    return f'"{cell}"' if "," in cell else cell


if __name__ == "__main__":
    headers_and_layout()
    encodings()
    values()
    keys()
    records()
    formats()
    print(len(list(CORPUS.iterdir())), "folders")
