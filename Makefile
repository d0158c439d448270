# make help lists the targets. Each makes its own environment first (scripts/bootstrap).
#   make PYTHON=python3.12 VENV=.venv-3.12 test     another interpreter, beside the usual environment
VENV ?= .venv
PYTHON ?=
export PYTHON
# What a user may have set must not change what is checked.
unexport HUIQI_RULES
unexport HUIQI_DEBUG
# Else every process that the tests start compiles the modules anew.
unexport PYTHONDONTWRITEBYTECODE

BIN := $(VENV)/bin
TODAY := $(shell TZ=CST-8 date +%F)
SAMPLE := samples/mixed.yaml

.DEFAULT_GOAL := help
.PHONY: help demo serve serve-centre test lint types accept bench conformance spark catalogue screenshots clean environment

help: ## 列出全部目标
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

environment:
	@scripts/bootstrap $(VENV)

demo: environment ## 一家虚构企业在三个日期的对照结果
	@$(BIN)/huiqi check $(SAMPLE) --as-of 2017-06-30 --brief
	@$(BIN)/huiqi check $(SAMPLE) --as-of 2022-06-30 --brief
	@$(BIN)/huiqi check $(SAMPLE) --as-of $(TODAY) --brief
	@echo "完整的理由和出处：$(BIN)/huiqi check $(SAMPLE) --as-of 2017-06-30"
	@echo "换成您的企业（先 source $(BIN)/activate）："
	@echo "    huiqi new -o 我的企业.yaml"

serve: environment ## 启动自查网站 http://127.0.0.1:8000/
	@scripts/install-web-libs $(VENV)
	@$(BIN)/huiqi serve

serve-centre: environment ## 用虚构的数据试用工作台 http://127.0.0.1:8000/centre/
	@scripts/install-web-libs $(VENV)
	@$(BIN)/python -m scripts.serve_centre

spark: environment
	@scripts/install-spark $(VENV)

test: environment spark ## 全部测试；有跳过的也算失败
	@scripts/install-postgres
	@scripts/install-redis
	@scripts/install-web-libs $(VENV)
	@scripts/install-browser
	@$(BIN)/pytest --forbid-skips -n auto --dist loadfile

lint: environment ## 代码风格、模块依赖、规则
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/huiqi rules lint

types: environment spark ## 严格的类型检查
	@$(BIN)/mypy

accept: environment ## 接受当前输出为预期结果（之后请看差异）
	@$(BIN)/python -m tests.accept
	@$(BIN)/pytest -q --accept -m snapshot
	@git --no-pager diff --stat

bench: environment spark ## 速度；写进 docs/benchmarks.md 和 docs/centre/
	@$(BIN)/pip install -q --no-deps -r requirements/bench.txt
	@$(BIN)/python -m benchmarks.screening
	@$(BIN)/python -m benchmarks.authoring
	@$(BIN)/python -m benchmarks.rule_changes
	@$(BIN)/python -m benchmarks.road_map
	@$(BIN)/python -m benchmarks.web_load
	@scripts/install-postgres
	@$(BIN)/python -m benchmarks.centre_load --database both
	@$(BIN)/python -m benchmarks.centre_list
	@$(BIN)/python -m benchmarks.centre_writers
	@$(BIN)/python -m benchmarks.centre_crash
	@$(BIN)/python -m benchmarks.lists

conformance: environment ## 执行器一致：forward 两万个随机画像，columns 十万个
	@HUIQI_CONFORMANCE=20000 $(BIN)/pytest -q --forbid-skips tests/conformance
	@HUIQI_CONFORMANCE=100000 $(BIN)/pytest -q --forbid-skips tests/columns/test_conformance.py

catalogue: environment ## 编译命令行的中文消息；收集网页的文字供翻译（build/site.pot）
	@$(BIN)/pybabel -q compile -D huiqi -d cli/locale -l zh_CN
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F pyproject.toml --project=huiqi --sort-by-file -o build/site.pot web

screenshots: environment ## README 里的图片
	@scripts/install-browser
	@scripts/screenshots $(BIN)

clean: ## 删除环境和缓存
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
