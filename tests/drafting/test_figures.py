"""What counts as a figure, what it is and what it is for."""

from __future__ import annotations

import pytest

from engine.drafting.figures import figures

# Sentence, then each figure as text/kind/role.
SENTENCES = [
    ("给予一次性奖励10万元。", "10万元/money/amount"),
    ("给予５０万元奖励。", "５０万元/money/amount"),
    ("按投资额的1%予以最高100万元的补贴。", "1%/ratio/rate 100万元/money/cap"),
    ("按技术交易额的1‰给予年度最高10万元的奖励。", "1‰/ratio/rate 10万元/money/cap"),
    ("分别给予30万元、20万元和10万元奖励。", "30万元/money/tier 20万元/money/tier 10万元/money/tier"),
    ("分别给予50、30、20万元奖励。", "50/money/tier 30/money/tier 20万元/money/tier"),
    ("给予10-20万元补贴。", "10-20万元/money/amount"),
    ("按百分之十给予不超过二十万元补助。", "百分之十/ratio/rate 二十万元/money/cap"),
    ("对上年度营业收入5000万元以上的企业给予补贴。", "5000万元/money/threshold"),
    ("研发投入占比不低于3.5%的企业，给予20万元奖励。", "3.5%/ratio/threshold 20万元/money/amount"),
    ("给予个人1:1比例配套奖励。", "1:1/ratio/rate"),
    ("全市合同交易金额超过40亿元。", "40亿元/money/quota"),
    ("新增孵化器1-2家，高新技术企业达到1,200家。", "1-2家/count/quota 1,200家/count/quota"),
    ("每年支持30名左右人才和两个团队。", "30名/count/quota 两个/count/quota"),
    ("到2025年，建成三家平台。", "2025年/date/deadline 三家/count/quota"),
    ("2024年12月31日前完成。", "2024年12月31日/date/deadline"),
    ("应在每年6月30日前提交。", "6月30日/date/deadline"),
    ("自2023年3月1日起施行，有效期三年。", "2023年3月1日/date/validity 三年/period/validity"),
    ("不得晚于七月十五日报送。", "七月十五日/date/other"),
    ("每半年兑现一次。", "半年/period/other"),
    ("收到申请后20个工作日内办结。", "20个工作日/period/deadline"),
    ("实施期为2021-2023年。", "2021-2023年/date/other"),
    ("对连续运营满三年的平台给予30万元。", "三年/period/threshold 30万元/money/amount"),
    # Units
    ("床位100张、存栏2000头、仓储3万㎡、装机50MW。", "100张/count/other 2000头/count/other 3万㎡/count/other 50MW/count/other"),
    ("发电2.5亿千瓦时，年满45周岁。", "2.5亿千瓦时/count/other 45周岁/count/other"),
    ("奖励50万套用旧政策的不计，补贴30万支持3支队伍。", "50万/money/amount 30万/money/amount 3支/count/other"),
    ("与20家单位合作，由2部门会审3单。", "20家/count/other 2/number/other 3单/count/other"),
    ("连续三个完整会计年度盈利。", "三个完整会计年度/period/other"),
    ("贷款不超过一年半，利率上浮50个基点。", "一年半/period/deadline 50个基点/ratio/other"),
    ("给予50万人民币资助。", "50万人民币/money/amount"),
    # Numerals in words
    ("共一百二十人，每人一万五千元。", "一百二十人/count/other 一万五千元/money/other"),
    ("满一年的按一半补贴，不足一个月的不计。", "一年/period/threshold 一半/ratio/rate 一个月/period/other"),
    ("上一年、上半年和同一年度不计，统一年审。", ""),
    ("面积达万亩以上，经费超百万元；建设万亩良田、百家门店。", "万亩/count/quota 百万元/money/other"),
    ("总量超过五千亿，形成五百亿级集群。", "五千亿/count/quota"),
    ("三十多家企业，六成以上盈利，打八折。", "三十多家/count/other 六成/ratio/quota 八折/ratio/other"),
    ("每家企业只能申请一次，设立一家公司。", "一次/count/other"),
    # Shares
    ("按1/3给予补助，或按1比1配套，分期按4:3:3拨付。", "1/3/ratio/rate 1比1/ratio/rate 4:3:3/ratio/other"),
    ("给予不低于实际投资10%的资金支持。", "10%/ratio/rate"),
    # Dates
    ("2024年1—6月和2023年度的每年3月、9月受理。", "2024年1—6月/date/other 2023年度/date/other 3月/date/other 9月/date/other"),
    ("2020 年 3 月 1 日起，六月底前完成。", "2020 年 3 月 1 日/date/other 六月底/date/deadline"),
    ("二00三年七月二日至二○二五年十二月。", "二00三年七月二日/date/other 二○二五年十二月/date/deadline"),
    # Names
    ("世界500强、2—5星级饭店、985高校、“600”模式、“1+N”、6大产业、第1—3年。", ""),
    ("每天9:30—17:00办公，见附件2；编号0144/2019-07199，5楼1526室。", ""),
    ("须提交：1.申请表；2.执照；(3)合同。", ""),
    ("1 | 质量奖 | 100 |", "100/number/other"),
    ("三年行动纲要，党代会二次全会，增长两位数。", ""),
    ("建设一批平台，形成“四个一”机制和“3+2”布局。", ""),
    ("根据《三年行动计划(2021-2023年)》(京科发〔2021〕4号)第十二条、第3次会议。", ""),
    ("3.支持企业发展。", ""),
    ("咨询电话：010-88881234，网址www.a1b2.cn，邮箱x1@a.cn。", ""),
    ("发展5G、C919和G60走廊，位于1号院。", ""),
    ("建设数百家企业、几十个平台、第一家门店。", ""),
]


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_figures(sentence: str, expected: str) -> None:
    found = figures(sentence)
    assert " ".join(f"{figure.text}/{figure.kind}/{figure.role}" for figure in found) == expected
    for figure in found:
        assert sentence[figure.start : figure.end] == figure.text


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("给予50、30、20.5万元奖励。", ["500000", "300000", "205000"]),
        ("按8‰给予最高1,000万元。", ["0.008", "10000000"]),
        ("给予二十万元，配套1:1。", ["200000", "1"]),
        ("资金达到1千万，给予一半、1000万支持。", ["10000000", None, "10000000"]),
        ("给予10-20万元，三分之一由区里承担，20万美元另计。", [None, None, None]),
    ],
)
def test_values_are_exact_or_absent(sentence: str, values: list[str | None]) -> None:
    """A range, what would not end and foreign money have none."""
    assert [figure.value for figure in figures(sentence)] == values
