"""What writers of rules wait for: reading, lint, proof, handbook, and what hostile text costs before it is refused.

``python -m benchmarks.authoring`` prints medians of this run in CPU time, each as a ratio: reading to PyYAML's own C
loader on the same text, refusing hostile text to reading an honest file, the rest to loading the packs afresh.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date

import yaml

from engine import load_pack, loader
from engine.compiler import compile_pack
from engine.completions.session import Completions
from engine.completions.verify import verify
from engine.diagnostics import Findings
from engine.lint import lint
from engine.loader import BUILT_IN
from engine.profile import profile_of
from engine.yaml_source import MAX_SIZE, read_bytes
from web.book import book

ROUNDS = 5
AS_OF = date(2017, 6, 30)
HONEST = "m:\n" + "".join(
    f"  - id: a-{i}\n    when: {{field: x, at_least: {i}}}\n    甲: 文字\n" for i in range(1000)
)
HOSTILE = {
    "10万层括号": "[\n" * 100_000,
    "10万条 %TAG": "%TAG !a! x\n" * 100_000,
    "50万个引用": "[" + "*a," * 500_000,
    "20万个同名项": "a: 1\n" * 200_000,
    "30万个节点": "- x\n" * 300_000,
    "超过长度": "x" * (MAX_SIZE + 1),
    "没有结束的字符串": '"' + "x" * 2_000_000,
    "控制字符": "\0" * 2_000_000,
}


def median(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of CPU time."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        action()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def read(text: str) -> None:
    """Read a rule file; what is wrong is collected."""
    read_bytes(text.encode(), "a.yaml", Findings())


def load_afresh() -> None:
    """All packs, from the files."""
    loader._cached.cache_clear()
    load_pack()


def one_more_answer() -> tuple[float, float]:
    """Asking a measure's solver with no answer yet, and again after one more answer."""
    pack = load_pack()
    program, id = compile_pack(pack), next(measure.id for measure in pack.measures)
    anew = median(lambda: Completions(program, profile_of({}, pack.vocabulary, pack.tables), AS_OF).can_become(id, "eligible"))
    running = Completions(program, profile_of({}, pack.vocabulary, pack.tables), AS_OF)
    running.can_become(id, "eligible")
    told = profile_of({"registered_division": "固安县"}, pack.vocabulary, pack.tables)

    def answer() -> None:
        running.push(told)
        running.can_become(id, "eligible")
        running.pop()

    return anew, median(answer)


def main() -> None:
    """Measure and print."""
    load_pack()
    honest, peer = median(lambda: read(HONEST)), median(lambda: yaml.load(HONEST, yaml.CSafeLoader))
    print(f"读规则文件（{len(HONEST) // 1024} KiB）\t{honest:.3f} 秒\tPyYAML 的 {honest / peer:.1f} 倍")
    for name, text in HOSTILE.items():
        cost = median(lambda text=text: read(text))  # type: ignore[misc]
        print(f"拒绝{name}（{len(text) // 1024} KiB）\t{cost:.3f} 秒\t正常文件的 {cost / honest:.1f} 倍")
    loading = median(load_afresh)
    print(f"读全部规则\t{loading:.2f} 秒\t1.0 倍")
    linted = median(lambda: lint(BUILT_IN, Findings()))
    print(f"rules lint 全部规则\t{linted:.2f} 秒\t读规则的 {linted / loading:.1f} 倍")
    pack = load_pack()
    made = median(lambda: book(pack))
    print(f"rules book\t{made:.2f} 秒\t读规则的 {made / loading:.1f} 倍")
    proved = median(lambda: verify(load_pack()), 1)
    print(f"rules verify\t{proved:.2f} 秒\t读规则的 {proved / loading:.1f} 倍")
    anew, more = one_more_answer()
    print(f"求解器再回答一问\t{more * 1000:.1f} 毫秒\t从头回答的 {more / anew:.2f} 倍")


if __name__ == "__main__":
    main()
