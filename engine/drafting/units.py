"""The units that may follow a number, as alternatives of a pattern: of money, of a share, of time, of things.

The words that count things are a large but closed class; those that also begin another word (3单位, 2部门) name in a
lookahead what must not follow.
"""

from __future__ import annotations

SCALE = "(?:万亿|千亿|百亿|十亿|千万|百万|十万|亿|万|千|百)"
MONEY = rf"{SCALE}?(?:余|多)?{SCALE}?(?:美元|港元|欧元|日元|英镑|元|人民币)"

_DISCOUNT = "折(?![叠旧算合抵])"
_TENTHS = "成(?=以[上下]|左右|[的,。、；;)]|给予|予以|补|奖|资)"
RATIO = f"%|‰|个百分点|个千分点|个基点|基点|倍|{_DISCOUNT}|{_TENTHS}"
WORD_RATIO = f"倍|半|{_DISCOUNT}|{_TENTHS}"

_KINDS_OF_YEAR = "(?:完整|自然|财政|会计|财务|纳税|税务|考核|申报|统计|经营|建设|日历|连续)*"
_SPANS = rf"个{_KINDS_OF_YEAR}(?:工作日|交易日|年度?|季度|月|星期|周|学期|学年|日|天|小时|晚上)"
PERIOD = (
    f"{_SPANS}|工作日|自然日|交易日|日历天|历天|自然年度?|周年|学年|年半|年度?|季度|星期|天|日|晚|夜|周(?!岁)"
    "|小时|课时|学时|分钟|秒|期"
)
WORD_PERIOD = f"{_SPANS}|个?工作日|周年|年半?(?!级)|天|日内|周(?!岁)内?|小时|晚|昼夜"
"""After a numeral in words, where 日, 期 and 季度 mostly belong to a name."""
ONE_PERIOD = f"{_SPANS}|年(?![一来级四度])|天(?!候)|周内|小时"
"""After 一 alone, which is otherwise an article (一家) or a place in a row (一季度)."""


def _alternatives(*units: str) -> str:
    """Longer units before those that begin them."""
    return "|".join(sorted(" ".join(units).split(), key=lambda unit: -len(unit.partition("(")[0])))


_MEASURED = (
    "人次 件次 家次 车次 架次 航次 班次 场次 列次 艘次 台次 台套 人日 人天 人年 平方米 平方公里 平方千米 平方 平米"
    " ㎡ m² 立方米 立方 公里 千米 海里 米 厘米 毫米 微米 纳米 英寸 英尺 公顷 亩(?!均) 吨公里 吨 公斤 千克 克 斤 升(?!级|规|格|至) 毫升"
    " 瓦时 千瓦时 千瓦 兆瓦时 兆瓦 吉瓦 千伏安 千伏 伏安 伏 瓦 蒸吨 标准箱 标箱 兆赫 赫兹"
)
_SYMBOLS = "m2 kWh MWh kW KW MW GW TEU kg km mm nm EFLOPS PFLOPS TFLOPS GFLOPS EB PB TB GB P E"
_COUNTED = (
    "家(?!庭|具|电|政|居) 个(?!一批|毫不|确立|维护|全面|自信|意识) 名(?!单|称|录|牌|优) 人(?!民|均|才|工智|力资) 件 套(?!用)"
    " 批(?!准|复|发) 种(?!植|子|业|养|粮) 台(?!账) 户(?!籍|外|均|口) 所(?!有|得|属|在|需|缴|获) 处(?!于|理|罚|置) 只(?!能|有|要|限|需)"
    " 场(?!地|所|景|馆|租) 支(?!持|付|撑|出|部) 座(?!谈) 间(?!接) 篇 款(?!项) 辆 艘 架(?!构) 栋 幢 枚 块 张 份(?!额) 颗 粒"
    " 棵 株 头(?!部) 匹(?!配) 羽 尾(?!款) 窝 幅(?!度) 副 集(?!聚|群|中|成|体|团) 盏 樘 桶 瓶 罐 袋 箱 柜 盒 捆 桩(?!基)"
    " 根(?!据) 床 席 宗 起(?!草|步|点) 例(?!如|外) 组(?!织|建|成|合|长) 册 股(?!权|份|东) 笔 票(?!据|房) 周岁 岁 片(?!区) 项"
    " 次(?!产业|全会|会议) 位(?!于|置|居|列|数|一体) 轮(?!换) 档(?!案) 单(?!位|个|项|独|家|户|体|次|笔|件|一|张)"
    " 本(?!市|区|县|省|科|级|办|地|企|措|政|通|规) 部(?!分|门|级|委|队|署)"
)
_LOOSE = (
    "条(?!件|款|例) 门(?!槛|类|店|诊) 级(?!别) 类(?!型|别) 层(?!次|面|级) 分(?!别|类|期|级|批|年|段|档|支|布) 度(?!假) 届 路(?!径|演)"
    " 对(?!口|接|外|应|标|于) 站(?!点) 字(?!号) 版(?!权|本) 页 节(?!能|点|约|庆|水) 班(?!子) 口(?!岸|径) 列(?!入|为|支|席)"
    " 车(?!间|企|辆) 盆 卷 包(?!括|含|装|干) 代(?!表|理|码|办)"
)
"""Counted with digits only: in words they make names (二级, 三条)."""

THING = _alternatives(_MEASURED, _SYMBOLS, _COUNTED, _LOOSE)
WORD_THING = _alternatives(_MEASURED, _COUNTED)
